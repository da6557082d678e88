"""The description of an app in pyproject.toml: what it may say, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import shipping
from conftest import Bin2res, resources
from folders import write

from bin2res import app, config
from bin2res.encode import Window, compress
from bin2res.errors import Bin2resError

PROJECT = '[project]\nname = "my_app"\nversion = "1.0"\n'


@pytest.fixture
def described(package: Path) -> Path:
    """The folder of a pyproject.toml, with the package `my_app` in it."""
    (package.parent / "pyproject.toml").write_text(PROJECT + "[tool.pkgres]\n")
    return package.parent


def describe(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(text)


def test_bin2res_without_paths(described: Path, bin2res: Bin2res) -> None:
    page = b"<p>" * 100
    (described / "my_app/data/page.html").write_bytes(page)
    keys = 'resources = ["data"]\nexclude = ["*.png"]\ngzip = ["*.html"]\ngzip-window = 9\n'
    describe(described, PROJECT + "[tool.pkgres]\n" + keys)
    result = bin2res(cwd=described)
    assert result.returncode == 0, result.stderr
    found = resources(described / "my_app/R.py")
    assert list(found) == ["data/page.html.gz", "data/sub/deep.txt"]
    assert found["data/page.html.gz"] == compress(page, 9)
    assert bin2res("--check", cwd=described).returncode == 0
    # The same from below, and with options on top.
    for cwd in (described / "my_app", described / "my_app/data"):
        assert bin2res("--check", cwd=cwd).returncode == 0
    assert bin2res("-C", str(described), "--gzip-window", "10", "-x", "*.txt").returncode == 0
    found = resources(described / "my_app/R.py")
    assert list(found) == ["data/page.html.gz"]
    assert found["data/page.html.gz"] == compress(page, 10)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("gzip = ['*.html']", ["best", None, None]),
        ("gzip = ['*', '*.json=10']", ["best", 10, "best"]),
        ("gzip = ['*']\ngzip-window = 12", [12, 12, 12]),
        ("gzip = ['*']\ngzip-window = 'best'", ["best", "best", "best"]),
        ("gzip = {'*.html' = 'best', '*.json' = 10}", ["best", 10, None]),
        ("gzip = {'*' = 10, '*.html' = false}\ngzip-window = 12", [None, 10, 10]),
        ("[tool.pkgres.gzip]\n'*' = 9\n'*.json' = 15\n'data/page.js*' = 11", [9, 11, 9]),
    ],
)
def test_windows_by_pattern(
    described: Path, bin2res: Bin2res, keys: str, expected: list[Window | None]
) -> None:
    page = b"".join(b"%d, " % i for i in range(1000))
    names = ["page.html", "page.json", "page.txt"]
    for name in names:
        (described / "my_app/data" / name).write_bytes(page)
    describe(described, PROJECT + "[tool.pkgres]\nresources = ['data/page.*']\n" + keys)
    result = bin2res(cwd=described)
    assert result.returncode == 0, result.stderr
    assert resources(described / "my_app/R.py") == {
        f"data/{name}": page for name, window in zip(names, expected, strict=True) if window is None
    } | {
        f"data/{name}.gz": compress(page, window)
        for name, window in zip(names, expected, strict=True)
        if window is not None
    }


def test_defaults(described: Path, bin2res: Bin2res) -> None:
    assert bin2res(cwd=described).returncode == 0
    assert list(resources(described / "my_app/R.py")) == [
        "data/image.png",
        "data/page.html",
        "data/sub/deep.txt",
    ]


def test_paths_come_before_the_description(described: Path, bin2res: Bin2res) -> None:
    describe(described, "not even TOML")
    assert bin2res("data/page.html").returncode == 0
    assert list(resources(described / "my_app/R.py")) == ["data/page.html"]


def test_no_description(package: Path, bin2res: Bin2res) -> None:
    result = bin2res()
    assert result.returncode == 2
    assert b"no PATHS, and no pyproject.toml with a table [tool.pkgres]" in result.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.pkgres]\n", "has no table [project]; add it"),
        ("[project]\n[tool.pkgres]\n", "[project] name: is missing or no name of a package"),
        ('[project]\nname = "a b"\n[tool.pkgres]\n', "[project] name: is missing or no name"),
        (
            PROJECT + "[tool.pkgres]\nresource = []\n",
            "[tool.pkgres] resource: is not a key; the keys are",
        ),
        (PROJECT + "[tool.pkgres]\ngzip = 'x'\n", "[tool.pkgres] gzip: is 'x'; write a list of"),
        (PROJECT + "[tool.pkgres]\nexclude = [1]\n", "[tool.pkgres] exclude: is [1]; write a list"),
        (PROJECT + "[tool.pkgres]\nresources = [1]\n", "[tool.pkgres] resources: is [1]; write a"),
        (PROJECT + "[tool.pkgres]\ngzip-window = 8\n", "gzip-window: is 8; write 9 to 15"),
        (PROJECT + "[tool.pkgres]\ngzip-window = true\n", "gzip-window: is True; write 9 to 15"),
        (PROJECT + "[tool.pkgres]\ngzip-window = 'x'\n", "is 'x'; write 9 to 15 or \"best\""),
        (PROJECT + "[tool.pkgres]\ngzip = {'*' = 8}\n", "gzip: is {'*': 8}; write a list of patt"),
        (PROJECT + "[tool.pkgres]\ngzip = {'*' = true}\n", "gzip: is {'*': True}; write a list"),
        (PROJECT + "[tool.pkgres]\ngzip = {'*.x' = 9}\n", "gzip *.x: matches no resource"),
        (PROJECT + "[tool.pkgres]\ngzip = {'!*' = 9}\n", "gzip: is {'!*': 9}; write a list"),
        (PROJECT + "[tool.pkgres]\ngzip = ['*=7']\n", "[tool.pkgres] gzip *=7: write PATTERN="),
        (PROJECT + "[tool.pkgres]\npackage = 'a\\b'\n", "package: is 'a\\\\b'; write the path"),
        (PROJECT + "[tool.pkgres]\nresources = ['a\\*']\n", "is ['a\\\\*']; write a list of patt"),
        (PROJECT + "[tool.pkgres]\npackage = 'no'\n", "[tool.pkgres] package: no is not a folder"),
        (PROJECT + "[tool.pkgres]\npackage = '.'\n", "[tool.pkgres] resources: is missing; name"),
        (PROJECT + "[tool.pkgres]\npackage = 'my-app'\n", "'my-app' cannot be imported; rename it"),
        (PROJECT + "[tool.pkgres]\ndependencies = 'x'\n", "dependencies: is 'x'; write a list"),
        (PROJECT + "[tool.pkgres]\ndependencies = ['a b']\n", "dependencies: 'a b' is not a depen"),
        (PROJECT + "[tool.pkgres]\nstart = 'a b'\n", "start: is 'a b'; write \"module\" or"),
        (PROJECT + "[tool.pkgres]\nstart = 'other'\n", "start: other is not a module of the app"),
        (
            PROJECT + "[tool.pkgres]\nparts = ['x']\n",
            "parts: 'x' is not a part of pkgres; the parts",
        ),
        (PROJECT + "[tool.pkgres]\npackage = '/x'\n", "package: '/x' is absolute; write it"),
        (PROJECT + "[tool.pkgres]\npackage = 'class'\n", "package: 'class' cannot be imported"),
        (PROJECT + "[tool.pkgres]\npackage = 'pkgres'\n", "'pkgres' is the name of what is shipp"),
        (
            PROJECT + "[tool.pkgres]\nresources = ['*.x']\n",
            "resources: *.x: the pattern matches",
        ),
        (PROJECT + "[tool.pkgres]\nresources = ['../x']\n", "resources: ../x"),
        (PROJECT + "[tool.pkgres]\ngzip = ['*.x']\n", "[tool.pkgres] gzip *.x: matches no resourc"),
        (PROJECT + "[tool.pkgres]\ngzip = ['!']\n", "[tool.pkgres] gzip: "),
        (PROJECT + "[tool.pkgres]\nexclude = ['!']\n", "[tool.pkgres] exclude: "),
        (PROJECT + "[tool.pkgres\n", "is not TOML: "),
        (PROJECT + "x = " + "[" * 100_000, "is nested too deep; write it flat"),
        ("\udcff", "is not TOML: "),
    ],
)
def test_mistakes(described: Path, text: str, message: str) -> None:
    for name in ("my-app", "class", "pkgres"):
        (described / name).mkdir()
    (described / "pyproject.toml").write_bytes(os.fsencode(text))
    result = shipping.command("image", "-o", "board", cwd=described)
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("pkgres: pyproject.toml: ")
    assert message in line
    assert not (described / "board").exists()


def test_no_file(tmp_path: Path) -> None:
    result = shipping.command("image", "-o", "board", cwd=tmp_path)
    assert result.returncode == 2
    assert "no pyproject.toml with a table [tool.pkgres] here or above" in result.stderr


def test_what_is_code(described: Path) -> None:
    code = described / "my_app"
    for path in ("a.py", "sub/__init__.py", "sub/b.py", "tests/t.py", "no_init/c.py", "native.mpy"):
        (code / path).parent.mkdir(exist_ok=True)
        (code / path).write_bytes(b"M\x06\x00\x1f" if path.endswith(".mpy") else b"")
    describe(described, PROJECT + '[tool.pkgres]\nresources = ["data"]\nexclude = ["tests/"]\n')
    result = shipping.command("image", "-o", "board", cwd=described)
    assert "tests" not in result.stderr
    board = described / "board/lib/my_app"
    found = sorted(str(p.relative_to(board)) for p in board.rglob("*") if p.suffix != ".html")
    assert [f for f in found if f.endswith(("py", "mpy"))] == [
        "__init__.py",
        "a.py",
        "data/code.mpy",
        "data/code.py",
        "data/sub/code.py",
        "native.mpy",
        "no_init/c.py",
        "sub/__init__.py",
        "sub/b.py",
    ]


def test_package_in_another_folder(described: Path) -> None:
    (described / "src").mkdir()
    (described / "my_app").rename(described / "src/the_app")
    describe(described, PROJECT + '[tool.pkgres]\npackage = "src/the_app"\n')
    assert shipping.command("image", "-o", "board", cwd=described).returncode == 0
    assert (described / "board/lib/the_app/data/page.html").exists()


def test_an_app_without_resources(described: Path, bin2res: Bin2res) -> None:
    describe(described, PROJECT + '[tool.pkgres]\nexclude = ["data/"]\n')
    for command in (
        ("image", "-o", "board"),
        ("freeze", "-o", "frozen"),
        ("sdist", "-o", "dist"),
        ("mip", "-o", "site"),
        ("romfs", "-o", "app.romfs"),
    ):
        shipping.ship(*command, cwd=described)
    assert not list((described / "frozen").rglob("R.py"))
    result = bin2res(cwd=described)
    assert result.returncode == 2
    assert b"[tool.pkgres] resources: there is none in my_app" in result.stderr


COMMANDS = (
    ("image", "-o", "board"),
    ("image", "--mpy", "-o", "board"),
    ("freeze", "-o", "frozen"),
    ("sdist", "-o", "dist"),
    ("mip", "-o", "site"),
    ("romfs", "-o", "app.romfs"),
)


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_lost_and_nothing_written(described: Path, command: tuple[str, ...]) -> None:
    """A resource that cannot be read stops all ways, also where none is named."""
    (described / "my_app/data/link").symlink_to("/nonexistent")
    before = sorted(described.rglob("*"))
    result = shipping.command(*command, cwd=described)
    assert (result.returncode, sorted(described.rglob("*"))) == (2, before)
    assert "is a broken link" in result.stderr


@pytest.mark.parametrize("command", COMMANDS[1:3] + COMMANDS[4:])
def test_code_that_does_not_compile(described: Path, command: tuple[str, ...]) -> None:
    (described / "my_app/bad.py").write_text("is no Python\n")
    before = sorted(described.rglob("*"))
    result = shipping.command(*command, cwd=described)
    assert (result.returncode, sorted(described.rglob("*"))) == (2, before)
    assert "mpy-cross refused my_app/bad.py" in result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_output_in_the_package(described: Path, command: tuple[str, ...]) -> None:
    *rest, output = command
    for inside in (f"my_app/{output}", "my_app", f"my_app/data/sub/{output}"):
        result = shipping.command(*rest, inside, cwd=described)
        assert result.returncode == 2
        assert "is in the package my_app; name another with -o" in result.stderr


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """No other app, in a folder above, is taken for it."""
    write(tmp_path / "app", {"pyproject.toml": PROJECT + "[tool.pkgres]\n", "app.py": ""})
    for name in ("nosuch", "pyproject.toml"):
        with pytest.raises(Bin2resError, match=f"^-C .*{name}: is not a folder; name"):
            config.find(str(tmp_path / "app" / name))


def test_paths_of_a_key_are_relative_to_the_package(tmp_path: Path) -> None:
    text = PROJECT + "[tool.pkgres]\nresources = ['my_app/data']\n"
    files = {"pyproject.toml": text, "my_app/__init__.py": "", "my_app/data/page.html": ""}
    write(tmp_path, files)
    found = config.read(str(tmp_path / "pyproject.toml"))
    with pytest.raises(Bin2resError, match=r"paths are relative to the package folder .*my_app$"):
        app.resources(found)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="fifos are of POSIX")
def test_code_that_is_not_a_file(described: Path) -> None:
    os.mkfifo(described / "my_app/pipe.py")
    found = config.read(str(described / "pyproject.toml"))
    with pytest.raises(Bin2resError, match=r"pipe\.py: is a device, fifo or socket; name it in"):
        app.load(found)
