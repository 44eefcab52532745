"""What a command imports: whoever checks a file does not wait for the server and the triple store.

A test of imports, not of time: libraries that a command does not need cost it most of its start.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kb import files

VALID = files.root() / "shapes" / "examples" / "valid"
HEAVY = {"rdflib", "pyshacl", "flask", "werkzeug", "numpy", "scipy", "yaml", "click.testing",
         "openpyxl", "httpx", "lark", "jinja2", "urllib.request", "importlib.metadata"}  # fmt: skip
CHECK = {
    "essaim check": "from web.cli import main; main(['check', *sys.argv[1:]])",
    "python -m kb.check": "import runpy; runpy.run_module('kb.check', run_name='__main__')",
}
PRINT = "import atexit, sys; atexit.register(lambda: print('\\n', *sys.modules, file=sys.stderr)); "


@pytest.mark.parametrize("command", CHECK)
def test_a_check_imports_what_it_needs_alone(command: str) -> None:
    path = VALID / "policy.ttl"
    loaded = _loaded(CHECK[command], path)
    assert "pyoxigraph" in loaded
    assert not HEAVY & loaded, "import these where they are used, not at the top of a module"


def _loaded(code: str, *arguments: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PRINT + code, *map(str, arguments)],
        capture_output=True, text=True, cwd=files.root(),
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    return set(done.stderr.splitlines()[-1].split())
