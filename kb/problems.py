"""What can go wrong, as one tree; every message says where, what is wrong and what to do.

Problem
├── SourceProblem        a file of the knowledge base cannot be read as what it should be
├── ReleaseProblem       no release, a damaged one, or none can be written
├── QueryFileProblem     a `.rq` file or a parameter value is not usable
├── ShapesProblem        shapes cannot be used, or no engine can judge by them
└── EngineProblem        a query was not answered
    ├── QuerySyntax          it is not SPARQL 1.1
    ├── QueryRefused         it asks for what a public endpoint does not do
    ├── QueryTooBig          it ran too long or its answer is too large
    └── EngineUnavailable    there is no engine to answer it
"""

from __future__ import annotations

from pathlib import Path


class Problem(Exception):
    """Base of every error the user can do something about; its text is shown as it stands."""


class SourceProblem(Problem):
    """A source file cannot be read: `path`, 1-based `line` and `column` (0 when unknown)."""

    def __init__(self, path: Path, reason: str, line: int = 0, column: int = 0) -> None:
        where = ":".join(str(part) for part in (path, line, column) if part)
        super().__init__(f"{where}: {reason}")
        self.path, self.reason, self.line, self.column = path, reason, line, column


class ReleaseProblem(Problem):
    """There is no release to open, or none can be written."""


class QueryFileProblem(Problem):
    """A query file is malformed, or a value given for a parameter is no such term."""


class ShapesProblem(Problem):
    """Shapes are not what SHACL allows, or no engine can judge by them: nothing was checked."""


class EngineProblem(Problem):
    """A query was not answered.

    `code` names the reason for programs and translations (`kb.explain` has the words), `values`
    fills them; the text of the exception is the English of both.
    """

    def __init__(self, message: str, code: str = "", **values: object) -> None:
        super().__init__(message)
        self.code, self.values = code, values


class QuerySyntax(EngineProblem):
    """The text is not SPARQL 1.1 Query; `line` and `column` count from 1, 0 when unknown."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message, "syntax", line=line, column=column)
        self.line, self.column = line, column


class QueryRefused(EngineProblem):
    """The query asks for what a public endpoint does not do (updates, calls to other servers)."""


class QueryTooBig(EngineProblem):
    """The query ran longer, or its answer grew larger, than the limits allow."""


class EngineUnavailable(EngineProblem):
    """No engine can answer now."""
