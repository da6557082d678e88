"""CONTRIBUTING.md: the house that it shows is the one that stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import app
import pytest

ROOT = app.HERE.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
_MADE = ("build", "dist", ".egg-info", "__pycache__")


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
