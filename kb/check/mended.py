"""A text repaired in a child process with limits: what a server does with the text of a stranger.

`python -m kb.check.mended FORM SECONDS MEGABYTES [OPTIONS]` writes a file with the safe
repairs of the codes chosen. Of a workbook it writes the first sheet as lines with tabs.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from kb.check.apart import MB, Limits, confine

AS_IT_IS = "--as-it-is"


def mended_apart(
    data: bytes, form: str, limits: Limits | None = None, arguments: Sequence[str] = ()
) -> bytes | None:
    """Return a file with its safe repairs made; None when the child went beyond the limits.

    `arguments` are `--select=CODE`, `--ignore=CODE`, and `AS_IT_IS` to repair nothing.
    """
    limits = limits or Limits()
    command = [
        sys.executable, "-m", "kb.check.mended", form, str(limits.seconds),
        str(limits.memory // MB), *arguments,
    ]  # fmt: skip
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=limits.seconds + 1)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode or len(done.stdout) > limits.answer:
        return None
    return done.stdout


def _mend(data: bytes, form: str, arguments: Sequence[str]) -> bytes:
    from kb.check.inputs import Input
    from kb.check.mending import MENDABLE, mended
    from kb.check.pipeline import Options, check

    only_letters = Options(is_syntax_only=True)
    text = check(text=data, form=form, options=only_letters).files[0].text
    if form == "xlsx":
        data, form = text.encode(), "csv"
    if AS_IT_IS in arguments or form not in MENDABLE:
        return text.encode()
    options = Options(select=_given("select", arguments), ignore=_given("ignore", arguments))
    return mended(Input("<text>", form, None, data), text, options).data


def _given(name: str, arguments: Sequence[str]) -> tuple[str, ...]:
    start = f"--{name}="
    return tuple(one.removeprefix(start) for one in arguments if one.startswith(start))


if __name__ == "__main__":
    confine(float(sys.argv[2]), int(sys.argv[3]) * MB)
    written = _mend(sys.stdin.buffer.read(), sys.argv[1], sys.argv[4:])
    sys.stdout.buffer.write(written)
