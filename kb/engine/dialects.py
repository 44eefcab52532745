"""How engines differ although all speak SPARQL 1.1: the table `dialects.toml`, read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

STANDARD = "standard"


@dataclass(frozen=True)
class Dialect:
    """One engine's ways; the fields are those of the table."""

    name: str
    server: str
    union: Mapping[str, str] = field(default_factory=dict)
    has_default: bool = True
    timeout: Mapping[str, str | int] | None = None
    partial: str = ""
    cut: str = ""
    truth: str = ""
    prologue: tuple[str, ...] = ()
    graphs: str = ""
    store: str = ""
    graph: str = "graph"

    def time_limit(self, seconds: float) -> dict[str, str]:
        """Return the parameter that limits a query to so many seconds, if there is one."""
        if not self.timeout:
            return {}
        units = max(1, round(seconds * int(self.timeout["per_second"])))
        return {str(self.timeout["name"]): str(units)}


@cache
def known() -> Mapping[str, Dialect]:
    """Return the dialects by name."""
    path = Path(__file__).with_name("dialects.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        name: Dialect(name, **{**row, "prologue": tuple(row.get("prologue", ()))})
        for name, row in table.items()
    }


def of_server(header: str) -> Dialect:
    """Return the dialect of who calls itself so in a Server header; else the standard one."""
    found = (dialect for dialect in known().values() if re.search(dialect.server, header))
    return next(found, known()[STANDARD])
