"""What the command says: the report, what was left out, warnings, what to type next."""

from __future__ import annotations

import json
import os
import shlex
import tarfile
from pathlib import Path

import folders
import pytest
import shipping
from conftest import resources
from shipping import WAYS

PROJECT = '[project]\nname = "app"\nversion = "1.0"\n[tool.pkgres]\n'


@pytest.fixture
def app(tmp_path: Path) -> Path:
    files = {
        "pyproject.toml": PROJECT + 'package = "."\nresources = ["**/*.txt"]\n',
        "__init__.py": "import pkgres\n",
        "page.txt": "p" * 50,
        "data/large.txt": "x" * 5000,
        "data/small.txt": "x",
        "templates/page.py": "x = 1\n",
        "tests/test_app.py": "import pytest\n",
        "tests/data.txt": "not for a board",
        "venv/pyvenv.cfg": "",
        "venv/lib/text.txt": "not the app's",
        "venv/lib/code.py": "",
        "setup.py": "",
        ".hidden/code.py": "",
        "__pycache__/code.py": "",
    }
    return folders.write(tmp_path / "project", files)


def listing(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_names_that_look_hashed(tmp_path: Path) -> None:
    """A note for an app that serves them, unless it says which never change."""
    app = shipping.copied(tmp_path / "app", {'immutable = ["data/*.????????.*"]\n': ""})
    for name in ("page-WiFiScan.js", "index-BxY3k_9a.css", "photo-20240131.jpg", "README.md"):
        (app / "data" / name).write_text("x")
    notes = shipping.ship("image", "-n", "-o", str(tmp_path / "board"), cwd=app)["notes"]
    assert notes == [
        "data/app.9e9e69f0.js and 2 more: looks as if the name had a hash of the content; with the"
        " key immutable browsers keep it for a year"
    ]
    assert shipping.ship("image", "-n", "-o", str(tmp_path / "board"))["notes"] == []


@pytest.mark.parametrize("way", ["image", "mip", "romfs", "freeze", "sdist"])
def test_what_never_changes_is_listed_for_the_board(tmp_path: Path, way: str) -> None:
    """In a module R beside the files, and in the one that has the resources."""
    output = str(tmp_path / shipping.WAYS[way])
    files = [file["name"] for file in shipping.ship(way, "-o", output)["files"]]
    if way == "romfs":
        assert "lib/my_app/R.mpy" in files
        return
    if way == "sdist":
        with tarfile.open(tmp_path / "dist/my_app-1.0.0.tar.gz") as archive:
            archive.extractall(tmp_path / "dist")
    (module,) = [p for p in tmp_path.rglob("R.py") if p.parent.name == "my_app"] or [
        next(tmp_path.glob("site/my_app/1.0.0/*/R.py"))
    ]
    lines = module.read_text().splitlines()
    assert lines[-1] == "IMMUTABLE = ('data/app.9e9e69f0.js', 'data/style.4df89ef7.css',)"
    is_beside_files = way in ("image", "mip")
    assert (resources(module) == {}) == is_beside_files


def test_equal_pieces(app: Path, tmp_path: Path) -> None:
    """The firmware build stores them once: less than the resources, and no negative line."""
    (app / "data/large.txt").write_text("x" * 200_000)
    made = shipping.ship("freeze", "-n", "-o", str(tmp_path / "out"), cwd=app)
    sizes = sum(file["size"] for file in made["files"])
    assert made["overhead"] == 0
    assert made["total"] == sizes - made["shared"] < 50_000
    lines = shipping.command("freeze", "-n", "-o", str(tmp_path / "out"), cwd=app).stderr
    assert f"\n{made['shared']:>7,}  less: equal pieces" in lines
    assert "-" not in lines.partition("on the board")[0]


@pytest.mark.parametrize("way", ["image", "freeze", "romfs", "mip"])
def test_python_that_is_a_resource(app: Path, tmp_path: Path, way: str) -> None:
    described = (app / "pyproject.toml").read_text()
    (app / "pyproject.toml").write_text(described.replace('*.txt"', '*.txt", "templates/*.py"'))
    lines = shipping.command(way, "-n", "-o", str(tmp_path / "out"), cwd=app).stderr
    resources, _, _ = lines.partition("  resources, in 4 files")
    assert resources.count("templates/page.py") == lines.count("templates/page.py") == 1
    size = json.loads(shipping.command("size", "--json", cwd=app).stdout)
    counts = [sum("page.py" in f["name"] for f in size[key]) for key in ("resources", "code")]
    assert counts == [1, 0]


@pytest.mark.parametrize(("way", "output"), WAYS.items())
def test_a_dry_run_says_what_a_run_does(app: Path, way: str, output: str) -> None:
    before = listing(app)
    dry = shipping.ship(way, "-n", "-o", output, cwd=app)
    assert listing(app) == before
    done = shipping.ship(way, "-o", output, cwd=app)
    assert listing(app) != before
    assert dry == done
    # What was made is not taken by the next run, of this way or another.
    for another, elsewhere in WAYS.items():
        again = shipping.ship(another, "-o", f"{elsewhere}.again", cwd=app)
        names = [file["name"] for file in again["files"]]
        assert len([name for name in names if name.endswith("large.txt")]) <= 1
        assert len([name for name in names if "page." in name]) <= 2


def test_left_out(app: Path) -> None:
    result = shipping.command("image", "-n", "-o", "board", cwd=app)
    lines = result.stderr.splitlines()
    total = next(i for i, line in enumerate(lines) if "on the board" in line)
    assert lines[total].endswith("nothing was written")
    assert lines[total + 1 :] == [
        "left out: setup.py (not for a board)",
        "left out: tests/ (not for a board)",
        "left out: venv/ (a virtual environment)",
    ]
    shipping.ship("image", "-o", "board", cwd=app)
    result = shipping.command("image", "-o", "board", cwd=app)
    assert "left out: board/ (made by pkgres)" in result.stderr
    assert result.stderr.splitlines()[-1] == "next: mpremote cp -r board/lib :"


def test_the_largest_first(app: Path) -> None:
    lines = shipping.command("image", "-o", "board", cwd=app).stderr.splitlines()
    resources = [line.split()[-1] for line in lines[:3]]
    assert resources == [f"lib/app/{n}" for n in ("data/large.txt", "page.txt", "data/small.txt")]
    assert lines[3].split()[:2] == ["5,051", "resources,"]
    assert lines[-3].endswith("code, in 3 files") or "code, in" in "\n".join(lines)


@pytest.mark.parametrize(("way", "output"), WAYS.items())
def test_quiet(app: Path, way: str, output: str) -> None:
    result = shipping.command(way, "-q", "-o", output, cwd=app)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_quiet_but_for_warnings(app: Path) -> None:
    result = shipping.command("freeze", "-q", "-o", "with space", cwd=app)
    (line,) = result.stderr.splitlines()
    assert line.startswith("pkgres: warning: make takes no path with a space")


def test_warnings_come_after_the_table(app: Path) -> None:
    lines = shipping.command("freeze", "-o", "with space", cwd=app).stderr.splitlines()
    kinds = [
        "next" if line.startswith("next") else "warning" if "warning:" in line else "table"
        for line in lines
    ]
    assert kinds == sorted(kinds, key=["table", "warning", "next"].index)
    assert "warning" in kinds


def test_from_below_and_from_elsewhere(app: Path) -> None:
    """The description is found above, and its patterns mean the same from every folder."""
    here = shipping.ship("image", "-n", "-o", "board", cwd=app)["files"]
    # A file that a pattern would match in the current folder.
    elsewhere = app.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "page.txt").write_text("another")
    (app / "data/page.txt").write_text("of data")
    (app / "data/page.txt").unlink()
    output = str(app.parent / "out")
    for cwd, arguments in ((app / "data", ()), (elsewhere, ("-C", str(app)))):
        assert shipping.ship("image", "-n", "-o", output, *arguments, cwd=cwd)["files"] == here
    (app / "pyproject.toml").write_text(PROJECT + 'package = "."\nresources = ["only.txt"]\n')
    (elsewhere / "only.txt").write_text("not of the app")
    result = shipping.command("image", "-C", str(app), "-o", output, cwd=elsewhere)
    assert result.returncode == 2
    assert "resources: only.txt: does not exist" in result.stderr


def test_what_a_build_takes_is_told(app: Path) -> None:
    """Of a large resource in pieces it is little, of one that is to be whole it is not."""
    (app / "data/huge.txt").write_bytes(os.urandom(900_000))
    notes = shipping.ship("freeze", "-o", "frozen", cwd=app)["notes"]
    assert not [note for note in notes if "longer over large resources" in note]
    assert [note for note in notes if "of RAM" in note]
    with open(app / "pyproject.toml", "a") as description:
        description.write('whole = ["huge.txt"]\n')
    notes = shipping.ship("freeze", "-o", "frozen", cwd=app)["notes"]
    assert [note for note in notes if "longer over large resources" in note]


@pytest.mark.parametrize(("way", "output"), WAYS.items())
def test_next_commands_are_for_a_shell(app: Path, way: str, output: str) -> None:
    result = shipping.command(way, "--json", "-o", f"with space {output}", cwd=app)
    made = json.loads(result.stdout)
    for line in made["next"]:
        words = shlex.split(line)
        assert words[0] in ("mpremote", "make", "python", "tar")
        if words[0] != "python" and "http" not in line:
            assert any(f"with space {output}" in word for word in words)
