"""Releases: source files compiled into a folder that never changes again, and one link to it.

    releases/
      <id>/  kb.nq  index.sqlite  dcat.ttl  context/  dumps/  manifest.json
      current -> <id>

The id is the SHA-256 of the sources and of the code that compiles them, so nothing is rebuilt
when nothing changed. A build happens in a folder of its own, is renamed when complete, and only
then becomes current by one rename (POSIX rename(2)): readers see the old release or the new one.
"""

from __future__ import annotations

import errno
import gzip
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import pyoxigraph as ox

from kb import catalog, context, files, search, sources, terms, turtle
from kb.engine import Engine, LocalEngine, disk
from kb.problems import ReleaseProblem
from kb.queries import registry

if TYPE_CHECKING:
    from kb.engine.lanes import Limits

CURRENT, MANIFEST = "current", "manifest.json"
DERIVED = ox.NamedNode(str(terms.graph("derived")))
META = ox.NamedNode(str(terms.graph("meta")))
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Release:
    """A finished release, opened for reading."""

    path: Path
    manifest: dict[str, Any]
    served_by: Engine | None = None

    @property
    def id(self) -> str:
        """The identifier of the release: twelve hexadecimal digits."""
        return str(self.manifest["release"])

    @property
    def engine(self) -> Engine:
        """What answers queries over this release: `served_by`, or else this process itself."""
        return self.served_by or self.local

    @cached_property
    def local(self) -> LocalEngine:
        """The in-process engine over this release, loaded on first use."""
        try:
            if self.is_large():
                return LocalEngine(ox.Store.read_only(str(self._on_disk())), self.id)
            store = ox.Store()
            store.bulk_load(path=str(self.path / "kb.nq"), format=ox.RdfFormat.N_QUADS)
        except (OSError, SyntaxError) as error:
            raise ReleaseProblem(
                f"{self.path / 'kb.nq'}: damaged: {error}; delete the folder and run `essaim build`"
            ) from error
        return LocalEngine(store, self.id)

    def is_large(self) -> bool:
        """Tell whether this release is answered from disk rather than from memory."""
        return int(sum(self.manifest["statements"].values())) > disk.memory_statements()

    def pooled(self, limits: Limits | None = None) -> Release:
        """Return this release answered by workers that can be killed, loaded and ready.

        Close or `retire` its engine when it is no longer served. Where the system has no means
        to confine workers, this process answers. Raises ReleaseProblem or EngineUnavailable.
        """
        if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
            return self
        from kb.engine.pool import PoolEngine  # needs what only such systems have

        is_large = self.is_large()
        path = self._on_disk() if is_large else self.path / "kb.nq"
        workers = PoolEngine(path, self.id, disk=is_large, limits=limits)
        return replace(self, served_by=workers)

    def _on_disk(self) -> Path:
        return disk.store(self.path / "kb.nq", self.path.with_name(f"{self.path.name}.store"))

    @cached_property
    def index(self) -> search.Index:
        """The search index of this release."""
        return search.Index(self.path / "index.sqlite")

    def dump(self, name: str) -> Path | None:
        """Return a file of `dumps/` by name, or None when there is no such file."""
        return self.path / "dumps" / name if name in self.manifest["dumps"] else None


def open_release(folder: Path | None = None, name: str = CURRENT) -> Release:
    """Open a release: the current one, or one by its id.

    Raises ReleaseProblem when there is none or its manifest cannot be read.
    """
    folder = folder or files.releases()
    path = (folder / name).resolve()
    manifest = path / MANIFEST
    if not manifest.is_file():
        raise ReleaseProblem(f"{folder / name}: no release there; run `essaim build` first")
    try:
        return Release(path, json.loads(manifest.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise ReleaseProblem(f"{manifest}: cannot be read: {error}; run `essaim build`") from error


def build(
    root: Path | None = None, folder: Path | None = None, progress: Progress = lambda _: None
) -> Release:
    """Compile the sources under `root` into a release, make it current, and open it.

    Nothing is compiled when the sources and the code are those of an existing release. Raises
    SourceProblem for the first file that cannot be read, ReleaseProblem when the release cannot
    be written; the previous release stays current in both cases.
    """
    root, folder = root or files.root(), folder or files.releases()
    found = sources.find(root)
    if not found:
        raise ReleaseProblem(f"{root}: no Turtle file under ontology/ or data/; check the folder")
    identifier = sources.fingerprint(found, _compiler_fingerprint())[:12]
    final = folder / identifier
    try:
        if not (final / MANIFEST).is_file():
            _compile_aside(found, identifier, folder, progress)
        _make_current(folder, identifier)
    except OSError as error:
        raise ReleaseProblem(_unwritable(folder, error)) from error
    return open_release(folder)


def _compiler_fingerprint() -> bytes:
    """Return bytes that change with the code, the queries and the engine that make a release."""
    here = Path(__file__).parent
    engine = [here / "engine" / name for name in ("local.py", "rewrite.py")]
    paths = [*sorted(here.glob("*.py")), *engine]
    paths += sorted(p for d in ("derive", "index", "catalog") for p in _folder(d).glob("*.rq"))
    return "\n".join([ox.__version__, *(sources.digest(path) for path in paths)]).encode()


def _unwritable(folder: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{folder}: the disk is full; free some space and build again"
    return f"{folder}: cannot be written: {error.strerror or error}; choose another ESSAIM_HOME"


def _compile_aside(
    found: list[sources.Source], identifier: str, folder: Path, progress: Progress
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(folder)
    aside = folder / f".building-{identifier}-{os.getpid()}"
    shutil.rmtree(aside, ignore_errors=True)
    try:
        (aside / "dumps").mkdir(parents=True)
        _compile(found, identifier, aside, progress)
        _move(aside, folder / identifier)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _move(aside: Path, final: Path) -> None:
    """Rename a finished build; the same release finished meanwhile by another build stays."""
    if final.is_dir() and not (final / MANIFEST).is_file():
        shutil.rmtree(final)
    try:
        os.replace(aside, final)
    except OSError:
        if not (final / MANIFEST).is_file():
            raise


def _remove_abandoned(folder: Path) -> None:
    """Remove what builds that were killed have left, a day after."""
    for left in folder.glob(".building-*"):
        if time.time() - left.stat().st_mtime > 86_400:
            shutil.rmtree(left, ignore_errors=True)


def _compile(found: list[sources.Source], identifier: str, aside: Path, progress: Progress) -> None:
    progress(f"reading {len(found)} files")
    store = ox.Store()
    counts = _load(store, found, aside / "kb.nq")
    progress(f"{sum(counts.values())} statements read; deriving")
    derived = _derive(store, aside / "kb.nq")
    context.write(aside)
    engine = LocalEngine(store, identifier)
    progress(f"{derived} statements derived; indexing")
    indexed = search.build(aside / "index.sqlite", engine, registry(_folder("index")).values())
    progress(f"{indexed} entries indexed; writing the dumps")
    dumps = _dumps(aside)
    issued = datetime.now(UTC).date()
    described = catalog.catalog(engine, identifier, dumps, issued)
    (aside / "dcat.ttl").write_text(turtle.text(described), encoding="utf-8")
    manifest = {
        "release": identifier,
        "issued": issued.isoformat(),
        "statements": {**counts, "derived": derived},
        "sources": {source.name: sources.digest(source.path) for source in found},
        "indexed": indexed,
        "dumps": [dump.name for dump in dumps],
        "files": {
            path.relative_to(aside).as_posix(): sources.digest(path)
            for path in sorted(aside.rglob("*"))
            if path.is_file()
        },
    }
    (aside / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def _folder(name: str) -> Path:
    return files.root() / "queries" / name


def _load(store: ox.Store, found: list[sources.Source], path: Path) -> dict[str, int]:
    """Write every source as N-Quads as it was written, load the store, count by space."""
    counts: dict[str, int] = {}
    with path.open("wb") as out:
        for source in found:
            statements = list(sources.quads(source))
            counts[source.space] = counts.get(source.space, 0) + len(statements)
            ox.serialize(statements, out, ox.RdfFormat.N_QUADS)
            ox.serialize(_provenance(source), out, ox.RdfFormat.N_QUADS)
    store.bulk_load(path=str(path), format=ox.RdfFormat.N_QUADS)
    return counts


def _provenance(source: sources.Source) -> Iterator[ox.Quad]:
    """Yield where a named graph comes from: its file, its checksum, its licence by default."""
    graph = ox.NamedNode(source.graph)
    about: dict[str, ox.NamedNode | ox.Literal] = {
        "http://www.w3.org/ns/prov#wasDerivedFrom": ox.NamedNode(
            terms.BASE + "source/" + source.name
        ),
        "http://purl.org/dc/terms/identifier": ox.Literal("sha256:" + sources.digest(source.path)),
    }
    if source.space != "ref":  # a reference file states its own licence in sources.ttl
        about["http://purl.org/dc/terms/license"] = ox.NamedNode(terms.LICENSE_DATA)
        about["http://www.w3.org/ns/prov#wasAttributedTo"] = ox.NamedNode(
            str(terms.record("agent", "essaim"))
        )
    for predicate, value in about.items():
        yield ox.Quad(graph, ox.NamedNode(predicate), value, META)


def _derive(store: ox.Store, path: Path) -> int:
    """Run the rules of `queries/derive/` in order; append what they add to the file."""
    total = 0
    with path.open("ab") as out:
        for rule in registry(_folder("derive")).values():
            results = store.query(rule.bound({}), use_default_graph_as_union=True)
            if not isinstance(results, ox.QueryTriples):
                raise ReleaseProblem(f"{rule.path}: a derivation is a CONSTRUCT query")
            fresh = {
                ox.Quad(t.subject, t.predicate, t.object, DERIVED)
                for t in results
                if not _stated(store, t)
            }
            ordered = sorted(fresh, key=str)
            store.extend(ordered)
            ox.serialize(ordered, out, ox.RdfFormat.N_QUADS)
            total += len(ordered)
    return total


def _stated(store: ox.Store, triple: ox.Triple) -> bool:
    found = store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
    return next(found, None) is not None


def _dumps(aside: Path) -> list[catalog.Dump]:
    """Write the release for download: everything as N-Quads, records and vocabularies as Turtle."""
    whole = aside / "dumps" / "essaim.nq.gz"
    with (aside / "kb.nq").open("rb") as raw, _zipped(whole) as out:
        shutil.copyfileobj(raw, out)
    records = aside / "dumps" / "essaim-records.ttl.gz"
    with _zipped(records) as out:
        triples = _without_reference(aside / "kb.nq")
        ox.serialize(triples, out, ox.RdfFormat.TURTLE, prefixes=terms.prefixes())
    return [
        catalog.Dump(whole.name, "application/n-quads", whole.stat().st_size),
        catalog.Dump(records.name, "text/turtle", records.stat().st_size),
    ]


def _without_reference(path: Path) -> Iterator[ox.Triple]:
    """Yield records and vocabularies from the file: the store would rewrite "01" to "1"."""
    ours = tuple(str(terms.graph(space)) + "/" for space in ("contrib", "vocab"))
    for quad in ox.parse(path=str(path), format=ox.RdfFormat.N_QUADS):
        if isinstance(quad.graph_name, ox.NamedNode) and quad.graph_name.value.startswith(ours):
            yield quad.triple


@contextmanager
def _zipped(path: Path) -> Iterator[IO[bytes]]:
    """Open a gzip file whose bytes depend on its content alone: no name, no time."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as zipped:
        yield cast(IO[bytes], zipped)


def _make_current(folder: Path, identifier: str) -> None:
    beside = folder / f".current-{os.getpid()}"
    beside.unlink(missing_ok=True)
    beside.symlink_to(identifier)
    os.replace(beside, folder / CURRENT)
