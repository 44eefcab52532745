"""Source files as quads: one named graph a file, blank nodes with addresses, errors with lines.

A file that is not valid Turtle or N-Triples is refused whole, with its first error. The lexical
form of every literal is kept as written (the store would rewrite "01" to "1").
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from kb import terms
from kb.problems import SourceProblem

LINKS = ".sssom.tsv"  # that of `linkset`, which is imported where there are links: it needs YAML
GENID = terms.BASE + ".well-known/genid/"
NOT_RECORDS = frozenset({"reference", "links", "making"})
FORMATS = {".ttl": ox.RdfFormat.TURTLE, ".nt": ox.RdfFormat.N_TRIPLES}


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the knowledge base, the graph it becomes, and its path in the repository."""

    path: Path
    graph: str
    name: str

    @property
    def space(self) -> str:
        """`vocab`, `contrib`, `ref` or `link`: the second level of the graph's address."""
        return self.graph.removeprefix(terms.BASE + "graph/").partition("/")[0]


def find(root: Path) -> list[Source]:
    """Return the source files under a folder laid out like the repository, in a fixed order.

    Hidden files are left out. Raises SourceProblem for a name that makes no address of a graph,
    or the same address as another file.
    """
    found = [*vocabularies(root), *_records(root), *references(root), *_links(root)]
    seen: dict[str, Source] = {}
    for source in found:
        other = seen.setdefault(source.graph, source)
        if other is not source:
            raise SourceProblem(source.path, f"makes the same graph as {other.name}; rename one")
    return found


def vocabularies(root: Path) -> Iterator[Source]:
    """Yield the ontology, its alignments and the schemes; raises SourceProblem as `find`."""
    folder = root / "ontology"
    for path in [folder / "essaim.ttl", folder / "alignments.ttl", *_sorted(folder / "schemes")]:
        if path.is_file():
            yield _source(root, path, "vocab", path.stem)


def _records(root: Path) -> Iterator[Source]:
    data = root / "data"
    folders = sorted(p for p in data.iterdir() if p.is_dir()) if data.is_dir() else []
    for folder in folders:
        if folder.name not in NOT_RECORDS:
            for path in _sorted(folder):
                yield _source(root, path, "contrib", folder.name, path.stem)


def references(root: Path) -> Iterator[Source]:
    """Yield the files of the reference layer; raises SourceProblem as `find`."""
    folder = root / "data" / "reference"
    for path in [*_sorted(folder), *_sorted(folder, "*.nt.gz")]:
        yield _source(root, path, "ref", path.name.partition(".")[0])


def _links(root: Path) -> Iterator[Source]:
    for path in _sorted(root / "data" / "links", f"*{LINKS}"):
        yield _source(root, path, "link", path.name.removesuffix(LINKS))


def _sorted(folder: Path, pattern: str = "*.ttl") -> list[Path]:
    return sorted(path for path in folder.glob(pattern) if not path.name.startswith("."))


def _source(root: Path, path: Path, space: str, *parts: str) -> Source:
    for part in parts:
        if not terms.SLUG.fullmatch(part):
            reason = f"{part!r} names no graph; write lower-case letters, digits and hyphens"
            raise SourceProblem(path, reason)
    return Source(path, terms.graph_address(space, *parts), path.relative_to(root).as_posix())


def digest(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits.

    Raises SourceProblem when the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise SourceProblem(path, f"cannot be read: {error.strerror or error}") from error


def quads(source: Source) -> Iterator[ox.Quad]:
    """Yield the statements of one file in its named graph.

    Raises SourceProblem with line and column when the file is not valid, not UTF-8 or unreadable.
    """
    graph = ox.NamedNode(source.graph)
    if source.space == "link":
        yield from _linked(source.path, graph)
        return
    addresses: dict[str, ox.NamedNode] = {}

    def address(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> ox.NamedNode:
        if not isinstance(term, ox.BlankNode):
            return term  # type: ignore[return-value]  # any term but a blank node stays itself
        stem = source.graph.removeprefix(terms.BASE + "graph/")
        name = f"{GENID}{stem}/{len(addresses) + 1}"
        return addresses.setdefault(term.value, ox.NamedNode(name))

    for triple in _parsed(source.path):
        yield ox.Quad(address(triple.subject), triple.predicate, address(triple.object), graph)


def _linked(path: Path, graph: ox.NamedNode) -> Iterator[ox.Quad]:
    from kb import linkset, sssom  # only where there are links

    try:
        yield from linkset.quads(path, graph)
    except sssom.LinkFileProblem as problem:
        raise SourceProblem(path, str(problem).removeprefix(f"{path}:")) from problem


def _parsed(path: Path) -> Iterator[ox.Quad]:
    suffix = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    try:
        with _opened(path) as stream:
            yield from ox.parse(stream, FORMATS[suffix])
    except SyntaxError as error:
        reason = _reason(str(error.msg))
        raise SourceProblem(path, reason, error.lineno or 0, error.offset or 0) from error
    except (OSError, EOFError, zlib.error) as error:
        raise SourceProblem(path, f"cannot be read: {error}") from error


def _opened(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return cast(IO[bytes], gzip.open(path, "rb"))
    return path.open("rb")


def _reason(message: str) -> str:
    """Return the parser's reason without its own account of the position."""
    return message.partition(": ")[2] or message if "at line" in message else message


def fingerprint(sources: Iterable[Source], *others: bytes) -> str:
    """Return one SHA-256 over the names and contents of files, and over other bytes."""
    total = hashlib.sha256()
    for source in sources:
        total.update(f"{source.name}\0{digest(source.path)}\n".encode())
    for other in others:
        total.update(other)
    return total.hexdigest()
