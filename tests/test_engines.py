"""The fast engine finds what pySHACL finds, and pySHACL decides wherever it might not."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from engines import XSD, faulty, found, rows, shapes, triples

from kb import files
from kb.problems import ShapesProblem
from kb.validation.engines import Shapes, groups, judge, project, support, validate
from kb.validation.engines.results import written
from kb.validation.graph import beside

ROOT = files.root()
EXAMPLES = ROOT / "shapes" / "examples"
LITERALS = [row[0] for row in rows("literals.txt")]
CONSTRAINTS = dict(rows("constraints.txt"))  # type: ignore[arg-type]
DIFFERENCES = rows("known-differences.tsv")[1:]
BY_P = "ex:S sh:targetSubjectsOf ex:p ; sh:path ex:p ; "


@cache
def examples() -> list[ox.Triple]:
    """All examples of the shapes, with the vocabularies and what they refer to."""
    files_ = sorted(p for f in ("valid", "invalid") for p in (EXAMPLES / f).glob("*.ttl"))
    return list(beside(files_, [EXAMPLES / "context.ttl"]).triples)


def test_the_fast_engine_may_judge_by_the_shapes_of_the_project() -> None:
    assert support.reason(project()) == ""
    assert judge(examples(), project()).engine == "fast"


def test_both_find_the_same_in_every_example_of_a_rule() -> None:
    results = found(examples(), project(), "fast")
    assert results == found(examples(), project(), "pyshacl")
    assert sum(results.values()) > 250


@pytest.mark.parametrize("seed", range(2))
def test_both_find_the_same_in_records_with_faults(seed: int) -> None:
    records = faulty(examples(), seed)
    fast, slow = found(records, project(), "fast"), found(records, project(), "pyshacl")
    assert fast == slow


@pytest.mark.full
@pytest.mark.parametrize("seed", range(10, 25))
def test_both_find_the_same_in_records_with_many_faults(seed: int) -> None:
    records = faulty(examples(), seed, share=0.1)
    fast, slow = found(records, project(), "fast"), found(records, project(), "pyshacl")
    assert fast == slow


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_both_judge_a_value_alike_but_where_listed(name: str) -> None:
    data = triples("\n".join(f"ex:v{i} ex:p {text} ." for i, text in enumerate(LITERALS)))
    by = shapes(f"{BY_P} {CONSTRAINTS[name]} .")
    fast, slow = found(data, by, "fast"), found(data, by, "pyshacl")
    differ = {"fast": fast - slow, "pyshacl": slow - fast}
    told = {
        (LITERALS[int(key[0].rpartition("/v")[2][:-1])], engine)
        for engine, keys in differ.items()
        for key in keys
    }
    listed = {(value, engine) for listed, value, engine, _ in DIFFERENCES if listed == name}
    assert told == listed, "correct tests/engines/known-differences.tsv, each with its reason"


PAIRS = ["1", "2", "1.5", '"2014-01-01"^^xsd:date', '"2014-01-02"^^xsd:date', '"abc"', '"abd"']


@pytest.mark.parametrize("kind", ["lessThan", "lessThanOrEquals", "equals", "disjoint"])
@pytest.mark.parametrize("values", [PAIRS[:3], PAIRS[3:5], PAIRS[5:]], ids=str)
def test_both_compare_two_properties_alike(kind: str, values: list[str]) -> None:
    pairs = [(a, b) for a in values for b in values]
    data = triples("\n".join(f"ex:n{i} ex:p {a} ; ex:q {b} ." for i, (a, b) in enumerate(pairs)))
    by = shapes(f"{BY_P} sh:{kind} ex:q .")
    assert found(data, by, "fast") == found(data, by, "pyshacl")


def test_pyshacl_goes_on_after_values_that_cannot_be_compared() -> None:
    """A year that is a text stops pySHACL itself with a TypeError, over the whole file."""
    data = triples('ex:a ex:p "2014"@fr ; ex:q 2016 . ex:b ex:p 3 ; ex:q 2 .')
    by = shapes(f"{BY_P} sh:lessThanOrEquals ex:q .")
    results = found(data, by, "pyshacl")
    assert results == found(data, by, "fast")
    assert sum(results.values()) == 2


def test_blank_nodes_of_the_data_keep_their_labels() -> None:
    """The engine numbers them in order of first appearance, in large data too."""
    labels = [f"n{number}" for number in range(60_000)]
    random.Random(5).shuffle(labels)
    text = "".join(f'_:{a} <http://example.org/q> " _:x ." .\n' for a in labels)
    wrong = labels[::999]
    text += "".join(f"_:{label} <http://example.org/p> _:{label} .\n" for label in wrong)
    by = shapes(f"{BY_P} sh:nodeKind sh:IRI ; sh:name [] .")
    results = validate(text.encode(), by, "fast")
    assert {r.focus.value for r in results} == set(wrong)
    assert {r.value.value for r in results if r.value} == set(wrong)


def test_blank_nodes_of_the_shapes_keep_their_labels() -> None:
    data = triples("ex:a ex:p 1 , ex:b .")
    by = shapes(
        """ex:S sh:targetNode ex:a ; sh:name [] ; sh:property
        [ sh:path ( ex:p ex:q ) ; sh:minCount 1 ] , [ sh:path ex:p ; sh:maxCount 1 ] ,
        [ sh:path [ sh:inversePath ex:p ] ; sh:minCount 2 ; sh:severity sh:Info ] ."""
    )
    results = found(data, by, "fast")
    assert sum(results.values()) == 3
    assert results == found(data, by, "pyshacl")


SPARQL = """ex:S sh:targetSubjectsOf ex:start ; sh:sparql [ sh:prefixes ex: ; sh:select '''{}''' ] .
ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://example.org/" ] ,
               [ sh:prefix "xsd" ; sh:namespace "http://www.w3.org/2001/XMLSchema#" ] ."""
DATES = """ex:a ex:start "2014-02-01"^^xsd:date ; ex:end "2014-01-01"^^xsd:date .
ex:b ex:start "2014-02-01"^^xsd:date ; ex:end "2015-01-01"^^xsd:date ; ex:n 007 .
ex:c ex:start "2014-13-40"^^xsd:date ; ex:end "2014-01-01"^^xsd:date ; ex:n 7 ; ex:of ex:a ."""
SAFE = {
    "dates": "SELECT $this ?value WHERE { $this ex:start ?s ; ex:end ?value FILTER(?value < ?s) }",
    "absence": "SELECT $this { $this ex:start ?s FILTER NOT EXISTS { $this ex:n ?n } }",
    "object": "SELECT $this ?value { ?value ex:of $this . }",
    "count": "SELECT $this { $this ex:start ?s . { SELECT $this (COUNT(?n) AS ?all) "
    "WHERE { $this ex:n ?n } GROUP BY $this } FILTER(?all = 1) }",
    "lexical": 'SELECT $this ?value { $this ex:n ?value FILTER(STR(?value) = "007") }',
    "any predicate": "SELECT $this ?value ?path { $this ?path ?value FILTER(isNumeric(?value)) }",
    "path": "SELECT $this ?value { $this ex:start ?s . $this ex:of* ?value . ?value ex:n ?n }",
    "union": "SELECT $this { $this ex:start ?s { $this ex:n 7 } UNION { $this ex:of ?o } }",
}
LEFT = {
    "unbound filter": "SELECT $this { FILTER($this = ex:a) }",
    "early binding": "SELECT $this { BIND(STR($this) AS ?x) $this ex:start ?s }",
    "optional only": "SELECT $this { OPTIONAL { $this ex:n ?n } FILTER(!bound(?n)) }",
    "same for all, with 007": "SELECT $this { ex:a ex:start ?s }",
    "limit": "SELECT $this { $this ex:start ?s } LIMIT 1",
    "inner filter": "SELECT $this { $this ex:start ?s { ?x ex:n ?n FILTER(?x = $this) } }",
    "no focus": "SELECT ?value { $this ex:start ?value }",
    "path of no length": "SELECT $this ?value { $this ex:of* ?value }",
    "grouped without": "SELECT $this { $this ex:start ?s { SELECT $this (1 AS ?x) "
    "WHERE { $this ex:n ?n } GROUP BY ?n } }",
}
FORBIDDEN = {
    "MINUS": "SELECT $this { $this ex:start ?s MINUS { $this ex:n ?n } }",
    "VALUES": "SELECT $this { $this ex:start ?s VALUES ?s { 1 } }",
    "SERVICE": "SELECT $this { $this ex:start ?s SERVICE ex:x { ?s ?p ?o } }",
    "AS $this": "SELECT $this { BIND(ex:a AS $this) }",
    "subquery": "SELECT $this { $this ex:start ?s { SELECT ?n WHERE { ?x ex:n ?n } } }",
}


@pytest.mark.parametrize("name", SAFE)
def test_a_constraint_asked_once_finds_what_pyshacl_finds(name: str) -> None:
    by = shapes(SPARQL.format(SAFE[name]))
    results = found(triples(DATES), by, "fast")
    assert results == found(triples(DATES), by, "pyshacl")
    assert results, "the query finds something"


YEARS = [f'"{year}"^^xsd:gYear' for year in ("2014", "2015", "MMXIV")]
WITHOUT_VALUE = ['"2014-13-40"^^xsd:date', '"douze"^^xsd:integer', '"5"^^ex:type']
VALUES = [*PAIRS, *YEARS, *WITHOUT_VALUE, '"abc"@fr', "true", "ex:a"]


@pytest.mark.parametrize("operator", ["=", "!="])
def test_both_take_the_same_values_for_equal(operator: str) -> None:
    """Of a literal without a value, an impossible date, nobody can say that it is another."""
    pairs = [(a, b) for a in VALUES for b in VALUES]
    data = triples(
        "\n".join(f"ex:n{i} ex:start {a} ; ex:n {b} ." for i, (a, b) in enumerate(pairs))
    )
    query = f"SELECT $this {{ $this ex:start ?s ; ex:n ?n FILTER(?s {operator} ?n) }}"
    results = found(data, shapes(SPARQL.format(query)), "fast")
    assert results == found(data, shapes(SPARQL.format(query)), "pyshacl")
    assert results


@pytest.mark.parametrize("name", LEFT)
def test_a_constraint_that_needs_its_node_beforehand_is_left_to_pyshacl(name: str) -> None:
    judgement = judge(triples(DATES), shapes(SPARQL.format(LEFT[name])))
    assert judgement.engine == "pyshacl"
    assert judgement.reason


@pytest.mark.parametrize("engine", ["auto", "fast", "pyshacl"])
@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_constraint_that_shacl_forbids_is_refused(name: str, engine: str) -> None:
    with pytest.raises(ShapesProblem):
        validate(triples(DATES), shapes(SPARQL.format(FORBIDDEN[name])), engine)  # type: ignore[arg-type]


def test_a_constraint_that_names_no_node_is_about_each_target() -> None:
    data = triples("ex:a ex:start 1 . ex:b ex:start 2 .")
    by = shapes(SPARQL.format("SELECT $this { ex:a ex:start 1 }"))
    results = found(data, by, "fast")
    assert results == found(data, by, "pyshacl")
    assert sum(results.values()) == 2


UNKNOWN = {
    "recursion": "ex:S sh:property [ sh:path ex:q ; sh:node ex:S ] .",
    "JavaScript": "ex:S sh:js [ sh:jsFunctionName 'f' ] .",
    "component": "ex:K a sh:ConstraintComponent ; sh:parameter [ sh:path ex:lang ] .",
    "look-ahead": "ex:S sh:property [ sh:path ex:p ; sh:pattern '^(?!a)' ] .",
    "flags": "ex:S sh:property [ sh:path ex:p ; sh:pattern 'a b' ; sh:flags 'x' ] .",
    "bytes": "ex:S sh:property [ sh:path ex:p ; sh:datatype xsd:hexBinary ] .",
    "a bound of text": "ex:S sh:property [ sh:path ex:p ; sh:minInclusive 'a' ] .",
    "a name of SHACL 1.2": "ex:S sh:property [ sh:path ex:p ; sh:singleLine true ] .",
    "true as 1": "ex:S sh:closed '1'^^xsd:boolean .",
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_shapes_beyond_the_fast_engine_are_left_to_pyshacl(name: str) -> None:
    by = shapes(f"ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p . {UNKNOWN[name]}")
    assert support.reason(by)
    with pytest.raises(ShapesProblem):
        validate(triples("ex:a ex:p 1 ."), by, "fast")
    try:
        decided = judge(triples("ex:a ex:p 1 ."), by).engine
    except ShapesProblem as problem:  # pySHACL refuses some of them, and says so
        decided = str(problem)
    assert "pyshacl" in decided.lower()


def test_pyshacl_decides_when_the_fast_engine_panics() -> None:
    """A year of twenty digits stops the engine with a panic of Rust, which is no Exception."""
    data = triples('ex:a ex:p "99999999999999999999-01-01"^^xsd:date .')
    by = shapes(f"{BY_P} sh:datatype xsd:date .")
    judgement = judge(data, by)
    assert (judgement.engine, len(judgement.results)) == ("pyshacl", 1)
    assert "Panic" in judgement.reason


def test_shapes_that_are_none_are_refused_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<a> <b> .")
    with pytest.raises(ShapesProblem, match=r"a\.ttl"):
        Shapes.read([tmp_path / "a.ttl"])


def test_a_result_names_the_statement_and_the_shape() -> None:
    (result,) = validate(triples("ex:a ex:p 01 ."), shapes(f"{BY_P} sh:nodeKind sh:IRI ."))
    assert str(result.focus) == "<http://example.org/a>"
    assert result.predicate == "http://example.org/p"
    assert str(result.value) == f'"01"^^<{XSD}integer>'
    assert result.component.endswith("#NodeKindConstraintComponent")
    assert str(result.shape) == "<http://example.org/S>"
    assert result.severity.endswith("#Violation")


def test_the_same_statement_twice_counts_once() -> None:
    data = triples("ex:a ex:p 1 .") * 2
    by = shapes(f"{BY_P} sh:nodeKind sh:IRI .")
    assert Counter(found(data, by, "fast")) == found(data, by, "pyshacl")


def test_the_fast_engine_loads_no_slow_library() -> None:
    code = (
        "import sys; from kb.validation.engines import judge, project; "
        "j = judge(b'', project()); assert j.engine == 'fast', j.reason; "
        "print([m for m in ('rdflib', 'pyshacl', 'lark', 'flask') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]", "import it where it is used"


@pytest.mark.parametrize("largest", [2_000, 60_000])
def test_groups_find_what_the_whole_finds(largest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = written(sorted(set(faulty(examples(), 3, share=0.1)), key=str))
    whole = found(text, project(), "fast")
    monkeypatch.setattr(groups, "WHOLE", 0)
    monkeypatch.setattr(groups, "LARGEST", largest)
    monkeypatch.setattr(groups, "REPEATED", 1_000)
    assert len(list(groups.groups(text, project()))) > 5
    assert found(text, project(), "fast") == whole


def test_statements_about_a_node_may_stand_anywhere() -> None:
    """Groups of one line: what a node says twice, and what it reaches, comes together again."""
    text = written(triples("ex:a ex:p ex:b . ex:b ex:p 1 . ex:a ex:q ex:c . ex:c a ex:C ."))
    lines = text.splitlines(keepends=True)
    cut = list(groups.groups(b"".join(lines), shapes(f"{BY_P} sh:nodeKind sh:IRI ."), 1))
    assert [one.text.count(b"\n") for one in cut] == [4, 1, 0, 1]
    assert [len(one.nodes or ()) for one in cut] == [1, 1, 0, 1]


@pytest.mark.parametrize(
    "text",
    [
        "ex:S sh:targetObjectsOf ex:p .",
        "ex:S sh:targetSubjectsOf ex:p ; sh:path [ sh:inversePath ex:p ] .",
    ],
)
def test_shapes_that_look_backwards_judge_data_whole(text: str) -> None:
    data = written(triples("ex:a ex:p ex:b . ex:b ex:p ex:a ."))
    assert [one.nodes for one in groups.groups(data, shapes(text), 1)] == [None]


def test_data_where_each_reaches_all_are_judged_whole() -> None:
    chain = written(triples("".join(f"ex:a{n} ex:p ex:a{(n + 1) % 50} . " for n in range(50))))
    by = shapes(f"{BY_P} sh:nodeKind sh:IRI .")
    assert [one.nodes for one in groups.groups(chain, by, 100)] == [None]
