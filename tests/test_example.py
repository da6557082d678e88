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
HASH_NAMES = EXAMPLES / "hash_names.py"


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


def hash_names(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(HASH_NAMES), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_names_have_the_hash_of_the_content(tmp_path: Path) -> None:
    """Those of the example do, and a file that has changed gets another, in the page as well."""
    data = tmp_path / "data"
    shutil.copytree(EXAMPLES / "my_app/data", data)
    before = contents(data)
    result = hash_names(data)
    assert (result.returncode, result.stdout, contents(data)) == (0, "", before)
    (style,) = data.glob("style.*.css")
    style.write_text("p {}\n")
    (data / "my-style.00000000.css").write_text("b {}\n")
    page = data / "page.html"
    page.write_bytes(page.read_bytes() + b"\r\n<!-- my-style.00000000.css -->\r\n")
    assert hash_names(data).returncode == 0
    names = [path.name for path in data.glob("*.css")]
    assert style.name not in names
    text = page.read_bytes()
    assert all(name.encode() in text for name in names)
    assert text.count(b"\r\n") == 2
    assert {path.suffix for path in data.iterdir()} == {".css", ".html", ".js", ".png"}


@pytest.mark.parametrize("what", ["a copy of an old one", "twice", "named by a script"])
def test_a_name_that_is_taken_is_refused(tmp_path: Path, what: str) -> None:
    (tmp_path / "app.00000000.js").write_text("old")
    assert hash_names(tmp_path).returncode == 0
    (made,) = tmp_path.iterdir()
    if what == "named by a script":
        (tmp_path / "main.00000000.js").write_text(f"import './{made.name}'")
        made.write_text("a day of work")
    else:
        (tmp_path / "app.00000000.js").write_text("old")
        made.write_text("old" if what == "twice" else "a day of work")
    before = contents(tmp_path)
    result = hash_names(tmp_path)
    assert (result.returncode, len(result.stderr.splitlines())) == (1, 1)
    assert contents(tmp_path) == before
