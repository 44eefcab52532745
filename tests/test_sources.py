"""Source files as quads: one graph each, blank nodes with addresses, errors with their place."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from kb import files, sources, terms
from kb.problems import SourceProblem

PREFIX = "@prefix : <https://w3id.org/essaim/ns#> .\n"


def written(root: Path, name: str, text: str | bytes = PREFIX) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    content = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def only(root: Path) -> sources.Source:
    (found,) = sources.find(root)
    return found


@pytest.mark.parametrize(
    ("name", "graph", "space"),
    [
        ("ontology/essaim.ttl", "vocab/essaim", "vocab"),
        ("ontology/alignments.ttl", "vocab/alignments", "vocab"),
        ("ontology/schemes/need.ttl", "vocab/need", "vocab"),
        ("data/innovations/eusko.ttl", "contrib/innovations/eusko", "contrib"),
        ("data/reference/countries.ttl", "ref/countries", "ref"),
        ("data/reference/cog-2026.nt.gz", "ref/cog-2026", "ref"),
    ],
)
def test_a_file_is_one_graph_named_after_it(
    name: str, graph: str, space: str, tmp_path: Path
) -> None:
    written(tmp_path, name)
    found = only(tmp_path)
    assert (found.name, found.graph, found.space) == (name, f"{terms.BASE}graph/{graph}", space)


@pytest.mark.parametrize(
    "name",
    [
        "data/making/labels.ttl",
        "data/links/a.ttl",
        "data/innovations/.#eusko.ttl",
        "data/innovations/note.md",
        "ontology/prefixes.ttl",
    ],
)
def test_what_is_no_record_is_left_out(name: str, tmp_path: Path) -> None:
    written(tmp_path, name)
    assert sources.find(tmp_path) == []


def test_every_shipped_graph_has_a_name_of_its_own() -> None:
    found = sources.find(files.root())
    assert len({source.graph for source in found}) == len(found) > 1000


def test_two_files_of_one_graph_are_refused(tmp_path: Path) -> None:
    written(tmp_path, "data/reference/places.ttl")
    written(tmp_path, "data/reference/places.nt.gz")
    with pytest.raises(SourceProblem, match=r"same graph as data/reference/places\.ttl; rename"):
        sources.find(tmp_path)


@pytest.mark.parametrize("stem", ["Eusko", "l été", "a b", "a_b", "a--b"])
def test_a_name_that_is_no_slug_is_refused(stem: str, tmp_path: Path) -> None:
    written(tmp_path, f"data/innovations/{stem}.ttl")
    with pytest.raises(SourceProblem, match="write lower-case letters, digits and hyphens"):
        sources.find(tmp_path)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (PREFIX + ":a :b .", (2, 7)),
        (PREFIX + ':a :b "x', (2, 7)),
        (PREFIX + ":a :b :c", (2, 9)),
        (PREFIX + ":a nowhere:b 1 .", (2, 4)),
        (PREFIX + ":a :b <not an iri> .", (2, 7)),
        (PREFIX + "\n\n:a :b 1 ;; }", (4, 12)),
    ],
)
def test_a_file_that_is_no_turtle_is_refused_at_its_place(
    text: str, place: tuple[int, int], tmp_path: Path
) -> None:
    path = written(tmp_path, "data/actors/broken.ttl", text)
    with pytest.raises(SourceProblem) as caught:
        list(sources.quads(only(tmp_path)))
    problem = caught.value
    assert problem.line == place[0]
    assert abs(problem.column - place[1]) <= 3
    assert str(problem).startswith(f"{path}:{problem.line}:{problem.column}: ")
    assert problem.reason
    assert "at line" not in problem.reason


def test_a_latin_1_file_is_refused_with_the_encoding_it_should_have(tmp_path: Path) -> None:
    latin = (PREFIX + ':a :b "été" .').encode("latin-1")
    written(tmp_path, "data/actors/latin.ttl", latin)
    with pytest.raises(SourceProblem, match="UTF-8"):
        list(sources.quads(only(tmp_path)))


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "data/reference/cog.nt.gz", "<a:b> <a:c> <a:d> .\n" * 500)
    whole = path.read_bytes()
    for damaged in (whole[:-12], b"no archive", whole[:20] + b"\xff\xff\xff" + whole[23:]):
        path.write_bytes(damaged)
        with pytest.raises(SourceProblem, match="cannot be read"):
            list(sources.quads(only(tmp_path)))


def test_a_file_that_is_gone_is_a_problem_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / "actors" / "gone.ttl"
    path.parent.mkdir(parents=True)
    path.symlink_to("nowhere")
    with pytest.raises(SourceProblem, match=r"gone\.ttl: cannot be read"):
        sources.fingerprint(sources.find(tmp_path))


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    written(tmp_path, "data/actors/empty.ttl", "")
    assert list(sources.quads(only(tmp_path))) == []


def test_blank_nodes_get_the_same_address_each_time(tmp_path: Path) -> None:
    written(tmp_path, "data/actors/a.ttl", PREFIX + ":a :b [ :c [ :d _:x ] ] . _:x :e 1 .")
    source = only(tmp_path)
    first, second = (list(map(str, sources.quads(source))) for _ in range(2))
    assert first == second
    assert len({part for line in first for part in line.split() if "genid" in part}) == 3
    assert f"{sources.GENID}contrib/actors/a/1>" in "".join(first)


def test_blank_nodes_of_two_files_never_meet(tmp_path: Path) -> None:
    for stem in ("a", "b"):
        written(tmp_path, f"data/actors/{stem}.ttl", PREFIX + "_:x :e 1 .")
    subjects = {str(q.subject) for s in sources.find(tmp_path) for q in sources.quads(s)}
    assert len(subjects) == 2


def test_literals_stay_as_written(tmp_path: Path) -> None:
    text = PREFIX + ':a :b 01 , 1.50 , "1"^^:odd , "x"@FR-ca , true .'
    written(tmp_path, "data/actors/a.ttl", text)
    found = [q.object.value for q in sources.quads(only(tmp_path))]
    assert found[:3] == ["01", "1.50", "1"]


def test_a_fingerprint_follows_names_and_contents_only(tmp_path: Path) -> None:
    marks = []
    for folder, name, text in [
        ("one", "a", "1"), ("two", "a", "1"), ("three", "b", "1"), ("four", "a", "2")
    ]:  # fmt: skip
        written(tmp_path / folder, f"data/actors/{name}.ttl", text)
        marks.append(sources.fingerprint(sources.find(tmp_path / folder)))
    assert marks[0] == marks[1]
    assert len(set(marks)) == 3
