"""The shapes hold what they promise: complete rules, examples that break one each, kept by data."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pyshacl
import pytest
from rdflib import RDF, SH, BNode, Graph, URIRef
from rdflib.collection import Collection

from kb import files, sources, terms
from kb.validation.findings import Finding, findings
from kb.validation.graph import DataGraph, beside, whole
from kb.validation.rules import SEVERITIES, SHAPE, Rule, paths, rules, shapes, table

ROOT = files.root()
EXAMPLES = ROOT / "shapes" / "examples"
CONTEXT = [EXAMPLES / "context.ttl"]
VALID = sorted((EXAMPLES / "valid").glob("*.ttl"))
INVALID = sorted((EXAMPLES / "invalid").glob("*.ttl"))
RULES = rules()
RECORDS = [source for source in sources.find(ROOT) if source.space == "contrib"]

REMEDIES = {
    "fr": "écrivez|ajoutez|retirez|corrigez|gardez|recopiez|faites|dites",
    "en": "write|add|remove|correct|keep|copy|make|say",
}

# Written on a data set or derived at build, hence on no record.
ON_NO_RECORD = {"cogVintage", "valueScheme"}


@cache
def judged(folder: str, reference: bool = False) -> dict[str, list[Finding]]:
    """The findings on all examples of a folder, by the stem of their file."""
    found = findings(beside(sorted((EXAMPLES / folder).glob("*.ttl")), CONTEXT), None, reference)
    by_file = defaultdict(list)
    for finding in found:
        by_file[Path(finding.file).stem].append(finding)
    return dict(by_file)


@cache
def shipped() -> tuple[DataGraph, list[Finding]]:
    data = whole()
    return data, findings(data)


def ids(rule: Rule) -> str:
    return rule.name


def stem(path: Path) -> str:
    return path.stem


def test_the_shapes_are_well_formed() -> None:
    conforms, _, text = pyshacl.validate(Graph(), shacl_graph=shapes(), meta_shacl=True)
    assert conforms, text


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_a_rule_says_what_is_wrong_and_what_to_write(rule: Rule) -> None:
    for texts in (rule.names, rule.messages):
        assert set(texts) == {"fr", "en"}, f"{rule.name}: write sh:name and sh:message in fr and en"
        assert texts["fr"] != texts["en"] or len(texts["fr"]) < 12, f"{rule.name}: translate"
    for language, words in REMEDIES.items():
        message = rule.messages[language]
        assert re.search(words, message), f"{rule.name}: say what to write, in {language}"
        assert re.search(r'\w:\w|"[^"]+"', message), f"{rule.name}: show a value, in {language}"
    assert rule.severity in SEVERITIES
    assert rule.guide == f"{terms.BASE}doc/rules#{rule.name}"
    assert rule.name.startswith(rule.file + "-"), f"name it {rule.file}-…, after its file"


@pytest.mark.parametrize("path", paths(), ids=stem)
def test_a_shape_with_a_property_is_a_rule(path: Path) -> None:
    graph = Graph().parse(path)
    listed = set(graph.objects(None, SH.property))
    for shape in set(graph.subjects(SH.path)) & listed:
        if isinstance(shape, URIRef):
            assert (shape, SH.severity, None) in graph, f"{shape}: add name, message and severity"
    for owner in set(graph.subjects(RDF.type, SH.NodeShape)) - set(graph.subjects(SH.severity)):
        if set(graph.objects(owner, SH.targetClass)):
            anonymous = [s for s in graph.objects(owner, SH.property) if isinstance(s, BNode)]
            assert not anonymous, f"{owner}: give each property shape an address"


def test_a_shape_is_written_once() -> None:
    where = defaultdict(set)
    for path in paths():
        for subject in Graph().parse(path).subjects():
            if isinstance(subject, URIRef):
                where[subject].add(path.name)
    assert {str(s): sorted(f) for s, f in where.items() if len(f) > 1} == {}


def test_every_rule_has_its_invalid_example() -> None:
    assert {path.stem for path in INVALID} == {rule.name for rule in RULES}


def test_every_shape_file_with_rules_has_a_valid_example() -> None:
    assert {path.stem for path in VALID} == {rule.file for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_an_invalid_example_breaks_its_rule_and_no_other(rule: Rule) -> None:
    broken = {finding.rule.removeprefix(SHAPE) for finding in judged("invalid").get(rule.name, [])}
    assert broken == {rule.name}


@pytest.mark.parametrize("path", VALID, ids=stem)
def test_a_valid_example_breaks_nothing(path: Path) -> None:
    assert judged("valid").get(path.stem, []) == []


def test_two_ways_to_judge_agree() -> None:
    assert judged("invalid") == judged("invalid", reference=True)


def test_a_constraint_in_sparql_binds_its_node_by_a_statement() -> None:
    graph = shapes()
    for constraint in graph.objects(None, SH.sparql):
        select = str(graph.value(constraint, SH.select))
        assert re.search(r"WHERE \{\s+\$this [\w:]+ \?\w+ \.", select), select


def test_a_rule_asks_for_the_scheme_that_the_ontology_names() -> None:
    graph = shapes()
    ontology = Graph().parse(ROOT / "ontology" / "essaim.ttl")
    for rule in RULES:
        path, node = (graph.value(URIRef(rule.iri), p) for p in (SH.path, SH.node))
        if path is None or node is None:
            continue
        named = set(ontology.objects(path, terms.ESSAIM.valueScheme))
        scheme = URIRef(f"{terms.BASE}scheme/{str(node).removeprefix(SHAPE + 'in-')}")
        assert scheme in named, f"{rule.name}: {path} takes {named or 'no concept'}"


def test_rules_and_ontology_know_the_same_properties() -> None:
    graph = shapes()
    ontology = Graph().parse(ROOT / "ontology" / "essaim.ttl")
    known = {
        str(name)
        for head in graph.objects(None, SH.ignoredProperties)
        for name in Collection(graph, head)
        if str(name).startswith(str(terms.ESSAIM))
    }
    declared = {
        str(s)
        for s, kind in ontology.subject_objects(RDF.type)
        if str(s).startswith(str(terms.ESSAIM)) and str(kind).endswith("Property")
    }
    exempt = {str(terms.ESSAIM[name]) for name in ON_NO_RECORD}
    assert declared - known - exempt == set(), "add them to a …-known-properties rule"
    assert known - declared == set(), "declare them in ontology/essaim.ttl"


def test_the_page_of_the_rules_is_up_to_date() -> None:
    page = ROOT / "docs" / "rules.md"
    assert page.read_text(encoding="utf-8") == table(RULES), "run: python -m kb.validation.rules"


def test_a_finding_names_the_file_the_statement_and_the_remedy() -> None:
    (finding,) = judged("invalid")["dated-end-year"]
    assert Path(finding.file).name == "dated-end-year.ttl"
    assert finding.path == str(terms.ESSAIM.endYear)
    assert finding.value == "20016"
    assert "essaim:endYear 2014" in finding.messages["en"]


def test_the_shipped_records_break_no_rule() -> None:
    _, found = shipped()
    print(Counter((f.severity, f.rule.removeprefix(SHAPE)) for f in found if f.severity != "Info"))
    broken = [
        f"{f.file}: {f.focus} {f.path or ''} {f.value or ''}: {f.messages['en']}"
        for f in found
        if f.severity == "Violation"
    ]
    assert not broken, "\n".join(broken)


def test_only_the_named_territories_enter_the_graph() -> None:
    data, _ = shipped()
    communes = set(data.graph.subjects(RDF.type, terms.ESSAIM.Commune))
    assert communes, "records name no commune of data/reference"
    assert len(communes) < 3000, "the whole territory layer was read in"


# Parsers lower the case of a language tag, so only the text of the file shows it.
@pytest.mark.parametrize("folder", sorted({source.path.parent for source in RECORDS}), ids=stem)
def test_language_tags_are_in_lower_case(folder: Path) -> None:
    for path in sorted(folder.glob("*.ttl")):
        found = re.findall(r'"@\w*[A-Z][\w-]*', path.read_text(encoding="utf-8"))
        assert not found, f"{path}: write {found[0].lower()}"
