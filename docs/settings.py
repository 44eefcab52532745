"""The table of settings of `docs/operations.md`, from the options of `essaim serve` themselves."""

from __future__ import annotations

from pathlib import Path

from web.options import OPTIONS

PAGE = Path(__file__).parent / "operations.md"
BEGIN, END = "<!-- settings: written by make docs -->", "<!-- end of settings -->"


def page() -> str:
    """Return the page with its table as the code has it now."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def table() -> str:
    """Return the settings as a Markdown table."""
    lines = ["| flag | variable | default | what it sets |", "|---|---|---|---|"]
    for option in OPTIONS:
        flags = " ".join(f"`{flag}`" for flag in (*option.opts, *option.secondary_opts))
        given = isinstance(option.default, str | int | float)
        default = f"`{str(option.default).lower()}`" if given else ""
        lines.append(f"| {flags} | `{option.envvar}` | {default} | {option.help} |")
    return "\n".join(lines)
