"""One check of an open text in a process of its own: `python -m kb.lsp.checked`.

It reads a line of JSON (`name`, `form`, `lang`, `task`) and the text, and writes the report of
`essaim check --format json`, or for the task `mend` the text with its safe repairs. The name is
that of the file, so that its saved state in the base neither saves nor condemns it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

from kb.check.apart import confine
from kb.check.apply import repair
from kb.check.finding import Finding, Report
from kb.check.inputs import Input
from kb.check.pipeline import MB, Options, check_inputs
from kb.check.report import FORMATS
from kb.reading.bytes import decoded

SECONDS, MEMORY = 10, 1_500 * MB
LARGEST = 5 * MB


def report(name: str, form: str, data: bytes) -> Report:
    """Return what is wrong with a text under the name of its file."""
    return check_inputs([Input(name, form, None, data)], Options(largest=LARGEST))


def mended(name: str, form: str, data: bytes) -> str:
    """Return a text with its safe repairs made, as `essaim check --fix` makes them."""

    def again(text: str) -> Iterable[Finding]:
        return report(name, form, text.encode()).told

    return repair(decoded(data, LARGEST).text, again, form).after


if __name__ == "__main__":
    confine(SECONDS, MEMORY)
    asked = json.loads(sys.stdin.buffer.readline())
    given = sys.stdin.buffer.read()
    if asked["task"] == "mend":
        answer = mended(asked["name"], asked["form"], given)
    else:
        answer = FORMATS["json"](report(asked["name"], asked["form"], given), asked["lang"])
    sys.stdout.buffer.write(answer.encode())
