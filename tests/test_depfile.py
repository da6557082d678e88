"""The page In a build: make, ninja and CMake run pkgres if an input has changed, and only then."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Bin2res, needing
from firmware.source import need
from test_docs import blocks, folder

__all__ = ["folder"]  # a fixture

Build = Callable[[], str]


def building(project: Path, tool: str) -> tuple[Build, Path]:
    """Write the rule of the page; return what builds, and the folder that it freezes to."""
    name, command, made = {
        "make": ("Makefile", [["make", "frozen/manifest.py"]], "frozen"),
        "ninja": ("build.ninja", [["ninja"]], "frozen"),
        "cmake": ("CMakeLists.txt", [["cmake", "-B", "b"], ["cmake", "--build", "b"]], "b/frozen"),
    }[tool]
    needing(lambda: need(tool))
    (project / name).write_text(blocks("builds", tool)[0])
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    def build() -> str:
        said = ""
        for arguments in command:
            result = subprocess.run(
                arguments,
                cwd=project,
                env={**os.environ, "PATH": path},
                capture_output=True,
                text=True,
                check=False,
            )
            assert result.returncode == 0, result.stdout + result.stderr
            said = result.stdout
        return said

    return build, project / made


def runs(made: Path) -> int:
    """Return the time of the record, which is new if a run changed anything."""
    return (made / ".pkgres.json").stat().st_mtime_ns


@pytest.mark.parametrize("tool", ["make", "ninja", "cmake"])
def test_rules(folder: Path, tool: str) -> None:
    build, made = building(folder, tool)
    build()
    first = runs(made)
    build()
    assert runs(made) == first
    page = folder / "hello/data/page.html"
    page.write_text("<h1>Other")
    build()
    second = runs(made)
    assert second != first
    (folder / "hello/data/new file.html").write_text("<h1>New")
    build()
    assert "new file.html" in (made / "code/hello/R.py").read_text()
    page.unlink()
    build()
    assert "page.html" not in (made / "code/hello/R.py").read_text()
    third = runs(made)
    build()
    assert runs(made) == third


@pytest.mark.parametrize("tool", ["make", "ninja"])
def test_nothing_is_run_if_nothing_has_changed(folder: Path, tool: str) -> None:
    build, _ = building(folder, tool)
    build()
    said = build()
    assert "is up to date" in said or "no work to do" in said


def test_the_rule(package: Path, bin2res: Bin2res) -> None:
    (package / "data/a #1 $.txt").write_bytes(b"x")
    assert bin2res("data", "--depfile", "R.d").returncode == 0
    text = (package / "R.d").read_text()
    rule, *others = text.split("\n\n")
    assert rule.split(" \\\n ") == [
        *("R.py:", "data", r"data/a\ \#1\ $$.txt", "data/image.png", "data/page.html", "data/sub"),
        "data/sub/deep.txt",
    ]
    assert [line.strip() for line in others] == [f"{n}:" for n in rule.split(" \\\n ")[1:]]
    os.utime(package / "R.d", (1, 1))
    assert bin2res("data", "--depfile", "R.d").returncode == 0
    assert (package / "R.d").stat().st_mtime == 1


def test_another_file_is_not_replaced(package: Path, bin2res: Bin2res) -> None:
    (package / "notes").write_text("mine")
    result = bin2res("data", "--depfile", "notes")
    assert (result.returncode, result.stderr) == (
        2,
        b"bin2res: --depfile notes: was not made for R.py; name another file\n",
    )
    assert (package / "notes").read_text() == "mine"
    assert not (package / "R.py").exists()
    assert bin2res("data", "--check", "--depfile", "R.d").returncode == 2
