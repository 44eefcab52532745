"""A text repaired in a child process with limits: what a server does with the text of a stranger.

`python -m kb.check.mended FORM SECONDS MEGABYTES` reads a text and writes it with the safe repairs.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable

from kb.check.apart import MB, Limits, confine


def mended_apart(data: bytes, form: str, limits: Limits | None = None) -> str | None:
    """Return a text with its safe repairs made; None when the child went beyond the limits."""
    limits = limits or Limits()
    command = [
        sys.executable, "-m", "kb.check.mended", form, str(limits.seconds),
        str(limits.memory // MB),
    ]  # fmt: skip
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=limits.seconds + 1)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode or len(done.stdout) > limits.answer:
        return None
    return done.stdout.decode()


def _mend(data: bytes, form: str) -> str:
    from kb.check.apply import repair
    from kb.check.finding import Finding
    from kb.check.pipeline import check
    from kb.reading import FORMS

    def again(text: str) -> Iterable[Finding]:
        return check(text=text, form=form).told

    text = check(text=data, form=form).files[0].text
    return repair(text, again, form).after if form in FORMS else text


if __name__ == "__main__":
    confine(float(sys.argv[2]), int(sys.argv[3]) * MB)
    mended = _mend(sys.stdin.buffer.read(), sys.argv[1])
    sys.stdout.buffer.write(mended.encode())
