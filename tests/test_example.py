"""The example of the documentation, in every form in which it runs without a board."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import app
import pytest
import runtimes

Run = Callable[[Path, str], "subprocess.CompletedProcess[str]"]

EXAMPLES = app.HERE.parent / "examples"


def build(root: Path, storage: str) -> None:
    """Copy the example, and keep its resources in *storage* alone."""
    ignored = shutil.ignore_patterns("R.py", "R.mpy", "__pycache__")
    shutil.copytree(EXAMPLES / "my_app", root / "my_app", ignore=ignored)
    app.install_pkgres(root)
    if storage != "files":
        command = [sys.executable, "-m", "bin2res", "-q", "data"]
        subprocess.run(command, cwd=root / "my_app", check=True)
        shutil.rmtree(root / "my_app/data")
    if storage == "R.mpy":
        app.compile_mpy(root / "my_app/R.py", root / "my_app/R.mpy")


def expected() -> str:
    page = (EXAMPLES / "my_app/data/page.html").read_bytes()
    image = (EXAMPLES / "my_app/data/image.png").read_bytes()
    assert page.startswith(b"<!DOCTYPE html>")
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    return (
        f"data/page.html {len(page)} bytes, starts with {page[:15]!r}\n"
        f"data/image.png {len(image)} bytes, starts with {image[:15]!r}\n"
    )


@pytest.mark.parametrize(
    ("run", "storage"),
    [
        (runtimes.cpython, "files"),
        (runtimes.cpython, "R.py"),
        (runtimes.micropython, "files"),
        (runtimes.micropython, "R.py"),
        (runtimes.micropython, "R.mpy"),
    ],
)
def test_runs(tmp_path: Path, run: Run, storage: str) -> None:
    build(tmp_path, storage)
    result = run(tmp_path, "my_app/__main__.py")
    assert (result.returncode, result.stdout, result.stderr) == (0, expected(), "")


@pytest.mark.parametrize("other", ["absent", "setuptools"])
def test_whichever_pkg_resources_is_installed(tmp_path: Path, other: str) -> None:
    """The example gets ours where the name belongs to another, or to nobody."""
    shutil.copytree(EXAMPLES / "my_app", tmp_path / "my_app")
    (tmp_path / "pkgres").symlink_to(app.PKGRES)
    if other == "setuptools":
        (tmp_path / "pkg_resources").mkdir()
        (tmp_path / "pkg_resources/__init__.py").write_text("raise Exception('not ours')\n")
    result = runtimes.cpython(tmp_path, "my_app/__main__.py")
    assert (result.returncode, result.stdout, result.stderr) == (0, expected(), "")
