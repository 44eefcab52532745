"""The same matching on Apache Spark: the index sent to every worker, the queries partitioned.

    pip install "essaim[spark]"      needs a Java runtime

Nothing is written again for it: each partition calls `kb.linking.jobs.matched`, so its rows are
those that one machine gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from kb.linking.candidates import Asked
from kb.linking.index import Index
from kb.linking.jobs import Row, matched

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

BATCH = 256


def linked(
    session: SparkSession, folder: Path, queries: Sequence[tuple[str, Asked]], partitions: int = 0
) -> list[Row]:
    """Return the rows of `kb.linking.jobs.matched`, in the order of the queries."""
    context = session.sparkContext
    context.addFile(str(folder), recursive=True)
    name = folder.name
    asked = context.parallelize(list(queries), partitions or context.defaultParallelism)
    return list(asked.mapPartitions(lambda part: _partition(name, part)).collect())


def _partition(name: str, queries: Iterator[tuple[str, Asked]]) -> Iterator[Row]:
    from pyspark import SparkFiles

    index, waiting = _opened(SparkFiles.get(name)), list(queries)
    for start in range(0, len(waiting), BATCH):
        yield from matched(index, waiting[start : start + BATCH])


@lru_cache(maxsize=1)
def _opened(folder: str) -> Index:
    return Index(Path(folder))
