"""Releases: built once, complete or not at all, never changed, current by one rename."""

from __future__ import annotations

import errno
import gzip
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pyoxigraph as ox
import pytest

from kb import release, sources, terms
from kb.problems import ReleaseProblem, SourceProblem
from kb.rows import select

ONTOLOGY = """
@prefix essaim: <https://w3id.org/essaim/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
essaim:Association rdfs:subClassOf essaim:Actor .
"""
RECORD = """
@prefix actor: <https://w3id.org/essaim/id/actor/> .
@prefix essaim: <https://w3id.org/essaim/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
actor:tezea a essaim:Association ; rdfs:label "Tézéa"@fr ; essaim:wave 01 ;
    essaim:amount 1.50 ; essaim:posture [ rdfs:label "nœud" ] .
"""
BUILT = """
import pathlib, sys
from kb import release
release.build(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
"""
BROKEN = "@prefix : <http://example.org/> .\n:a :b .\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in (("ontology/essaim.ttl", ONTOLOGY), ("data/actors/tezea.ttl", RECORD)):
        path = tmp_path / "source" / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "source"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "releases"


def change(root: Path, text: str = RECORD + "# changed\n") -> None:
    (root / "data" / "actors" / "tezea.ttl").write_text(text, encoding="utf-8")


def left(folder: Path) -> list[str]:
    """Return the names in a folder, `current` after the releases whatever their ids."""
    return sorted((path.name for path in folder.iterdir()), key=lambda n: (n == "current", n))


def test_a_release_answers_from_its_sources(root: Path, folder: Path) -> None:
    built = release.build(root, folder)
    text = "SELECT ?g WHERE { GRAPH ?g { <https://w3id.org/essaim/id/actor/tezea> a ?c } }"
    graphs = {str(row["g"]) for row in select(built.engine, text)}
    assert graphs == {str(terms.graph("contrib", "actors", "tezea")), str(terms.graph("derived"))}
    assert [hit.label for hit in built.index.search("tezea")] == ["Tézéa"]
    assert built.engine.release_id() == built.id
    assert left(folder) == [built.id, "current"]


def test_the_manifest_tells_every_file_and_source(root: Path, folder: Path) -> None:
    built = release.build(root, folder)
    present = {p.relative_to(built.path).as_posix() for p in built.path.rglob("*") if p.is_file()}
    assert set(built.manifest["files"]) == present - {release.MANIFEST}
    for name, checksum in built.manifest["files"].items():
        assert sources.digest(built.path / name) == checksum
    for name, checksum in built.manifest["sources"].items():
        assert sources.digest(root / name) == checksum
    assert built.manifest["statements"] == {"vocab": 1, "contrib": 6, "derived": 1}


def test_nothing_is_built_again_when_nothing_changed(root: Path, folder: Path) -> None:
    first = release.build(root, folder)
    before = (first.path / "kb.nq").stat().st_mtime_ns
    said: list[str] = []
    assert release.build(root, folder, progress=said.append).id == first.id
    assert not said
    assert (first.path / "kb.nq").stat().st_mtime_ns == before


def test_a_change_makes_another_release_and_keeps_the_old_one(root: Path, folder: Path) -> None:
    first = release.build(root, folder)
    change(root)
    second = release.build(root, folder)
    assert second.id != first.id
    assert release.open_release(folder).id == second.id
    assert release.open_release(folder, first.id).manifest == first.manifest


def test_going_back_makes_the_old_release_current_without_building(
    root: Path, folder: Path
) -> None:
    first = release.build(root, folder)
    change(root)
    release.build(root, folder)
    change(root, RECORD)
    said: list[str] = []
    assert release.build(root, folder, progress=said.append).id == first.id
    assert not said


def test_the_same_sources_give_the_same_bytes_anywhere(root: Path, tmp_path: Path) -> None:
    made = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", BUILT, root, folder], env=environment, check=True)
        made.append(release.open_release(folder).manifest["files"])
    assert made[0].keys() == made[1].keys()
    for name in ("kb.nq", "dumps/essaim.nq.gz", "dumps/essaim-records.ttl.gz"):
        assert made[0][name] == made[1][name], f"{name} depends on more than the sources"


def test_literals_are_dumped_as_written(root: Path, folder: Path) -> None:
    built = release.build(root, folder)
    for name in built.manifest["dumps"]:
        text = gzip.decompress((built.path / "dumps" / name).read_bytes()).decode()
        assert '"01"' in text or " 01 " in text, f"{name} rewrites 01"
        assert "1.50" in text, f"{name} rewrites 1.50"


def test_a_release_holds_no_blank_node(root: Path, folder: Path) -> None:
    built = release.build(root, folder)
    quads = list(ox.parse(path=str(built.path / "kb.nq"), format=ox.RdfFormat.N_QUADS))
    assert not [q for q in quads if ox.BlankNode in (type(q.subject), type(q.object))]
    assert any(sources.GENID in str(q.object) for q in quads)


def test_every_graph_says_its_file_and_checksum(root: Path, folder: Path) -> None:
    built = release.build(root, folder)
    text = f"""SELECT ?file ?sum WHERE {{ GRAPH <{terms.graph("meta")}> {{
        <{terms.graph("contrib", "actors", "tezea")}>
          <http://www.w3.org/ns/prov#wasDerivedFrom> ?file ;
          <http://purl.org/dc/terms/identifier> ?sum }} }}"""
    (row,) = select(built.engine, text)
    assert str(row["file"]).endswith("source/data/actors/tezea.ttl")
    checksum = sources.digest(root / "data" / "actors" / "tezea.ttl")
    assert str(row["sum"]) == "sha256:" + checksum


def test_a_dump_is_opened_by_its_name_only(root: Path, folder: Path) -> None:
    built = release.build(root, folder)
    assert built.dump("essaim.nq.gz") == built.path / "dumps" / "essaim.nq.gz"
    assert built.dump("../manifest.json") is None


def test_broken_turtle_stops_the_build_and_the_old_release_stays(root: Path, folder: Path) -> None:
    first = release.build(root, folder)
    change(root, BROKEN)
    with pytest.raises(SourceProblem, match=r"tezea\.ttl:2:\d+: .+"):
        release.build(root, folder)
    assert release.open_release(folder).id == first.id
    assert left(folder) == [first.id, "current"]


def test_a_folder_without_sources_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseProblem, match="no Turtle file under ontology/ or data/"):
        release.build(tmp_path, tmp_path / "releases")


def test_a_missing_release_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ReleaseProblem, match="no release there; run `essaim build` first"):
        release.open_release(tmp_path)


def test_a_damaged_release_says_so(root: Path, folder: Path) -> None:
    built = release.build(root, folder)
    (built.path / "kb.nq").write_text("damaged", encoding="utf-8")
    with pytest.raises(ReleaseProblem, match="damaged"):
        _ = release.open_release(folder).engine
    (built.path / "index.sqlite").unlink()
    with pytest.raises(ReleaseProblem, match="search index is missing"):
        _ = release.open_release(folder).index
    (built.path / release.MANIFEST).write_text("{", encoding="utf-8")
    with pytest.raises(ReleaseProblem, match="cannot be read"):
        release.open_release(folder)


def test_a_release_without_manifest_is_built_again(root: Path, folder: Path) -> None:
    built = release.build(root, folder)
    (built.path / release.MANIFEST).unlink()
    assert release.build(root, folder).id == built.id


def test_a_folder_that_cannot_be_written_is_one_sentence(root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ReleaseProblem, match="cannot be written: Not a directory; choose another"):
        release.build(root, tmp_path / "file" / "releases")


def test_a_full_disk_is_one_sentence_and_the_old_release_stays(
    root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = release.build(root, folder)
    change(root)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(release, "_load", full)
    with pytest.raises(ReleaseProblem, match="the disk is full; free some space"):
        release.build(root, folder)
    assert left(folder) == [first.id, "current"]


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
from web.cli import main
main()
"""


@pytest.mark.parametrize("size", [100, 2_000, 20_000])
def test_a_file_that_cannot_grow_is_one_sentence_and_no_traceback(
    size: int, root: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    first = release.build(root, home / "releases")
    change(root)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(size), "build", "--source", str(root)],
        env={**os.environ, "ESSAIM_HOME": str(home)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("essaim: ")
    assert left(home / "releases") == [first.id, "current"]


KILLED = """
import os, pathlib, signal, sys
from kb import release
def die(sentence):
    if sys.argv[3] in sentence:
        os.kill(os.getpid(), signal.SIGKILL)
release.build(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), progress=die)
"""


@pytest.mark.parametrize("moment", ["reading", "deriving", "indexing", "dumps"])
def test_a_killed_build_leaves_the_current_release_whole(
    moment: str, root: Path, folder: Path
) -> None:
    first = release.build(root, folder)
    change(root)
    done = subprocess.run([sys.executable, "-c", KILLED, root, folder, moment], check=False)
    assert done.returncode < 0
    assert release.open_release(folder).id == first.id
    assert len(release.open_release(folder).index.search("tezea")) == 1
    assert release.build(root, folder).id != first.id


def test_what_a_killed_build_left_goes_after_a_day(root: Path, folder: Path) -> None:
    fresh, old = folder / ".building-a-1", folder / ".building-b-2"
    for left_over in (fresh, old):
        left_over.mkdir(parents=True)
    os.utime(old, (time.time() - 90_000,) * 2)
    release.build(root, folder)
    assert fresh.is_dir()
    assert not old.exists()


def test_builds_at_the_same_time_end_with_one_release(root: Path, folder: Path) -> None:
    with ProcessPoolExecutor(3) as pool:
        built = [job.result() for job in [pool.submit(_build, root, folder) for _ in range(3)]]
    assert len(set(built)) == 1
    assert left(folder) == [built[0], "current"]
    assert len(release.open_release(folder).index.search("tezea")) == 1


def _build(root: Path, folder: Path) -> str:
    return release.build(root, folder).id


def test_the_shipped_release_is_whole(shipped: release.Release) -> None:
    manifest = json.loads((shipped.path / release.MANIFEST).read_text(encoding="utf-8"))
    for name, checksum in manifest["files"].items():
        assert sources.digest(shipped.path / name) == checksum
    assert set(manifest["statements"]) == {"vocab", "contrib", "ref", "derived"}
