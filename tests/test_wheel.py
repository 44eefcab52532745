"""The wheel, built and installed in an empty environment, answers from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the `bin` folder of an environment where only the wheel was installed."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, ROOT)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "env", with_pip=True)
    bin_folder = folder / "env" / "bin"
    _run(bin_folder / "python", "-m", "pip", "install", "-q", wheel)
    return bin_folder


def _run(*command: object, **kwargs: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=600, **kwargs
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.full
def test_the_wheel_answers_a_shipped_question_from_another_folder(
    installed: Path, tmp_path: Path
) -> None:
    environment = {**os.environ, "ESSAIM_HOME": str(tmp_path)}
    ask = (installed / "essaim", "query", "05-need-and-narrower", "--format", "csv")
    answer = _run(*ask, cwd=tmp_path, env=environment)
    assert len(answer.stdout.splitlines()) > 10, "the wheel must carry queries/ and data/"


@pytest.mark.full
def test_the_wheel_writes_nothing_beside_its_code(installed: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "ESSAIM_HOME": str(tmp_path)}
    _run(installed / "essaim", "build", cwd=tmp_path, env=environment)
    package = next(installed.parent.glob("lib/python*/site-packages/kb"))
    assert not (package / "releases").exists(), "releases belong in ESSAIM_HOME or the user's data"
    assert (tmp_path / "releases" / "current" / "manifest.json").is_file()


@pytest.mark.full
def test_the_wheel_carries_the_editor_and_its_licences(installed: Path) -> None:
    static = next(installed.parent.glob("lib/python*/site-packages/web/static"))
    here = ROOT / "web" / "static"
    for path in (*here.glob("editor/*"), *here.glob("vendor/*/*")):
        packed = static / path.relative_to(here)
        assert packed.is_file(), f"the wheel lacks {path.relative_to(ROOT)}"
        assert packed.read_bytes() == path.read_bytes()
