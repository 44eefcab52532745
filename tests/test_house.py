"""The house rules that a machine can hold: direction of imports, sizes, names, languages."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = sorted([*ROOT.glob("kb/**/*.py"), *ROOT.glob("web/**/*.py")])
PYTHON = sorted([*PACKAGES, *ROOT.glob("tests/**/*.py"), *ROOT.glob("bench/**/*.py")])
TEXTS = {".py", ".rq", ".ttl", ".md", ".toml", ".yml", ".yaml", ".json", ".html", ".css", ".cff"}
LONGEST_FILE, LONGEST_FUNCTION = 400, 60


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), name(path))


def lengths() -> Iterator[tuple[str, int]]:
    for path in PACKAGES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno
                yield f"{name(path)}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1


def test_imports_go_one_way() -> None:
    """The contracts are in pyproject.toml: web → kb, and the layers of kb."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_a_module_says_why_it_exists(path: Path) -> None:
    assert ast.get_docstring(tree(path)), f"{name(path)}: write a docstring that says why"


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    longest = LONGEST_FILE if path in PACKAGES else 2 * LONGEST_FILE
    assert lines <= longest, f"{name(path)} has {lines} lines; split it along a sentence"


def test_files_and_functions_are_short() -> None:
    files = [len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGES]
    functions = [length for _, length in lengths()]
    assert median(files) <= 150
    assert median(functions) <= 10
    assert quantiles(functions, n=10)[-1] <= 35


def test_no_function_is_very_long() -> None:
    long = [f"{where}: {length} lines" for where, length in lengths() if length > LONGEST_FUNCTION]
    assert not long, f"split: {long}"


def docstrings(module: ast.Module) -> set[int]:
    found = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(id(first.value))
    return found


@pytest.mark.parametrize("path", PACKAGES, ids=name)
def test_sparql_stands_in_query_files_only(path: Path) -> None:
    module = tree(path)
    told = docstrings(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            asked = re.search(r"\b(SELECT|ASK|CONSTRUCT|DESCRIBE)\b[^{}]*\{", node.value)
            assert not asked, f"{name(path)}:{node.lineno}: move the query to queries/"


@pytest.mark.parametrize("path", PACKAGES, ids=name)
def test_only_the_edges_catch_everything(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ExceptHandler):
            assert node.type, f"{name(path)}:{node.lineno}: name the exceptions"
            caught = ast.unparse(node.type)
            line = path.read_text(encoding="utf-8").splitlines()[node.lineno - 1]
            edge = path.name in ("cli.py", "errors.py") or "  # " in line  # or says why
            assert caught not in ("Exception", "BaseException") or edge, (
                f"{name(path)}:{node.lineno}: catch what can go wrong here, no more"
            )


@pytest.mark.parametrize("path", PACKAGES, ids=name)
def test_input_is_never_checked_by_assert(path: Path) -> None:
    for node in ast.walk(tree(path)):
        assert not isinstance(node, ast.Assert), f"{name(path)}:{node.lineno}: raise a Problem"


@pytest.mark.parametrize("path", PACKAGES, ids=name)
def test_no_module_is_a_drawer(path: Path) -> None:
    assert not re.search(r"util|helper|common|misc|manager", path.stem), f"name what {path} does"


def committed() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("no git checkout: the files of the repository cannot be listed")
    return [ROOT / path for path in done.stdout.decode().split("\0") if path]


# Spelt in pieces, so that this file holds none of them.
FOLDERS = ["/wor" + "k/", "/ho" + "me/[a-z]", "/roo" + "t/", "/tm" + "p/[a-z]"]
MACHINE = re.compile(r"(?<![\w.%-])(" + "|".join(FOLDERS) + ")")


def _lines(path: Path) -> list[str]:
    # some files of the tests are in another encoding on purpose
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def test_no_file_names_a_path_of_one_machine() -> None:
    found = []
    for path in committed():
        if path.suffix in TEXTS and path.is_file():
            for number, line in enumerate(_lines(path), start=1):
                if MACHINE.search(line):
                    found.append(f"{name(path)}:{number}: {line.strip()[:80]}")
    assert not found, "\n".join(found)


def test_interface_texts_are_the_same_in_both_languages() -> None:
    folder = ROOT / "web" / "messages"
    texts = {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in folder.glob("*.json")}
    assert set(texts) >= {"en"} or set(texts) >= {"fr"}, "write web/messages/<language>.json"
    keys = {language: set(found) for language, found in texts.items()}
    assert len({frozenset(found) for found in keys.values()}) == 1, f"keys differ: {keys}"
