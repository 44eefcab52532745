"""What a hard reading of the records found stays repaired: one question a rule, over all files.

Each file of `tests/review/` asks for what breaks one rule and says what to write instead. A gap
that the sources leave, or a disagreement that is shown, has a row in `known-disagreements.tsv`.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from kb import rows, terms
from kb.queries import Query, read
from kb.release import Release

FOLDER = Path(__file__).parent / "review"
RULES = [read(path) for path in sorted(FOLDER.glob("*.rq"))]

# A municipality is called by its name with or without what it is.
GENERIC = re.compile(r"^(ville|commune|mairie|municipalite|city|stadt)-(de-la-|de-|d-|of-)?")
NAMES = f"""
PREFIX essaim: <{terms.ESSAIM}>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?actor ?country ?label WHERE {{
  ?actor a essaim:Actor ; rdfs:label ?label
  OPTIONAL {{ ?actor essaim:inCountry ?country }}
  FILTER(LANG(?label) = "fr")
}}"""


@cache
def known() -> dict[str, dict[str, str]]:
    """The disagreements that are listed: rule, first column of the row, reason."""
    listed: dict[str, dict[str, str]] = defaultdict(dict)
    with (FOLDER / "known-disagreements.tsv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            listed[row["rule"]][row["node"]] = row["reason"]
    return listed


def broken(release: Release, rule: Query) -> dict[str, str]:
    """What breaks a rule: the node, shortened, and the rest of the first row about it."""
    found: dict[str, str] = {}
    for cells in rows.select(release.engine, rule.text).texts():
        node, *rest = (cell.removeprefix(terms.BASE) for cell in cells)
        found.setdefault(node, " ".join(rest))
    return found


def stem(rule: Query) -> str:
    return rule.path.stem


@pytest.mark.parametrize("rule", RULES, ids=stem)
def test_no_record_breaks_a_rule_of_the_review(shipped: Release, rule: Query) -> None:
    allowed = known().get(stem(rule), {})
    new = {node: rest for node, rest in broken(shipped, rule).items() if node not in allowed}
    told = "\n".join(f"{node} {rest}" for node, rest in sorted(new.items()))
    assert not new, f"{rule.summary('en')}: {rule.description('en')}\n{told}"


@pytest.mark.parametrize("rule", [rule for rule in RULES if stem(rule) in known()], ids=stem)
def test_a_listed_disagreement_still_exists(shipped: Release, rule: Query) -> None:
    gone = set(known()[stem(rule)]) - set(broken(shipped, rule))
    assert not gone, f"remove from known-disagreements.tsv, under {stem(rule)}: {sorted(gone)}"


@pytest.mark.parametrize("rule", RULES, ids=stem)
def test_a_rule_of_the_review_says_what_to_write(rule: Query) -> None:
    for text in (rule.summary, rule.description):
        assert text("fr") != text("en"), f"{rule.path.name}: write it in fr and en"
        assert min(len(text("fr")), len(text("en"))) > 10, f"{rule.path.name}: write it in words"


def test_a_listed_disagreement_has_a_rule_and_a_reason() -> None:
    assert set(known()) <= {stem(rule) for rule in RULES}
    for rule, nodes in known().items():
        for node, reason in nodes.items():
            assert len(reason) > 30, f"{rule}, {node}: say why it is left as it is"


def test_no_actor_is_recorded_twice_under_one_name(shipped: Release) -> None:
    by_name: dict[str, dict[str, str]] = defaultdict(dict)
    for actor, country, label in rows.select(shipped.engine, NAMES).texts():
        by_name[GENERIC.sub("", terms.slug(label))][actor.removeprefix(terms.BASE)] = country
    # Two countries may each have one; a record that names no country is set against all.
    twice = [
        (one, other)
        for actors in by_name.values()
        for one, other in combinations(sorted(actors), 2)
        if actors[one] == actors[other] or not (actors[one] and actors[other])
    ]
    assert not twice, f"merge the records, or tell them apart by their names: {twice}"
