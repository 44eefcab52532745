"""Thousands of generated queries and many hostile clients: nothing dies, nobody else waits.

The generator follows the grammar of SPARQL 1.1 §19.8 loosely, nests without measure and writes
some texts that are no SPARQL at all; its seed is fixed, so a failure can be repeated.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.engine.contract import Asked
from kb.engine.lanes import Limits
from kb.engine.pool import PoolEngine
from kb.problems import EngineProblem

RULES: dict[str, list[str]] = {
    "query": ["SELECT {columns} {{ {group} }} {end}"] * 4 + ["ASK {{ {group} }}",
              "CONSTRUCT {{ {triple} }} WHERE {{ {group} }}", "DESCRIBE {term} {{ {group} }}"],
    "columns": ["*", "?a ?b", "DISTINCT ?a", "({expression} AS ?z)", "(COUNT(*) AS ?n)",
                "(GROUP_CONCAT({expression}) AS ?n)", "(SUM(?a) AS ?n)"],
    "end": ["", "", "LIMIT 3", "ORDER BY {expression}", "GROUP BY ?a", "OFFSET 2 LIMIT 1",
            "HAVING ({expression})", "VALUES (?a ?b) {{ (1 UNDEF) ({term} 2) }}"],
    "group": ["{triple} ."] * 4 + ["{triple} . {group}", "{triple} . {group} . {group}",
              "OPTIONAL {{ {group} }}", "{{ {group} }} UNION {{ {group} }}",
              "MINUS {{ {group} }}", "GRAPH ?g {{ {group} }}", "FILTER({expression}) {group}",
              "FILTER EXISTS {{ {group} }}", "BIND({expression} AS ?y) {group}",
              "VALUES ?v {{ 1 2 {term} }} {group}", "{{ SELECT {columns} {{ {group} }} {end} }}",
              "SERVICE SILENT <http://127.0.0.1:9/> {{ {group} }}"],
    "triple": ["{term} {path} {term}"] * 3 + ["{term} {path} {term} ; {path} {term} , {term}",
               "[ {path} {term} ] {path} ({term} {term})"],
    "path": ["?p", "<http://x/p>", "<http://x/q>", "a", "{step}"],
    "step": ["<http://x/p>", "^{step}", "{step}/{step}", "({step}|{step})", "({step})*",
             "({step})+", "!(<http://x/p>|^a)", "({step})?"],
    "term": ["?a", "?b", "?c", "?d", "<http://x/{number}>", "{number}", '"text"@fr', "_:b", "true"],
    "expression": ["?a", "?b", "{number}", '"a"', "{expression} + {expression}",
                   "({expression} || {expression})", "!({expression})", "STR({expression})",
                   "REGEX(STR({expression}), '(a*)*b')", "{expression} < {expression}",
                   "CONCAT({expression}, {expression})", "REPLACE('aaaa', 'a', {expression})",
                   "IF({expression}, {expression}, {expression})", "RAND()", "UUID()",
                   "EXISTS {{ {group} }}", "{expression} IN ({expression}, 1)", "-({expression})"],
    "number": ["0", "1", "7", "999999999999999999999", "-3", "1e400", "0.1"],
}  # fmt: skip
SLOT = re.compile(r"\{(\w+)\}")
LIGHT = Asked("SELECT ?s { ?s <http://x/p> 7 }", deadline_s=10)
RUNAWAYS = [
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?d",
    "SELECT DISTINCT ?a ?d ?g { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "SELECT * { ?a ?b ?c . ?d ?e ?f }",
    "ASK { FILTER(" + "(" * 20_000 + "1" + ")" * 20_000 + ") }",
    "SELECT (GROUP_CONCAT(?c) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
]


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PoolEngine]:
    path = tmp_path_factory.mktemp("fuzz") / "kb.nq"
    line = "<http://x/{0}> <http://x/{2}> {1} <http://x/g{2}> .\n"
    integer = '"{0}"^^<http://www.w3.org/2001/XMLSchema#integer>'
    lines = [line.format(n, integer.format(n), "p") for n in range(3_000)]
    lines += [line.format(n, f"<http://x/{n + 1}>", "q") for n in range(3_000)]
    path.write_text("".join(lines), encoding="utf-8")
    engine = PoolEngine(path, limits=Limits(lanes=3, heavy=1, memory_bytes=300_000_000))
    yield engine
    engine.close()


def generated(chance: random.Random) -> str:
    """Return one query; now and then it is nested ten times deeper, or broken."""
    room = chance.choice([20, 60, 200, 2_000])
    text = "{query}"
    while found := SLOT.search(text):
        rules = RULES[found[1]]
        is_full = len(text) > room
        rule = min(rules, key=lambda r: len(SLOT.findall(r))) if is_full else chance.choice(rules)
        written = rule.replace("{{", "\x01").replace("}}", "\x02")
        text = text[: found.start()] + written + text[found.end() :]
    text = text.replace("\x01", "{").replace("\x02", "}")
    if chance.random() < 0.05:
        place = chance.randrange(len(text))
        text = text[:place] + chance.choice("{}()\"'<\\#\x00é") + text[place + 1 :]
    return text


def ask(pool: PoolEngine, text: str, deadline_s: float) -> str:
    try:
        for _ in pool.run(Asked(text, deadline_s=deadline_s, max_bytes=3_000_000)).chunks:
            pass
    except EngineProblem as problem:
        return problem.code
    return "answered"


@pytest.mark.parametrize(
    "count", [60, pytest.param(3_000, marks=pytest.mark.full)], ids=["some", "thousands"]
)
def test_generated_queries_leave_the_server_alive(pool: PoolEngine, count: int) -> None:
    chance = random.Random(count)
    outcomes: Counter[str] = Counter()
    for _ in range(count):
        text = generated(chance)
        outcomes[ask(pool, text, 0.25)] += 1
        assert outcomes.total() % 20 or pool.run(LIGHT).read(), text
    assert pool.health() == "ok"
    assert outcomes["answered"] > count / 5, outcomes
    assert not outcomes[""], "an outcome without a code"


def p99(pool: PoolEngine, seconds: float) -> float:
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.monotonic()
        pool.run(LIGHT).read()
        times.append(time.monotonic() - start)
        time.sleep(0.005)
    return sorted(times)[len(times) * 99 // 100]


@pytest.mark.full
def test_hostile_clients_do_not_delay_light_queries(pool: PoolEngine) -> None:
    quiet, stop = p99(pool, 4), threading.Event()

    def attack(number: int) -> None:
        chance = random.Random(number)
        while not stop.is_set():
            if ask(pool, chance.choice(RUNAWAYS), 10) == "busy":
                time.sleep(0.5)

    clients = [threading.Thread(target=attack, args=(number,), daemon=True) for number in range(6)]
    for client in clients:
        client.start()
    try:
        under_attack = p99(pool, 15)
    finally:
        stop.set()
    assert under_attack <= 2 * quiet + 0.05, f"quiet {quiet:.4f} s, hostile {under_attack:.4f} s"
    for client in clients:
        client.join(15)


def test_the_generator_repeats_itself(tmp_path: Path) -> None:
    assert generated(random.Random(1)) == generated(random.Random(1))
