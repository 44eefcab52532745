"""Long lists in parts: stopped, taken up, the same rows whoever does the work."""

from __future__ import annotations

import random
import shutil
import sys
from pathlib import Path

import pytest

from kb import sssom
from kb.linking import LinkProblem, decisions, jobs, long
from kb.linking.candidates import Asked
from kb.linking.index import Entity, Index, write
from kb.linking.linking import link_list
from kb.linking.places import NOWHERE, communes, place
from kb.linking.reader import Note

TOWNS = sorted(communes().items())[:600]
QUERIES = [(str(n), Asked(town[::-1] if n % 7 == 0 else f"Mairie de {town}", place(insee=code)))
           for n, (code, town) in enumerate(TOWNS)]  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("jobs") / "towns"
    made = [Entity(f"town:{code}", "t", town, (), place(insee=code)) for code, town in TOWNS]
    write(made, folder, {"target": "towns"})
    return Index(folder)


def rows(path: Path) -> list[tuple[str, ...]]:
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return [tuple(line.split("\t")) for line in lines]


def test_a_stopped_job_goes_on_where_it_was(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PART", 150)

    def work(part: list[tuple[str, Asked]]) -> str:
        return "".join(map(jobs.line, jobs.matched(index, part)))

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jobs.Job(tmp_path / "work", {"what": "x"}).run(work, QUERIES, stop)
    first = tmp_path / "work" / "part-000000.tsv"
    made = first.stat().st_mtime_ns
    job, done, there = jobs.Job(tmp_path / "work", {"what": "x"}), list[int](), list[Path]()
    assert job.run(work, QUERIES, done.append, there.append) == len(QUERIES)
    job.join(tmp_path / "out.tsv", jobs.line(jobs.COLUMNS))
    assert first.stat().st_mtime_ns == made, "a part that is there must not be made again"
    assert (done, there) == ([150] * 4, [first])
    assert rows(tmp_path / "out.tsv") == jobs.matched(index, QUERIES)


def test_a_folder_of_other_work_is_refused(tmp_path: Path) -> None:
    jobs.Job(tmp_path / "work", {"what": "x"})
    with pytest.raises(LinkProblem, match="holds other work"):
        jobs.Job(tmp_path / "work", {"what": "y"})


def test_twins_in_a_list_find_each_other(tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("Nom\nÉpicerie du Lac\nCafé des Sports\nEpicerie du lac (SCIC)\n", "utf-8")
    assert long.dedup(long.Long(listed), tmp_path / "work", tmp_path / "out.tsv") == 3
    found = {row[0]: row[2] for row in rows(tmp_path / "out.tsv")}
    assert (found["2"], found["4"]) == ("line:4", "line:2")
    assert all(line != f"line:{number}" for number, line in found.items())


TWO = [
    Entity("https://a.example/id/lens", "t", "Relais de Lens", (), NOWHERE, ("siren:213502198",)),
    *(Entity(f"https://b.example/id/{n}", "t", f"Mairie de {town}", (), place(insee=code))
      for n, (code, town) in enumerate(TOWNS)),
]  # fmt: skip


def test_a_long_list_gives_the_file_that_a_short_one_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Identifiers first, decisions held, faults told; stopped after its first part or not."""
    monkeypatch.setattr(jobs, "PART", 30)
    write(TWO, tmp_path / "two", {"target": "two", "made_from": "0" * 64})
    index, told = Index(tmp_path / "two"), list[Note]()
    cells = [f"Mairie de {town[:-1]},,{code}" for code, town in TOWNS[:70]]
    cells[40:40] = ["Le Relais,213502198,", ",,", "Boulangerie,213502198,", cells[3]]
    listed = tmp_path / "list.csv"
    listed.write_text("\n".join(["Nom,SIREN,INSEE", *cells]), "utf-8")
    short, _ = link_list(listed, index, "essaim", auto=0.9, decided=tmp_path / "links")
    decisions.decide(short, short.mappings[5], "accepted", where=tmp_path / "links")
    decisions.decide(short, short.mappings[6], "rejected", where=tmp_path / "links")
    short, notes = link_list(listed, index, "essaim", auto=0.9, decided=tmp_path / "links")

    def linked(stop: bool = False) -> int:
        def say(note: Note) -> None:
            told.append(note)
            if stop:
                raise KeyboardInterrupt

        asked, out = long.Long(listed, say=say), tmp_path / "out.sssom.tsv"
        where = tmp_path / "links"
        return long.many(asked, index, "essaim", tmp_path / "work", out, auto=0.9, decided=where)

    with pytest.raises(KeyboardInterrupt):
        linked(stop=True)
    assert (tmp_path / "work" / "part-000000.tsv").is_file()
    told.clear()
    assert linked() == len(short.mappings) == 72
    assert (tmp_path / "out.sssom.tsv").read_text("utf-8") == sssom.text(short)
    assert sorted(told, key=str) == sorted(notes, key=str)


@pytest.mark.full
def test_spark_gives_the_rows_that_one_machine_gives(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    sql = pytest.importorskip("pyspark.sql", reason='pip install "essaim[spark]"')
    if not shutil.which("java"):
        pytest.skip("Spark needs a Java runtime")
    from kb.linking.spark import linked

    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)  # else the first python3 there is
    asked = random.Random(1).sample(QUERIES, len(QUERIES))
    session = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = session.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
    try:
        assert linked(spark, index.folder, asked, partitions=4) == jobs.matched(index, asked)
    finally:
        spark.stop()
