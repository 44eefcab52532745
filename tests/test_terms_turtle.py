"""How things are named, and the one form in which record files are written."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rdflib import XSD, BNode, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from kb import files, terms, turtle

RECORDS = sorted((files.root() / "data").glob("*/*.ttl"))


@given(st.text())
def test_a_slug_is_one_or_nothing_and_stays_itself(text: str) -> None:
    made = terms.slug(text)
    assert made == "" or terms.SLUG.fullmatch(made)
    assert terms.slug(made) == made


@given(st.text(alphabet="éèàçœÉÔ abcZ'’-", min_size=1))
def test_a_slug_does_not_depend_on_the_unicode_form(text: str) -> None:
    forms = {terms.slug(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC")}
    assert len(forms) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Œuvre d'Łódź : l'été", "oeuvre-d-lodz-l-ete"),
        ("TZCLD Paris 13e", "tzcld-paris-13e"),
        ("Straße in Århus", "strasse-in-arhus"),
        ("…", ""),
    ],
)
def test_a_slug_reads_like_the_name(text: str, expected: str) -> None:
    assert terms.slug(text) == expected


@pytest.mark.parametrize("bad", ["", "A", "é", "a b", "-a", "a-", "a--b", "a/b", "a\n"])
def test_no_record_has_a_name_that_is_no_slug(bad: str) -> None:
    with pytest.raises(ValueError, match="is no slug"):
        terms.record("innovation", bad)


@pytest.mark.parametrize(
    ("iri", "expected"),
    [
        ("https://w3id.org/essaim/ns#Actor", "essaim:Actor"),
        ("https://w3id.org/essaim/scheme/need/emploi", "need:emploi"),
        ("https://w3id.org/essaim/scheme/posture/collection/enabling",
         "https://w3id.org/essaim/scheme/posture/collection/enabling"),
        ("http://www.w3.org/2002/07/owl#", "owl:"),
        ("http://example.org/x", "http://example.org/x"),
    ],
)  # fmt: skip
def test_an_address_is_shortened_only_where_it_can_be_written(iri: str, expected: str) -> None:
    assert terms.compact(iri) == expected


def test_two_prefixes_never_share_a_namespace() -> None:
    namespaces = list(terms.prefixes().values())
    assert len(set(namespaces)) == len(namespaces)


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=20)
NODES = st.sampled_from([URIRef(terms.BASE + f"id/actor/{x}") for x in "abc"])
BLANKS = st.sampled_from([BNode("x"), BNode("y")])
OBJECTS = st.one_of(
    NODES,
    BLANKS,
    TEXTS.map(Literal),
    TEXTS.map(lambda text: Literal(text, lang="fr")),
    st.integers().map(Literal),
    st.decimals(-1000, 1000, places=2).map(Literal),
    st.sampled_from([Literal(True), Literal("2014-07-31", datatype=XSD.date)]),
)
PREDICATES = st.sampled_from([terms.ESSAIM[name] for name in ("wave", "amount", "posture")])


@given(st.lists(st.tuples(st.one_of(NODES, BLANKS), PREDICATES, OBJECTS), max_size=8))
def test_what_is_written_is_read_again(triples: list[tuple[URIRef, URIRef, Literal]]) -> None:
    graph = terms.bound_graph()
    for triple in triples:
        graph.add(triple)
    again = Graph().parse(data=turtle.text(graph), format="turtle")
    assert isomorphic(graph, again)


def canonical(text: str) -> str:
    graph = terms.bound_graph()
    graph.parse(data=text, format="turtle")
    return turtle.text(graph)


def value(node: object) -> object:
    return node.toPython() if isinstance(node, Literal) else node


@given(st.lists(st.tuples(NODES, PREDICATES, OBJECTS), max_size=8))
def test_the_form_is_canonical(triples: list[tuple[URIRef, URIRef, Literal]]) -> None:
    # 0 and 0.00 of one property have no order between them: no record says a number twice
    places = {(s, p, value(o)) for s, p, o in triples}
    assume(len(places) == len(set(triples)))
    named = [triple for triple in triples if not isinstance(triple[2], BNode)]
    forwards, backwards = terms.bound_graph(), terms.bound_graph()
    for triple in named:
        forwards.add(triple)
    for triple in reversed(named):
        backwards.add(triple)
    assert turtle.text(forwards) == turtle.text(backwards) == canonical(turtle.text(forwards))


@pytest.mark.parametrize("path", RECORDS[::60], ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_record_file_is_in_the_canonical_form(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.parent.name != "reference":
        assert canonical(text) == text, f"{path}: write it with kb.turtle.save"


def test_a_file_is_written_only_when_it_changes(tmp_path: Path) -> None:
    graph = terms.bound_graph()
    graph.add((terms.record("actor", "a"), terms.ESSAIM.wave, Literal(1)))
    path = tmp_path / "new" / "a.ttl"
    assert turtle.save(graph, path)
    before = path.stat().st_mtime_ns
    assert not turtle.save(graph, path)
    assert path.stat().st_mtime_ns == before
    graph.add((terms.record("actor", "a"), terms.ESSAIM.wave, Literal(2)))
    assert turtle.save(graph, path)
    assert [p.name for p in path.parent.iterdir()] == ["a.ttl"]
