"""What a record refers to is found in the release, and nothing else is read for it."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest

from kb import files, sources
from kb.context import Context
from kb.problems import ReleaseProblem
from kb.release import Release
from kb.validation.engines import judge, project, validate

EUSKO = "https://w3id.org/essaim/id/innovation/eusko"
COMMUNE = "https://w3id.org/essaim/id/territory/commune-35238"


@pytest.fixture(scope="module")
def context(shipped: Release) -> Context:
    return Context.load(shipped.path)


def test_every_subject_of_the_base_is_found_with_its_statements(
    shipped: Release, context: Context
) -> None:
    expected = defaultdict(set)
    for line in (shipped.path / "kb.nq").read_bytes().splitlines():
        statement, graph, _ = line.rsplit(b" ", 2)
        if b"/graph/contrib/" in graph or b"/graph/ref/" in graph:
            expected[statement.partition(b" ")[0]].add(statement + b" .\n")
    picked = random.Random(1).sample(sorted(expected), 500)
    for subject in [*picked, min(expected), max(expected)]:
        assert set(context.about(subject[1:-1].decode())) == expected[subject]


@pytest.mark.parametrize("iri", ["", "a", EUSKO[:-1], EUSKO + "-", "zzz", "https://w3id.org/"])
def test_a_name_that_is_nobodys_is_not_known(context: Context, iri: str) -> None:
    assert not context.knows(iri)
    assert context.about(iri) == []


def test_what_is_named_comes_with_type_and_label_alone(context: Context) -> None:
    data = f"<https://w3id.org/essaim/id/x/y> <http://example.org/p> <{COMMUNE}> .\n".encode()
    added = context.beside(data).removeprefix(context.vocabularies).decode().splitlines()
    assert {line.split(" ")[0] for line in added} == {f"<{COMMUNE}>"}
    assert {line.split(" ")[1].rpartition("#")[2] for line in added} == {"type>", "label>"}


def test_what_the_base_says_of_a_described_record_stays_out(context: Context) -> None:
    data = f'<{EUSKO}> <http://example.org/p> "new" .\n'.encode()
    assert f"\n<{EUSKO}> ".encode() not in context.beside(data)


def test_a_file_alone_is_judged_as_within_the_whole_base(context: Context) -> None:
    """Findings on one changed file are those that the whole base would have about it."""
    found = [s for s in sources.find(files.root()) if s.space == "contrib"]
    by_file = {s.name: [quad.triple for quad in sources.quads(s)] for s in found}
    where = defaultdict(set)
    for name, triples in by_file.items():
        for triple in triples:
            where[str(triple.subject)].add(name)
    whole = defaultdict(set)
    everything = [triple for triples in by_file.values() for triple in triples]
    judged = judge(everything, project(), "auto", context)
    assert judged.engine == "fast", judged.reason
    for result in judged.results:
        for name in where[str(result.focus)]:
            whole[name].add(result.key())
    for name in [*random.Random(2).sample(sorted(by_file), 60), *sorted(whole)[:40]]:
        alone = validate(by_file[name], project(), "auto", context)
        assert {result.key() for result in alone} == whole[name], name


def test_a_folder_without_context_says_what_to_do() -> None:
    with pytest.raises(ReleaseProblem, match="essaim build"):
        Context.load(files.root() / "docs")
