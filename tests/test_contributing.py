"""CONTRIBUTING.md: what it shows of the folders and rules is so."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import app
import pytest

ROOT = app.HERE.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
_MADE = ("build", "dist", "site", ".egg-info", "__pycache__")


def test_every_folder_is_shown() -> None:
    rows = PAGE.split("| where | what |")[1].split("\n\n")[0].splitlines()[2:]
    shown = {name for row in rows for name in re.findall(r"`([\w./]+)/`", row.split("|")[1])}
    parts = [path for path in ROOT.iterdir() if path.name == ".ci" or path.name[0] != "."]
    parts += (ROOT / "bin2res").iterdir()
    assert shown == {
        str(path.relative_to(ROOT))
        for path in parts
        if path.is_dir() and not path.name.endswith(_MADE)
    }


def test_files_that_are_named_are_there() -> None:
    for name in re.findall(r"`([\w./]+\.py)`", PAGE):
        places = ("", "bin2res/", "bin2res/ship/", "pkgres/", "tests/")
        assert any((ROOT / place / name).exists() for place in places), name


@pytest.mark.parametrize("package", ["pkgres", "bin2res"])
def test_the_two_never_import_each_other(package: str) -> None:
    other = {"pkgres": "bin2res", "bin2res": "pkgres"}[package]
    for path in (ROOT / package).rglob("*.py"):
        found = re.search(rf"(?m)^\s*(import|from) {other}\b", path.read_text("utf-8"))
        assert not found, path


def imported(path: Path) -> set[Path]:
    """Return the files of bin2res that one of them imports, on top or in a function."""
    found: set[Path] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        folder = path.parents[node.level - 1]
        module = folder.joinpath(*(node.module or "").split("."))
        names = [module, *(module / alias.name for alias in node.names)]
        found |= {name.with_suffix(".py") for name in names}
    return {file for file in found if file.exists()} - {path}


def test_imports_run_one_way() -> None:
    waiting = {path: imported(path) for path in (ROOT / "bin2res").rglob("*.py")}
    assert sum(map(len, waiting.values())) > 100
    above_cli = {
        path.name for path, used in waiting.items() if any(u.name == "cli.py" for u in used)
    }
    assert above_cli == {"commands.py"}
    while waiting:
        lowest = {path for path, used in waiting.items() if not used & waiting.keys()}
        assert lowest, f"in a circle: {sorted(map(str, waiting))}"
        waiting = {path: used for path, used in waiting.items() if path not in lowest}


def test_one_test_as_shown() -> None:
    command = re.findall(r"\| run one test \| `(.*?)` \|", PAGE)[0]
    command = command.replace("python", sys.executable, 1)
    result = subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
