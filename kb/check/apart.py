"""A check in a child process with limits on time, memory and size: a file of a stranger is data.

An overflow in a library kills the process it happens in; here that is a child, and the answer is
one sentence. Limits of the system are those of POSIX setrlimit; elsewhere the clock alone counts.
"""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kb.check.finding import Finding, Report

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of clock and of processor, bytes of memory, of the file, of the answer."""

    seconds: float = 10
    memory: int = 1_500 * MB
    size: int = 5 * MB
    answer: int = 50 * MB


@dataclass(frozen=True, slots=True)
class Apart:
    """A report, and whether it is of a check.

    `refused` is a text that needs more than the limits, and will again; `failed` is a check that
    could not be carried out here, which may go better at another time.
    """

    report: bytes
    outcome: Literal["checked", "refused", "failed"]


def confine(seconds: float, memory: int) -> None:
    """Limit this process for good: it is killed beyond. Does nothing where there are no limits."""
    try:
        import resource
    except ImportError:  # Windows
        return
    whole = math.ceil(seconds)
    for kind, most in (
        (resource.RLIMIT_CPU, whole),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (limit, limit))


def run_apart(
    data: bytes, form: str = "turtle", language: str = "fr", limits: Limits | None = None,
    output: str = "json", arguments: Sequence[str] = (),
) -> Apart:  # fmt: skip
    """Return the report on bytes in an output format, made by a child process.

    What goes beyond the limits, or kills the child, gives a report with one obstacle. `arguments`
    are more options of `essaim check`.
    """
    limits = limits or Limits()

    def without(code: str, outcome: Literal["refused", "failed"], **values: str) -> Apart:
        return Apart(refused(code, language, output, values), outcome)

    if len(data) > limits.size:
        return without("X002", "refused", size=str(limits.size // MB))
    command = [
        sys.executable, "-m", "kb.check", "-", "--as", form, "--lang", language,
        "--format", output, "--seconds", str(limits.seconds), "--memory", str(limits.memory // MB),
        *arguments,
    ]  # fmt: skip
    before = _processor_s()
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=limits.seconds + 1)
    except subprocess.TimeoutExpired:
        # It worked through most of its time, or waited for a machine that others keep busy.
        worked = _processor_s() - before > limits.seconds / 2
        return without("X004", "refused" if worked else "failed", seconds=f"{limits.seconds:g}")
    # 0 and 1 are verdicts, 2 is no verdict; an error that nobody foresaw is 1 without a report.
    if len(done.stdout) <= limits.answer and (done.returncode == 0 or done.stdout):
        return Apart(done.stdout, "failed" if done.returncode not in (0, 1) else "checked")
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return without("X004", "refused", seconds=f"{limits.seconds:g}")
    if done.returncode == 1:
        reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        return without("X003", "failed", stage="check", reason=reason[:200])
    return without("X005", "refused", size=str(limits.memory // MB))


def peak() -> int:
    """Return how many MB of memory this process has taken at most; 0 where no system tells it."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // MB


def _processor_s() -> float:
    """Return the seconds of processor that ended children have taken so far."""
    times = os.times()
    return times.children_user + times.children_system


def refused(code: str, language: str, output: str, values: Mapping[str, str]) -> bytes:
    """Return a report that says why a text was not checked."""
    from kb.check.report import FORMATS

    values = {"file": "<stdin>", **values}
    report = Report((), (), (Finding(code, "error", "<stdin>", values=values),))
    return FORMATS[output](report, language).encode()
