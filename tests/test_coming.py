"""What docs/coming.md says of the other ways, tried with their own code."""

from __future__ import annotations

import importlib.resources
import re
import shutil
import subprocess
import sys
from pathlib import Path

import app
import pytest
import runtimes
from test_peer import peer

import pkgres.files

__all__ = ["peer"]  # a fixture
PAGE = (app.HERE.parent / "docs/coming.md").read_text("utf-8")
_SHOW = 'import os\nprint(open("/data/page.html").read(), os.listdir("/data"))\n'
# Each reads a resource by its own __name__.
_READ = """\
import pkg_resources
def read(name):
    try:
        with pkg_resources.resource_stream(__name__, name) as stream:
            return stream.read().decode()
    except (OSError, KeyError) as e:
        return type(e).__name__
"""
_ALL = """\
import my_app, my_app.utils, my_app.inner
print(my_app.read("a.txt"), my_app.utils.read("a.txt"), my_app.inner.read("b.txt"))
print(my_app.read("none.txt"))
"""


def rows(title: str) -> list[list[str]]:
    """Return the cells of the table in the section with this title."""
    table = PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return [line.strip("| ").split(" | ") for line in lines[2:]]


def micropython(folder: Path, code: str) -> str:
    (folder / "main.py").write_text(code)
    command = [sys.executable, "-m", "micropython_unix", "main.py"]
    result = runtimes.run(command, folder, f"{folder}:.frozen")
    assert result.stderr == ""
    return result.stdout


def test_freezefs(package: Path) -> None:
    """Its commands and imports, and ours, show the same files."""
    folder = package.parent
    (package / "__init__.py").write_text("")
    for name in ("code.py", "code.mpy", ".hidden"):
        (package / "data" / name).unlink()
    for name in ("__pycache__", ".git", "sub"):
        shutil.rmtree(package / "data" / name)
    (folder / "pkgres").symlink_to(app.PKGRES)
    commands, imports = rows("freezefs")[:2]
    seen = []
    for command, code in zip(commands, imports, strict=True):
        command = command.strip("`").replace("python", sys.executable, 1)
        command = command.replace("bin2res", f"{sys.executable} -m bin2res -q", 1)
        subprocess.run(["bash", "-ec", command], cwd=folder, check=True, capture_output=True)
        lines = "\n".join(re.findall("`(.*?)`", code))
        told = micropython(folder, f"{lines}\n{_SHOW}")
        seen.append(told.splitlines()[-1])
    assert seen[0] == seen[1] == "<p>page ['image.png', 'page.html']"


@pytest.mark.parametrize("storage", ["files", "R.py"])
def test_micropython_lib(tmp_path: Path, peer: Path, storage: str) -> None:
    """Where its resource_stream works and where not; ours does everywhere."""
    inner = tmp_path / "my_app/inner"
    inner.mkdir(parents=True)
    for path in ("my_app/__init__.py", "my_app/utils.py", "my_app/inner/__init__.py"):
        (tmp_path / path).write_text(_READ)
    names = {tmp_path / "my_app": "a.txt", inner: "b.txt"}
    for folder, name in names.items():
        content = name[0]
        if storage == "files":
            (folder / name).write_text(content)
        else:
            (folder / "R.py").write_text(f"R = {{{name!r}: b{content!r}}}\n")
    shutil.copy(peer, tmp_path / "pkg_resources.py")
    theirs = micropython(tmp_path, _ALL)
    assert (
        theirs.split()
        == {
            "files": ["a", "a", "OSError", "OSError"],
            "R.py": ["a", "OSError", "b", "KeyError"],
        }[storage]
    )
    (tmp_path / "pkg_resources.py").write_bytes((app.PKGRES / "pkg_resources.py").read_bytes())
    (tmp_path / "pkgres").symlink_to(app.PKGRES)
    assert micropython(tmp_path, _ALL).split() == ["a", "a", "b", "OSError"]


def test_names_of_the_standard_library() -> None:
    same = next(row for row in rows("importlib.resources") if "open_text" in row[0])
    names = re.findall(r"`(\w+)", same[0])
    assert len(names) == 7
    for name in names:
        assert callable(getattr(pkgres.files, name))
        assert callable(getattr(importlib.resources, name))


def test_names_of_setuptools() -> None:
    same = rows("setuptools' pkg_resources")[1]
    assert same[1] == "the same"
    for name in re.findall(r"`(\w+)`", same[0]):
        assert callable(getattr(pkgres, name))
