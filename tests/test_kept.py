"""Kept queries: the same address for good, the same checksum for everybody, nothing lost."""

from __future__ import annotations

import hashlib
import json
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from kb.cli import main
from kb.kept import answers, citing
from kb.kept.answers import Canonical, Question
from kb.kept.shelf import KeptProblem, Limits, Shelf
from kb.queries import registry
from kb.release import Release
from web import kept as pages

ROOT = Path(__file__).parent.parent
COUNT = (
    "# Innovations by name\nSELECT ?s WHERE { ?s a essaim:SocialInnovation } ORDER BY ?s LIMIT 5"
)
PREFIX = "PREFIX essaim: <https://w3id.org/essaim/ns#>\n"
SOME = Canonical(answers.TSV, "?s", ("<urn:a>", "<urn:b>"))
EXAMPLES = sorted(registry(ROOT / "queries" / "examples"))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "kept")


@pytest.fixture
def visitor(app: Flask, tmp_path: Path) -> FlaskClient:
    """A client of an application whose shelf is empty."""
    app.extensions[pages.EXTENSION] = Shelf(tmp_path / "kept", Limits(queries=3))
    return app.test_client()


def keep(visitor: FlaskClient, query: str = PREFIX + COUNT) -> dict[str, str]:
    answer = visitor.post("/q", data={"query": query}, headers={"Accept": "application/json"})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    document: dict[str, str] = answer.get_json()
    assert answer.headers["Location"].endswith("/q/" + document["id"])
    return document


def test_a_kept_query_is_given_back_as_it_was(shelf: Shelf) -> None:
    question = Question("SELECT * { ?s ?p 'é\t\"' }", ("urn:g",), ("urn:h",))
    made = shelf.keep(question, SOME, "r1", "2026-01-02", "192.0.2.1")
    assert shelf.find(made.id) == made
    assert made.is_intact
    assert shelf.find("nothing") is None


def test_the_same_question_of_the_same_release_keeps_its_address(shelf: Shelf) -> None:
    first = shelf.keep(Question("ASK {}"), SOME, "r1", "2026-01-02", "a")
    again = shelf.keep(Question("ASK {}"), SOME, "r1", "2026-01-02", "b")
    later = shelf.keep(Question("ASK {}"), SOME, "r2", "2026-02-02", "a")
    assert first == again
    assert later.id != first.id
    assert len(shelf.all()) == 2


def test_one_address_cannot_fill_the_shelf(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Limits(queries=2, size=10_000, total=500))
    for number in range(2):
        shelf.keep(Question(f"ASK {{ ?s ?p {number} }}"), SOME, "r", "2026-01-02", "a")
    with pytest.raises(KeptProblem, match="at most 2") as found:
        shelf.keep(Question("ASK {}"), SOME, "r", "2026-01-02", "a")
    assert found.value.code == "keeper-full"
    shelf.keep(Question("ASK {}"), SOME, "r", "2026-01-02", "b")
    with pytest.raises(KeptProblem, match="no more") as found:
        shelf.keep(Question("ASK { }" + " " * 500), SOME, "r", "2026-01-02", "c")
    assert found.value.code == "shelf-full"


def test_no_address_of_a_visitor_is_written(shelf: Shelf) -> None:
    shelf.keep(Question("ASK {}"), SOME, "r", "2026-01-02", "203.0.113.77")
    raw = b"".join(path.read_bytes() for path in shelf.path.parent.iterdir())
    assert b"203.0.113.77" not in raw
    assert hashlib.sha256(b"203.0.113.77").hexdigest().encode() not in raw


def test_many_may_keep_at_once(shelf: Shelf) -> None:
    def several(who: int) -> None:
        for number in range(10):
            question = Question(f"ASK {{ ?s ?p {who * 100 + number} }}")
            shelf.keep(question, SOME, "r", "2026-01-02", str(who))

    threads = [threading.Thread(target=several, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({kept.id for kept in shelf.all()}) == 40


WRITER = """
import sys
from pathlib import Path
from kb.kept.answers import Canonical, Question
from kb.kept.shelf import Limits, Shelf
shelf = Shelf(Path(sys.argv[1]), Limits(queries=10**6))
for number in range(10**6):
    question = Question(f"ASK {{ ?s ?p {number} }}")
    answer = Canonical("text/tab-separated-values", "?s", tuple(str(n) for n in range(number % 99)))
    print(shelf.keep(question, answer, "r", "2026-01-02", "a").id, flush=True)
"""


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert writer.stdout is not None
    told = [writer.stdout.readline().decode().strip() for _ in range(40)]
    writer.send_signal(signal.SIGKILL)
    told += writer.stdout.read().decode().split("\n")[:-1]
    writer.wait(10)
    there = {kept.id: kept for kept in Shelf(tmp_path).all()}
    assert set(told) <= set(there)
    assert all(kept.is_intact for kept in there.values())


def _small_files() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))


def test_a_full_disk_is_said_and_nothing_kept_is_lost(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WRITER, str(tmp_path)], capture_output=True, text=True, cwd=ROOT,
        preexec_fn=_small_files, timeout=60, check=False,
    )  # fmt: skip
    assert "KeptProblem" in done.stderr, done.stderr
    told = done.stdout.split()
    there = {kept.id for kept in Shelf(tmp_path).all()}
    assert told
    assert set(told) <= there


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "queries.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(KeptProblem, match="cannot be read") as found:
        Shelf(tmp_path).find("abc")
    assert found.value.code == "shelf-unavailable"


def test_a_changed_answer_is_noticed(shelf: Shelf) -> None:
    made = shelf.keep(Question("ASK {}"), SOME, "r", "2026-01-02", "a")
    other = shelf.keep(
        Question("ASK { }"), Canonical(answers.TSV, "?s", ("<urn:c>",)), "r", "2026-01-02", "a"
    )
    with sqlite3.connect(shelf.path) as base:
        base.execute(
            "UPDATE kept SET answer = (SELECT answer FROM kept WHERE id = ?) WHERE id = ?",
            (other.id, made.id),
        )
    found = shelf.find(made.id)
    assert found is not None
    assert not found.is_intact


def test_blank_nodes_and_order_do_not_change_the_checksum() -> None:
    one = answers.read(answers.TSV, '?s\t?o\n_:a1\t"x _:b1 y"\n<urn:b>\t1\n')
    two = answers.read(answers.TSV, '?s\t?o\n<urn:b>\t1\n_:ffee\t"x _:b1 y"\n')
    assert one.sha256 == two.sha256
    assert '"x _:b1 y"' in one.text
    graph = answers.read(answers.NTRIPLES, '_:x <urn:p> "_:x ." .\n<urn:a> <urn:p> _:y .\n')
    assert graph.lines == ("<urn:a> <urn:p> _:b .", '_:b <urn:p> "_:x ." .')


def test_a_row_twice_counts_twice() -> None:
    before = answers.read(answers.TSV, "?n\n1\n1\n2\n")
    after = answers.read(answers.TSV, "?n\n1\n2\n3\n")
    difference = answers.compare(before, after)
    assert (difference.added, difference.removed) == (("3",), ("1",))
    assert difference
    assert not answers.compare(before, before)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_question_asked_twice_has_one_checksum(shipped: Release, name: str) -> None:
    query = registry(ROOT / "queries" / "examples")[name]
    question = Question(query.bound({}))
    assert answers.ask(shipped.engine, question).sha256 == answers.ask(
        shipped.engine, question
    ).sha256  # fmt: skip


def test_an_answer_through_the_protocol_has_the_checksum(visitor: FlaskClient) -> None:
    """The recipe of the page: heading, then rows sorted by bytes, then SHA-256."""
    kept = keep(visitor)
    tsv = visitor.get(
        "/sparql", query_string={"query": kept["query"]},
        headers={"Accept": "text/tab-separated-values"},
    ).get_data()  # fmt: skip
    heading, *rows = tsv.removesuffix(b"\n").split(b"\n")
    whole = b"".join(line + b"\n" for line in (heading, *sorted(rows)))
    assert hashlib.sha256(whole).hexdigest() == kept["sha256"]
    assert visitor.get(f"/q/{kept['id']}/answer").get_data() == whole


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_says_what_to_cite(visitor: FlaskClient, language: str) -> None:
    kept = keep(visitor)
    headers = {"Accept": "text/html", "Accept-Language": language}
    page = visitor.get("/q/" + kept["id"], headers=headers).get_data(as_text=True)
    for said in ("Innovations by name", kept["sha256"], kept["release"], kept["kept"][:10]):
        assert said in page
    assert "kept." not in page.replace("kept.keep", "")


FORMS = {
    "json": lambda text: json.loads(text)["sha256"],
    "csl.json": lambda text: json.loads(text)[0]["URL"],
    "bib": lambda text: text.startswith("@misc{essaim-q-"),
    "rq": lambda text: "essaim:SocialInnovation" in text,
    "txt": lambda text: "/q/" in text,
}


@pytest.mark.parametrize("suffix", sorted(FORMS))
def test_a_kept_query_has_many_forms(visitor: FlaskClient, suffix: str) -> None:
    kept = keep(visitor)
    by_suffix = visitor.get(f"/q/{kept['id']}.{suffix}")
    assert FORMS[suffix](by_suffix.get_data(as_text=True))
    by_accept = visitor.get("/q/" + kept["id"], headers={"Accept": by_suffix.mimetype})
    assert by_accept.get_data() == by_suffix.get_data()
    assert 'rel="cite-as"' in by_accept.headers["Link"]


def test_a_browser_is_led_to_the_page(visitor: FlaskClient) -> None:
    answer = visitor.post(
        "/q", data={"query": PREFIX + COUNT}, headers={"Accept": "text/html,*/*;q=0.8"}
    )
    assert answer.status_code == 303
    assert visitor.get(answer.headers["Location"]).status_code == 200


def test_today_says_what_differs(visitor: FlaskClient, app: Flask, shipped: Release) -> None:
    kept = keep(visitor)
    same = visitor.get(f"/q/{kept['id']}/today", headers={"Accept": "application/json"}).get_json()
    assert same["same"] is True
    shelf: Shelf = app.extensions[pages.EXTENSION]
    before = answers.ask(shipped.engine, Question(PREFIX + COUNT))
    old = Canonical(before.media_type, before.heading, ("<urn:gone>", *before.lines[1:]))
    older = shelf.keep(Question(PREFIX + COUNT), old, "0123456789ab", "2020-01-01", "a")
    headers = {"Accept": "application/json"}
    differs = visitor.get(f"/q/{older.id}/today", headers=headers).get_json()
    assert differs["removed"] == ["<urn:gone>"]
    assert differs["added"] == [before.lines[0]]
    assert differs["after"]["release"] == shipped.id
    page = visitor.get(f"/q/{older.id}/today", headers={"Accept": "text/html"})
    assert "urn:gone" in page.get_data(as_text=True)


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 400), ("SELEC *", 400), ("SELECT * { SERVICE <http://localhost/> { ?s ?p ?o } }", 400),
     ("#" + "x" * 100_001, 413)],
)  # fmt: skip
def test_what_cannot_be_answered_is_not_kept(
    visitor: FlaskClient, app: Flask, query: str, status: int
) -> None:
    assert visitor.post("/q", data={"query": query}).status_code == status
    assert app.extensions[pages.EXTENSION].all() == []


def test_too_much_from_one_address_is_said(visitor: FlaskClient) -> None:
    for number in range(3):
        keep(visitor, f"ASK {{ ?s ?p {number} }}")
    answer = visitor.post("/q", data={"query": "ASK {}"}, headers={"Accept-Language": "en"})
    assert answer.status_code == 429
    assert "3 queries" in answer.get_data(as_text=True)


def test_an_unknown_and_a_withdrawn_query_are_told_apart(visitor: FlaskClient, app: Flask) -> None:
    kept = keep(visitor)
    assert visitor.get("/q/unknown").status_code == 404
    assert app.extensions[pages.EXTENSION].withdraw(kept["id"])
    assert visitor.get("/q/" + kept["id"]).status_code == 410
    assert not app.extensions[pages.EXTENSION].withdraw("unknown")


def test_a_yes_or_no_can_be_kept(visitor: FlaskClient) -> None:
    kept = keep(visitor, "ASK { ?s ?p ?o }")
    assert visitor.get(f"/q/{kept['id']}/answer").get_data(as_text=True) == "true\n"


def test_bibtex_survives_the_signs_of_a_title(shelf: Shelf) -> None:
    question = Question("# 50 % of {all} R&D_costs # $5\nASK {}")
    made = shelf.keep(question, SOME, "r", "2026-01-02", "a")
    assert r"50 \% of \{all\} R\&D\_costs \# \$5" in citing.bibtex(made, "https://e.org/q/x")


def test_who_runs_a_site_can_list_and_withdraw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESSAIM_HOME", str(tmp_path))
    made = Shelf(tmp_path / "kept").keep(Question("# Why\nASK {}"), SOME, "r", "2026-01-02", "a")
    run = CliRunner()
    assert f"{made.id}\t{made.kept_at[:10]}\tr\t2\tWhy" in run.invoke(main, ["kept", "list"]).output
    assert run.invoke(main, ["kept", "withdraw", made.id]).exit_code == 0
    assert "withdrawn" in run.invoke(main, ["kept", "list"]).output
    assert run.invoke(main, ["kept", "withdraw", "nothing"]).exit_code != 0
