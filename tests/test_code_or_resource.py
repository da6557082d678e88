"""What is code and what is a resource: .py files that are resources, an app's own module R."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import folders
import pytest
import runtimes
import shipping
import test_ship_mip
from conftest import Bin2res, resources
from firmware.build import unix

PROJECT = '[project]\nname = "app"\nversion = "1.0"\n[tool.pkgres]\n'
# No MicroPython compiles this, and the browser's Python does.
EDITOR = b"match input():\n    case 'x':\n        print('x')\n" * 20
PRINT = """\
import pkgres
for name in ("www/py/app.py", "www/py/more.py"):
    print(len(pkgres.resource_string("app", name)))
"""
PRINTED = f"{len(EDITOR)}\n5\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An app with a page that brings Python for the browser."""
    keys = 'resources = ["www", "www/py/*.py"]\ngzip = ["www/py/app.py"]\n'
    files: dict[str, str | bytes] = {
        "pyproject.toml": PROJECT + keys,
        "app/__init__.py": PRINT,
        "app/www/index.html": "<p>page",
        "app/www/py/app.py": EDITOR,
        "app/www/py/more.py": "x = 1",
        "app/www/code.py": "y = 1\n",
    }
    return folders.write(tmp_path / "project", files)


@pytest.mark.parametrize("mpy", [[], ["--mpy"]])
def test_in_an_image(project: Path, mpy: list[str]) -> None:
    shipping.ship("image", "-o", "board", *mpy, cwd=project)
    library = project / "board/lib"
    assert sorted(path.name for path in (library / "app/www/py").iterdir()) == [
        "app.py.gz",
        "more.py",
    ]
    # Below a folder that resources names it is code.
    assert (library / "app/www/code.mpy").exists() == bool(mpy)
    command = [sys.executable, "-m", "micropython_unix", "-c", "import app"]
    result = runtimes.run(command, project / "board", f"{library}:.frozen")
    assert (result.stdout, result.stderr) == (PRINTED, "")


def test_frozen(project: Path) -> None:
    shipping.ship("freeze", "-o", "frozen", cwd=project)
    assert not (project / "frozen/code/app/www/py").exists()
    binary = unix(project / "frozen/manifest.py")
    result = runtimes.run([str(binary), "-c", "import app"], Path("/"), ".frozen")
    assert (result.stdout, result.stderr) == (PRINTED, "")


def test_by_mip(project: Path, receiver: Path) -> None:
    shipping.ship("mip", "-o", "site", cwd=project)
    (project / "empty").mkdir()
    with folders.served(project / "site") as url:
        test_ship_mip.install(receiver, project / "empty", "'app'", f"index='{url}'")
    library = project / "empty/lib"
    result = runtimes.run([str(receiver), "-c", "import app"], project, f"{library}:.frozen")
    assert (result.stdout, result.stderr) == (PRINTED, "")


@pytest.mark.parametrize("way", ["romfs", "size", "sdist"])
def test_other_ways(project: Path, way: str) -> None:
    output = [] if way == "size" else ["-o", shipping.WAYS[way]]
    described = shipping.ship(way, *output, cwd=project)
    if way == "romfs":
        names = [file["name"] for file in described["files"]]
        assert "lib/app/www/py/more.py" in names
        assert "lib/app/www/py/app.py.gz" in names


@pytest.mark.parametrize("pattern", ["**/*.py", "data/*.py", "data/code.py"])
def test_bin2res_takes_code_that_is_named(package: Path, bin2res: Bin2res, pattern: str) -> None:
    assert bin2res(pattern).returncode == 0
    assert "data/code.py" in resources(package / "R.py")
    assert bin2res("data", "data/*.html").returncode == 0
    assert "data/code.py" not in resources(package / "R.py")


@pytest.mark.parametrize(
    ("pattern", "folder", "is_taken"),
    [
        ("*/*.dist", "dist", False),
        ("**/*.timeout", "out", False),
        ("dist/*", "dist", True),
        ("**/*.git", ".git", False),
        (".well-known/*", ".well-known", True),
    ],
)
def test_a_folder_is_named_by_a_whole_part_of_a_pattern(
    tmp_path: Path, bin2res: Bin2res, pattern: str, folder: str, is_taken: bool
) -> None:
    files = {
        "pyproject.toml": PROJECT + f'resources = ["{pattern}", "page.html"]\n',
        "main.py": "",
        "page.html": "",
        "sub/x.dist": "x",
        "sub/x.timeout": "x",
        "sub/x.git": "x",
        **{f"{folder}/secret.{end}": "x" for end in ("dist", "timeout", "git")},
    }
    folders.write(tmp_path / "flat", files)
    assert bin2res(cwd=tmp_path / "flat").returncode == 0
    found = resources(tmp_path / "flat/R.py")
    assert any(name.startswith(f"{folder}/") for name in found) == is_taken


def test_the_output_is_no_resource(package: Path, bin2res: Bin2res) -> None:
    """Though it is in a folder of resources: each run gives the same."""
    (package.parent / "pyproject.toml").write_text(PROJECT + 'package = "my_app"\n')
    made = []
    for _ in range(3):
        assert bin2res("-o", "data/made.bin").returncode == 0
        made.append((package / "data/made.bin").read_bytes())
    assert made[0] == made[1] == made[2]


@pytest.fixture
def with_own_r(tmp_path: Path) -> Path:
    """An app that has a module R of its own."""
    files = {
        "pyproject.toml": PROJECT + 'resources = ["page.html"]\n',
        "app/__init__.py": "from app.R import TITLE\nprint(TITLE)\n",
        "app/R.py": 'TITLE = "x"\n',
        "app/page.html": "<p>",
    }
    return folders.write(tmp_path / "project", files)


@pytest.mark.parametrize("mpy", [[], ["--mpy"]])
def test_an_own_module_r_is_code(with_own_r: Path, mpy: list[str]) -> None:
    shipping.ship("image", "-o", "board", *mpy, cwd=with_own_r)
    command = [sys.executable, "-m", "micropython_unix", "-c", "import app"]
    library = with_own_r / "board/lib"
    result = runtimes.run(command, with_own_r / "board", f"{library}:.frozen")
    assert (result.stdout, result.stderr) == ("x\n", "")


def test_resources_do_not_replace_it(with_own_r: Path, bin2res: Bin2res) -> None:
    for way in ("freeze", "sdist"):
        result = shipping.command(way, "-o", "out", cwd=with_own_r)
        assert result.returncode == 2
        assert "app/R.py: has the name of the module with the resources; rename it" in result.stderr
    own = bin2res(cwd=with_own_r)
    assert own.returncode == 2
    assert b"R.py: was not made by bin2res; rename or remove it" in own.stderr
    assert (with_own_r / "app/R.py").read_text() == 'TITLE = "x"\n'
    # Without resources nothing stands in its way.
    (with_own_r / "pyproject.toml").write_text(PROJECT + "resources = []\n")
    assert shipping.command("freeze", "-o", "out", cwd=with_own_r).returncode == 0


def test_a_module_of_another_tool_is_left_out(with_own_r: Path) -> None:
    """It holds the resources once more; that is told, and bin2res does not replace it."""
    module = with_own_r / "app/R.py"
    module.write_text("R = {\n'page.html': b'<p>',\n}\n")
    (with_own_r / "app/__init__.py").write_text("")
    for way in ("image", "freeze"):
        described = shipping.ship(way, "-o", way, cwd=with_own_r)
        assert described["left_out"] == [{"name": "R.py", "why": "resources of another tool"}]
    assert module.read_text().startswith("R = {")


def test_a_compiled_module_of_ours_is_known(package: Path, bin2res: Bin2res) -> None:
    for options in (["--mpy"], ["--mpy", "--table"]):
        assert bin2res("data", *options).returncode == 0
    assert bin2res("data").returncode == 0
    assert bin2res("data", "--table").returncode == 0
    (package / "R.py").write_text("")  # as mktemp makes it
    assert bin2res("data").returncode == 0


@pytest.mark.parametrize("pattern", ["./data/page.html", "my_app/data/sub", "data\\\\sub", "none"])
def test_an_exclude_that_matches_nothing(package: Path, bin2res: Bin2res, pattern: str) -> None:
    """It is not silent: the file would be shipped."""
    text = PROJECT + f'package = "my_app"\nexclude = ["{pattern}"]\n'
    (package.parent / "pyproject.toml").write_text(text)
    results: list[subprocess.CompletedProcess[bytes]] = [
        bin2res(),
        subprocess.run(
            [sys.executable, "-m", "bin2res.ship", "image", "-o", "board"],
            cwd=package.parent,
            capture_output=True,
            check=False,
        ),
    ]
    for result in results:
        assert result.returncode == 2
        assert b"[tool.pkgres] exclude " in result.stderr
        assert b": matches nothing; " in result.stderr
    for pattern in ("*.pyc", "__pycache__/", ".DS_Store", "data/code.py", "!none", "data/.hidden"):
        text = PROJECT + f'package = "my_app"\nexclude = ["{pattern}"]\n'
        (package.parent / "pyproject.toml").write_text(text)
        assert bin2res().returncode == 0, pattern


@pytest.mark.parametrize(
    ("keys", "arguments", "told"),
    [
        ("", ["--gzip", "*.nope"], "bin2res: --gzip *.nope: matches no resource"),
        ("", ["-x", "*.nope"], "bin2res: -x *.nope: matches nothing"),
        ("", ["--whole", "*.nope"], "bin2res: --whole *.nope: matches no resource"),
        ('gzip = ["*.html"]', ["--gzip", "*.nope"], "bin2res: --gzip *.nope: matches no resource"),
        ('gzip = ["*.nope"]', ["--gzip", "*.html"], "[tool.pkgres] gzip *.nope: matches no"),
        ('exclude = ["!"]', ["-x", "*.html"], "[tool.pkgres] exclude: "),
        ('exclude = ["*.html"]', ["-x", "!"], "bin2res: -x: "),
    ],
)
def test_where_a_pattern_comes_from(
    package: Path, bin2res: Bin2res, keys: str, arguments: list[str], told: str
) -> None:
    text = PROJECT + f'package = "my_app"\n{keys}\n'
    (package.parent / "pyproject.toml").write_text(text)
    result = bin2res(*arguments)
    assert result.returncode == 2
    assert told in result.stderr.decode()


def test_a_folder_as_dependency_ships_only_its_source(tmp_path: Path) -> None:
    """By the same rules as the app itself: no environments, no packages of node, no outputs."""
    files = {
        "app/pyproject.toml": PROJECT + 'resources = []\ndependencies = ["../drv"]\n',
        "app/main.py": "import drv\n",
        "drv/__init__.py": "x = 1\n",
        "drv/table.bin": "data",
        "drv/node_modules/x/index.js": "x",
        "drv/venv/pyvenv.cfg": "",
        "drv/venv/lib/x.py": "",
        "drv/.venv/lib/x.py": "",
        "drv/__pycache__/x.pyc": "",
        "drv/x.pyc": "",
        "drv/.DS_Store": "",
    }
    folders.write(tmp_path, files)
    # What pkgres made there for the driver alone, as a folder and as a file.
    text = '[project]\nname = "drv"\nversion = "1.0"\n[tool.pkgres]\nresources = ["table.bin"]\n'
    (tmp_path / "drv/pyproject.toml").write_text(text)
    shipping.ship("image", "-o", "board", cwd=tmp_path / "drv")
    shipping.ship("romfs", "-o", "drv.romfs", cwd=tmp_path / "drv")
    shipping.ship("image", "-o", "board", cwd=tmp_path / "app")
    library = tmp_path / "app/board/lib/drv"
    assert sorted(str(p.relative_to(library)) for p in library.rglob("*")) == [
        *("__init__.py", "pyproject.toml", "table.bin"),
    ]
