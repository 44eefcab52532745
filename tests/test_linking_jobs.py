"""Long lists in parts: stopped, taken up, the same rows whoever does the work."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from kb.linking import LinkProblem, jobs, long
from kb.linking.candidates import Asked
from kb.linking.index import Entity, Index, write
from kb.linking.places import communes, place

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

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jobs.Job(tmp_path / "work", {"what": "x"}).run(index, QUERIES, stop)
    first = tmp_path / "work" / "part-000000.tsv"
    made = first.stat().st_mtime_ns
    job, done = jobs.Job(tmp_path / "work", {"what": "x"}), list[int]()
    job.run(index, QUERIES, done.append)
    job.join(tmp_path / "out.tsv")
    assert first.stat().st_mtime_ns == made, "a part that is there must not be made again"
    assert done == [150] * 4
    assert rows(tmp_path / "out.tsv") == jobs.matched(index, QUERIES)


def test_a_folder_of_other_work_is_refused(tmp_path: Path) -> None:
    jobs.Job(tmp_path / "work", {"what": "x"})
    with pytest.raises(LinkProblem, match="holds other work"):
        jobs.Job(tmp_path / "work", {"what": "y"})


def test_twins_in_a_list_find_each_other(tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("Nom\nÉpicerie du Lac\nCafé des Sports\nEpicerie du lac (SCIC)\n", "utf-8")
    assert long.dedup(listed, tmp_path / "work", tmp_path / "out.tsv", {}) == 3
    found = {row[0]: row[2] for row in rows(tmp_path / "out.tsv")}
    assert (found["2"], found["4"]) == ("line:4", "line:2")
    assert all(line != f"line:{number}" for number, line in found.items())


@pytest.mark.full
def test_spark_gives_the_rows_that_one_machine_gives(index: Index) -> None:
    sql = pytest.importorskip("pyspark.sql", reason='pip install "essaim[spark]"')
    if not shutil.which("java"):
        pytest.skip("Spark needs a Java runtime")
    from kb.linking.spark import linked

    asked = random.Random(1).sample(QUERIES, len(QUERIES))
    session = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = session.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
    try:
        assert linked(spark, index.folder, asked, partitions=4) == jobs.matched(index, asked)
    finally:
        spark.stop()
