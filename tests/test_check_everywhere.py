"""The check where contributors meet it: watching, before a commit, in continuous integration."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from check import positions

from kb import files

pytestmark = pytest.mark.full

ROOT = files.root()
WRONG = (positions.HERE / "mistakes" / "year-in-quotes.ttl").read_text(encoding="utf-8")
RIGHT = WRONG.replace('"2014"', "2014")
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
SECONDS = 60


def git(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    named = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *named, *arguments], cwd=folder, capture_output=True, text=True,
                          timeout=SECONDS * 3, env=os.environ | more, check=False)  # fmt: skip


def until(path: Path, words: str) -> str:
    end = time.monotonic() + SECONDS
    while words not in (text := path.read_text(encoding="utf-8")):
        assert time.monotonic() < end, f"never said {words!r}: {text[-400:]}"
        time.sleep(0.1)
    return text


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """A folder with the command `essaim` of this checkout."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "essaim"
    start = "from web.cli import main; main()"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec "{sys.executable}" -c "{start}" "$@"\n')
    program.chmod(0o755)
    return folder


def test_a_watched_file_is_checked_again_when_it_changes(tmp_path: Path) -> None:
    record, said = tmp_path / "year-in-quotes.ttl", tmp_path / "said.txt"
    record.write_text(WRONG, encoding="utf-8")
    arguments = [sys.executable, "-m", "kb.check", str(record), "--watch", "--lang", "en"]
    with said.open("wb") as out:
        watching = subprocess.Popen(arguments, stdout=out, stderr=out, cwd=ROOT,
                                    env=os.environ | {"PYTHONUNBUFFERED": "1"})  # fmt: skip
    try:
        until(said, "C-dated-start-year")
        record.write_text(RIGHT, encoding="utf-8")
        until(said, "nothing to say")
        watching.send_signal(signal.SIGINT)
        assert watching.wait(10) in (0, 1, 130)
        assert "Traceback" not in said.read_text(encoding="utf-8")
    finally:
        watching.kill()


def test_the_hook_stops_a_commit_and_lets_the_mended_one_pass(
    tmp_path: Path, command: Path
) -> None:
    if not shutil.which("pre-commit", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}"):
        pytest.skip("install pre-commit")
    path = f"{command}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    hooks, work = tmp_path / "hooks", tmp_path / "work"
    for folder in (hooks, work):
        folder.mkdir()
        assert git(folder, "init", "-q").returncode == 0
    # The hook as it is published, but for its installation: the command is that of this checkout.
    hook = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    assert "language: python" in hook
    hook = hook.replace("language: python", "language: system")
    (hooks / ".pre-commit-hooks.yaml").write_text(hook)
    git(hooks, "add", "-A")
    git(hooks, "commit", "-q", "-m", "hook")
    revision = git(hooks, "rev-parse", "HEAD").stdout.strip()
    asked = {"repos": [{"repo": str(hooks), "rev": revision,
                        "hooks": [{"id": "essaim-check", "args": ["--fix"]}]}]}  # fmt: skip
    (work / ".pre-commit-config.yaml").write_text(yaml.safe_dump(asked))
    (work / "year-in-quotes.ttl").write_text(WRONG, encoding="utf-8")
    more = {"PATH": path, "PRE_COMMIT_HOME": str(tmp_path / "cache")}
    subprocess.run(["pre-commit", "install"], cwd=work, env=os.environ | more, check=True,
                   capture_output=True, timeout=SECONDS)  # fmt: skip
    git(work, "add", "-A")
    stopped = git(work, "commit", "-q", "-m", "record", **more)
    assert stopped.returncode == 1, stopped.stdout + stopped.stderr
    assert (work / "year-in-quotes.ttl").read_text(encoding="utf-8") == RIGHT
    git(work, "add", "-A")
    passed = git(work, "commit", "-q", "-m", "record", **more)
    assert passed.returncode == 0, passed.stdout + passed.stderr


def test_the_steps_of_the_action_annotate(tmp_path: Path, command: Path) -> None:
    """Each step of bash is run as a runner runs it; only the installation is left out."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "year-in-quotes.ttl").write_text(WRONG, encoding="utf-8")
    inputs = {name: str(one.get("default", "")) for name, one in ACTION["inputs"].items()}
    inputs |= {"lang": "en", "paths": "data"}
    summary, output = tmp_path / "summary.md", tmp_path / "output.txt"
    summary.touch()
    output.touch()
    steps = [one for one in ACTION["runs"]["steps"]
             if "run" in one and "pip install" not in one["run"]]  # fmt: skip
    assert steps
    for step in steps:
        given = {
            name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: inputs[found[1]], text)
            for name, text in step.get("env", {}).items()
        }
        given |= {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(output),
                  "GITHUB_ACTIONS": "true",
                  "PATH": f"{command}:{os.environ['PATH']}"}  # fmt: skip
        done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c",
                               step["run"]], cwd=tmp_path, env=os.environ | given,
                              capture_output=True, text=True, timeout=SECONDS)  # fmt: skip
        assert done.returncode == 1, done.stderr
        assert re.match(
            r"::error file=data/year-in-quotes\.ttl,line=17,endLine=17,col=22,endColumn=28,"
            r"title=C-dated-start-year::“2014” is in quotes", done.stdout,
        ), done.stdout  # fmt: skip
    assert "C-dated-start-year" in summary.read_text(encoding="utf-8")
    assert "errors=1" in output.read_text(encoding="utf-8")
