"""A check in a child process with limits on time, memory and size: a file of a stranger is data.

An overflow in a library kills the process it happens in; here that is a child, and the answer is
one sentence. Limits of the system are those of POSIX setrlimit; elsewhere the clock alone counts.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kb.check.finding import Finding, Report

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of clock and of processor, bytes of memory, of the file, of the answer."""

    seconds: float = 10
    memory: int = 1_500 * MB
    size: int = 5 * MB
    answer: int = 50 * MB


def confine(seconds: float, memory: int) -> None:
    """Limit this process for good: it is killed beyond. Does nothing where there are no limits."""
    try:
        import resource
    except ImportError:  # Windows
        return
    whole = int(seconds) + 1
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
) -> bytes:  # fmt: skip
    """Return the report on bytes in an output format, made by a child process.

    What goes beyond the limits, or kills the child, gives a report with one obstacle. `arguments`
    are more options of `essaim check`.
    """
    limits = limits or Limits()
    if len(data) > limits.size:
        return refused("X002", language, output, {"size": str(limits.size // MB)})
    command = [
        sys.executable, "-m", "kb.check", "-", "--as", form, "--lang", language,
        "--format", output, "--seconds", str(limits.seconds), "--memory", str(limits.memory // MB),
        "--exit-zero", *arguments,
    ]  # fmt: skip
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=limits.seconds + 1)
    except subprocess.TimeoutExpired:
        return refused("X004", language, output, {"seconds": f"{limits.seconds:g}"})
    if done.returncode == 0 and len(done.stdout) <= limits.answer:
        return done.stdout
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return refused("X004", language, output, {"seconds": f"{limits.seconds:g}"})
    return refused("X005", language, output, {"size": str(limits.memory // MB)})


def refused(code: str, language: str, output: str, values: Mapping[str, str]) -> bytes:
    """Return a report that says why a text was not checked."""
    from kb.check.report import FORMATS

    values = {"file": "<stdin>", **values}
    report = Report((), (), (Finding(code, "error", "<stdin>", values=values),))
    return FORMATS[output](report, language).encode()
