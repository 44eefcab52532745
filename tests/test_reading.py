"""The reader that keeps places: equal to pyoxigraph on what is valid, exact about where."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.reading import read
from kb.reading.document import Statement
from kb.reading.places import Lines

ROOT = Path(__file__).parent.parent
ARCHIVE = Path(os.environ.get("ESSAIM_SUITES", "")) / "rdf-tests.tar.gz"
SUITES = {
    "rdf-turtle": ("turtle", ox.RdfFormat.TURTLE), "rdf-trig": ("trig", ox.RdfFormat.TRIG),
    "rdf-n-triples": ("n-triples", ox.RdfFormat.N_TRIPLES),
    "rdf-n-quads": ("n-quads", ox.RdfFormat.N_QUADS),
}  # fmt: skip
EXCEPTIONS = {
    line.split("\t")[0]
    for line in (ROOT / "tests/reading/exceptions.tsv").read_text(encoding="utf-8").splitlines()[1:]
}
LIST = [ox.NamedNode(f"http://www.w3.org/1999/02/22-rdf-syntax-ns#{n}") for n in ("first", "rest")]
MANIFEST = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"


def canonical(quads: object) -> set[ox.Quad]:
    graph = ox.Dataset(quads)  # type: ignore[arg-type]
    graph.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return set(graph)


@cache
def files() -> dict[str, bytes]:
    with tarfile.open(ARCHIVE) as archive:
        wanted = [m for m in archive if m.isfile() and "/rdf11/" in m.name]
        return {m.name: archive.extractfile(m).read() for m in wanted}  # type: ignore[union-attr]


def cases() -> list[tuple[str, str, str]]:
    """Suite, file and kind of every case; none where the suites are not."""
    if not ARCHIVE.is_file():
        return []
    found = []
    for suite in SUITES:
        folder = f"https://w3c.github.io/rdf-tests/rdf/rdf11/{suite}/"
        data = files()[f"rdf-tests/rdf/rdf11/{suite}/manifest.ttl"]
        kinds, actions = {}, {}
        for quad in ox.parse(data, ox.RdfFormat.TURTLE, base_iri=folder + "manifest.ttl"):
            if quad.predicate.value == MANIFEST + "action":
                actions[quad.subject] = quad.object.value  # type: ignore[union-attr]
            elif quad.predicate.value.endswith("#type") and "rdftest#" in str(quad.object):
                kinds[quad.subject] = quad.object.value.split("#")[1]  # type: ignore[union-attr]
        found += [(suite, actions[case], kind) for case, kind in kinds.items()]
    return sorted(found)


@pytest.mark.skipif(not ARCHIVE.is_file(), reason="set ESSAIM_SUITES to the folder of rdf-tests")
@pytest.mark.parametrize("suite", SUITES)
def test_the_w3c_suite_is_read_as_it_should(suite: str) -> None:
    form, oxigraph = SUITES[suite]
    wrong = set()
    for _, address, kind in (case for case in cases() if case[0] == suite):
        name = address.rpartition("/")[2]
        data = files()[f"rdf-tests/rdf/rdf11/{suite}/{name}"]
        document = read(data.decode("utf-8"), form, address)
        if "Negative" in kind:
            is_right = not document.is_valid
        else:
            expected = canonical(ox.parse(data, oxigraph, base_iri=address))
            is_right = document.is_valid and canonical(document.statements.quads()) == expected
        if not is_right:
            wrong.add(f"{suite}/{name}")
    expected_wrong = {name for name in EXCEPTIONS if name.startswith(suite + "/")}
    assert wrong == expected_wrong, "correct the reader, or list the case in exceptions.tsv"


def same(path: Path) -> None:
    data = path.read_bytes()
    document = read(data.decode("utf-8"), base=path.as_uri())
    assert not document.problems, f"{path.name}: {document.problems[:3]}"
    expected = canonical(ox.parse(data, ox.RdfFormat.TURTLE, base_iri=path.as_uri()))
    assert canonical(document.statements.quads()) == expected
    check_places(document.text, list(document.statements))


def check_places(text: str, statements: list[Statement]) -> None:
    for found in statements:
        for term, place in zip((found.subject, found.predicate, found.object), found.places[:3],
                               strict=True):  # fmt: skip
            written = text[place.start : place.end]
            assert Lines(written).place(0, 0).line == 1
            assert text.splitlines()[place.line - 1][place.column - 1 :][:1] == written[:1]
            if isinstance(term, ox.Literal):
                lexical = term.value if "\\" not in written else ""
                assert lexical in written
            elif isinstance(term, ox.BlankNode):
                assert written[0] in "[(_" or term.value.endswith("rest")
            elif written[0] not in "<()" and ":" in written and found.predicate not in LIST:
                assert term.value.endswith(written.rpartition(":")[2].replace("\\", ""))


@pytest.mark.parametrize("path", sorted(ROOT.glob("data/innovations/*.ttl"))[::25], ids=str)
def test_our_records_are_read_like_pyoxigraph_reads_them(path: Path) -> None:
    same(path)


@pytest.mark.full
def test_every_file_of_ours_is_read_like_pyoxigraph_reads_it() -> None:
    for folder in ("data", "ontology", "shapes"):
        for path in sorted((ROOT / folder).rglob("*.ttl")):
            same(path)


IRIS = st.sampled_from(["http://e/a", "http://e/é", "urn:x:y", "http://e/a#b.c", "http://e/%41"])
NODES = st.one_of(IRIS.map(ox.NamedNode), st.sampled_from("abc").map(ox.BlankNode))
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
LITERALS = st.one_of(
    TEXT.map(ox.Literal),
    TEXT.map(lambda text: ox.Literal(text, language="fr-ca")),
    st.tuples(TEXT, IRIS).map(lambda p: ox.Literal(p[0], datatype=ox.NamedNode(p[1]))),
    st.one_of(st.integers(), st.booleans(), st.floats()).map(ox.Literal),
)
QUADS = st.lists(
    st.builds(ox.Quad, NODES, IRIS.map(ox.NamedNode), st.one_of(NODES, LITERALS),
              st.one_of(st.just(ox.DefaultGraph()), NODES)),
    max_size=8,
)  # fmt: skip


@given(quads=QUADS, suite=st.sampled_from(sorted(SUITES)))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_pyoxigraph_writes_is_read_back(quads: list[ox.Quad], suite: str) -> None:
    form, oxigraph = SUITES[suite]
    if form in ("turtle", "n-triples"):
        quads = [ox.Quad(q.subject, q.predicate, q.object) for q in quads]
    prefixes = {"e": "http://e/"} if form in ("turtle", "trig") else None
    data = ox.serialize(quads, format=oxigraph, prefixes=prefixes) or b""
    document = read(data.decode("utf-8"), form)
    assert not document.problems
    assert canonical(document.statements.quads()) == canonical(quads)


def test_places_count_characters_on_every_kind_of_line() -> None:
    text = '@prefix é: <http://e/> .\r\n\té:ça é:p """un\r\ndeux"""@fr ,\n\t\t( 1 [ é:q "𝄞" ] ) .'
    found = list(read(text).statements)
    assert [str(p) for p in found[0].places[:3]] == ["2:2", "2:7", "2:11"]
    assert (found[0].places[2].end_line, found[0].places[2].end_column) == (3, 11)
    assert [text[p.start : p.end] for p in found[1].places[:3]] == ["é:ça", "é:p", "("]
    (member,) = [s for s in found if s.object == ox.Literal("𝄞")]
    assert text[member.places[0].start] == "["
    assert str(member.subject) == "_:l4c7"


def test_the_package_costs_nothing_until_it_reads() -> None:
    code = "import sys, kb.reading; sys.exit('pyoxigraph' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 0, "import pyoxigraph inside read(), not with the package"
