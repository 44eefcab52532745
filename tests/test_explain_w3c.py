"""The grammar of explanations against the W3C's syntax cases of SPARQL 1.0 and 1.1.

The archive `rdf-tests.tar.gz` is looked for in the folder that ESSAIM_SUITES names.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from rdflib import RDF, Graph, Namespace

from kb import explain
from kb.explain import grammar, scope

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
ARCHIVE = Path(os.environ.get("ESSAIM_SUITES", "")) / "rdf-tests.tar.gz"
ROOT = "rdf-tests/sparql/"
FOLDERS = [*(f"sparql10/syntax-sparql{number}" for number in range(1, 6)), "sparql11/syntax-query"]

# Bad queries that neither the grammar nor the rules refuse; the engine does.
LET_PASS = {
    "syn-invalid-codepoint-escaped-bad-01.rq",  # a surrogate written as an escape
}

pytestmark = pytest.mark.skipif(
    not ARCHIVE.is_file(), reason="set ESSAIM_SUITES to the folder of rdf-tests.tar.gz"
)


def cases() -> Iterator[tuple[str, str, bool]]:
    """Yield the path, the text and whether it is SPARQL, of every case."""
    if not ARCHIVE.is_file():
        return
    with tarfile.open(ARCHIVE) as archive:
        found = {m.name: m for m in archive.getmembers() if m.name.startswith(ROOT)}

        def text(name: str) -> str:
            member = archive.extractfile(found[name])
            assert member is not None
            return member.read().decode("utf-8")

        for folder in FOLDERS:
            base = f"https://w3c.example/{folder}/"
            manifest = Graph().parse(
                data=text(f"{ROOT}{folder}/manifest.ttl"), format="turtle", publicID=base
            )
            for case, action in sorted(manifest.subject_objects(MF.action)):
                kinds = {str(kind) for kind in manifest.objects(case, RDF.type)}
                name = folder + "/" + str(action).rpartition("/")[2]
                good = not any("Negative" in kind for kind in kinds)
                yield name, text(ROOT + name), good


CASES = list(cases())


@pytest.mark.parametrize(
    ("text", "good"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_grammar_judges_as_the_standard_does(
    text: str, good: bool, request: pytest.FixtureRequest
) -> None:
    reading = grammar.read(text)
    accepted = reading.tree is not None
    if good:
        assert accepted, (reading.tokens[reading.failed : reading.failed + 2], reading.expected)
        assert scope.mistake(reading) is None
    elif Path(request.node.callspec.id).name not in LET_PASS:
        refused = not accepted or scope.mistake(reading) or scope.undeclared_prefix(reading)
        assert refused, "no rule of kb.explain knows this mistake"
        assert explain.syntax_document(text, "fr").mistake != "engine-refused"


def test_the_suites_are_whole() -> None:
    assert len(CASES) > 280
