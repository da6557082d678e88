"""Projects of other shapes: layouts and tables of other tools, versions, resources elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import app
import node
import pytest
import runtimes
import shipping
from conftest import Bin2res, needing, resources
from folders import write
from test_docs import blocks

from bin2res import config

NAME = '[project]\nname = "my-app"\nversion = "1.0"\n'
TABLE = "[tool.pkgres]\n"
CODE = {"__init__.py": "", "page.html": "<p>page"}
POETRY = (
    '[tool.poetry]\nname = "my-app"\nversion = "2.0"\ndescription = "An app"\nlicense = "MIT"\n'
)
UV = '[build-system]\nrequires = ["uv_build"]\nbuild-backend = "uv_build"\n'


def below(folder: str, files: Mapping[str, str]) -> dict[str, str]:
    return {f"{folder}/{name}": content for name, content in files.items()}


@pytest.mark.parametrize(
    ("text", "files", "expected"),
    [
        (NAME + TABLE, below("my_app", CODE), "my_app"),
        (NAME + TABLE, below("src/my_app", CODE), "src/my_app"),
        (NAME + UV + TABLE, below("src/my_app", CODE), "src/my_app"),
        (NAME + TABLE, below("src/pump", CODE), "src/pump"),
        (NAME + TABLE, below("src", {"main.py": "", "page.html": "<p>page"}), "src"),
        (NAME + TABLE, {"main.py": "", **below("src/my_app", CODE)}, "src/my_app"),
        (
            NAME + UV + '[tool.uv.build-backend]\nmodule-root = ""\n' + TABLE,
            {"other.py": "", **below("my_app", CODE)},
            "my_app",
        ),
        (
            NAME + '[tool.uv.build-backend]\nmodule-root = "code"\nmodule-name = "pump"\n' + TABLE,
            below("code/pump", CODE),
            "code/pump",
        ),
        (POETRY + TABLE, below("my_app", CODE), "my_app"),
        (POETRY + TABLE, below("src/my_app", CODE), "src/my_app"),
        (
            POETRY + 'packages = [{ include = "pump", from = "lib" }]\n' + TABLE,
            below("lib/pump", CODE),
            "lib/pump",
        ),
    ],
)
def test_layouts(tmp_path: Path, text: str, files: Mapping[str, str], expected: str) -> None:
    """Found without a key, shipped, and imported on MicroPython."""
    write(tmp_path, {"pyproject.toml": text, **files})
    described = config.read(str(tmp_path / "pyproject.toml"))
    assert described.directory == str(tmp_path / expected)
    board = tmp_path / "board"
    names = [f["name"] for f in shipping.ship("image", "-o", str(board), cwd=tmp_path)["files"]]
    package = expected.rpartition("/")[2]
    flat = package == "src"
    assert sorted(names) == (
        ["main.py", "page.html"]
        if flat
        else [f"lib/{package}/__init__.py", f"lib/{package}/page.html"]
    )
    assert described.package == ("" if flat else package)


@pytest.mark.parametrize(
    ("keys", "files", "fix"),
    [
        ('package = "none"\n', {"main.py": ""}, 'write package = "." for the code beside pypr'),
        ("", {"lib/x.py": ""}, 'name the one with the code, or write "." for a flat app'),
    ],
)
def test_no_folder(tmp_path: Path, keys: str, files: Mapping[str, str], fix: str) -> None:
    write(tmp_path, {"pyproject.toml": NAME + TABLE + keys, **files})
    result = shipping.command("image", "-o", "board", cwd=tmp_path)
    assert result.returncode == 2
    assert f" is not a folder; {fix}" in result.stderr


def test_metadata_of_poetry(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": POETRY + TABLE, **below("my_app", CODE)})
    shipping.ship("mip", "-o", "site", cwd=tmp_path)
    (package,) = json.loads((tmp_path / "site/index.json").read_text())["packages"]
    expected = {"name": "my-app", "version": "2.0", "description": "An app", "license": "MIT"}
    assert {key: package[key] for key in expected} == expected


DYNAMIC = '[project]\nname = "my_app"\ndynamic = ["version"]\n'


@pytest.mark.parametrize(
    ("text", "files", "expected"),
    [
        (TABLE + 'version = "3.1"\n', {}, "3.1"),
        (TABLE, {"my_app/__init__.py": '__version__ = "3.1"\n'}, "3.1"),
        (
            '[tool.setuptools.dynamic]\nversion = {attr = "my_app.about.__version__"}\n' + TABLE,
            {"my_app/about.py": 'raise SystemExit\n__version__ = "3.1"\n'},
            "3.1",
        ),
        (
            '[tool.setuptools.dynamic]\nversion = {file = ["VERSION"]}\n' + TABLE,
            {"VERSION": "3.1\n"},
            "3.1",
        ),
        ('[tool.hatch.version]\npath = "v.py"\n' + TABLE, {"v.py": "__version__ = '3.1'"}, "3.1"),
        (TABLE, {"my_app/__init__.py": "__version__ = make()\n"}, ""),
    ],
)
def test_dynamic_versions(
    tmp_path: Path, text: str, files: Mapping[str, str], expected: str
) -> None:
    """Read where it is written down, without running any code."""
    files = {**below("my_app", CODE), **files}
    write(tmp_path, {"pyproject.toml": DYNAMIC + text, **files})
    result = shipping.command("sdist", "-o", "dist", cwd=tmp_path)
    if expected:
        assert result.returncode == 0, result.stderr
        assert (tmp_path / f"dist/my_app-{expected}.tar.gz").exists()
    else:
        assert result.returncode == 2
        assert result.stderr == (
            "pkgres: pyproject.toml: [project] version: is dynamic; write the key version of"
            " [tool.pkgres], or type --version\n"
        )
    # Ways that carry no version need none.
    assert shipping.command("image", "-o", "board", cwd=tmp_path).returncode == 0
    for way, made in (("sdist", "dist/my_app-4.0.tar.gz"), ("mip", "site/my_app/4.0")):
        folder = made.split("/")[0]
        result = shipping.command(way, "-o", folder, "--version", "4.0", cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        assert (tmp_path / made).exists()


VITE = {
    "package.json": '{"name": "web", "private": true, "type": "module"}',
    "index.html": '<div id="app"></div><script type="module" src="/main.js"></script>\n',
    "main.js": 'import "./style.css";\ndocument.querySelector("#app").textContent = "built";\n',
    "style.css": "div { color: red }\n",
}


def test_what_vite_makes(tmp_path: Path) -> None:
    """A page built by the real vite, elsewhere, as resources of the package."""
    vite = needing(lambda: node.install("7", "vite"))
    write(tmp_path / "web", VITE)
    (tmp_path / "web/node_modules").symlink_to(vite.parent)
    command = ["node", "node_modules/vite/bin/vite.js", "build"]
    subprocess.run(command, cwd=tmp_path / "web", check=True, capture_output=True)
    (described,) = [b for b in blocks("web", "toml") if "../web/dist" in b]
    write(
        tmp_path / "firmware",
        {"pyproject.toml": NAME + described, "my_app/__init__.py": "import pkgres\n"},
    )
    built = sorted(
        str(path.relative_to(tmp_path / "web/dist"))
        for path in (tmp_path / "web/dist").rglob("*")
        if path.is_file()
    )
    assert any(name.startswith("assets/index-") for name in built)
    shipping.ship("image", "-o", "board", cwd=tmp_path / "firmware")
    library = tmp_path / "firmware/board/lib"
    code = (
        "import pkgres, sys\n"
        "for name in sys.argv[1:]:\n"
        "    print(len(pkgres.resource_string('my_app', 'www/' + name)))\n"
    )
    (tmp_path / "main.py").write_text(code)
    command = [sys.executable, "-m", "micropython_unix", "main.py", *built]
    result = runtimes.run(command, tmp_path, f"{library}:.frozen")
    assert result.stderr == ""
    assert [*map(int, result.stdout.split())] == [
        (tmp_path / "web/dist" / name).stat().st_size for name in built
    ]
    listed = resources(library / "my_app/R.py"), (library / "my_app/R.py").read_text()
    assert listed[0] == {}
    assert all(f"'www/{name}'" in listed[1] for name in built if name.startswith("assets/"))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A project with resources in the folder of another build."""
    keys = 'resources = ["page.html", { from = "../dist", to = "www" }]\n'
    write(tmp_path / "project", {"pyproject.toml": NAME + TABLE + keys, **below("my_app", CODE)})
    files = {"index.html": "<p>" * 50, "assets/a.js": "js" * 50, ".hidden": "", "secret.txt": "x"}
    write(tmp_path / "dist", files)
    return tmp_path / "project"


def test_a_folder_elsewhere(elsewhere: Path, bin2res: Bin2res) -> None:
    """In every way, and in bin2res; patterns are of the names in the package."""
    with open(elsewhere / "pyproject.toml", "a") as stream:
        stream.write('gzip = ["www/*.html"]\nexclude = ["www/secret.txt"]\n')
    names = ["page.html", "www/assets/a.js", "www/index.html.gz"]
    assert bin2res(cwd=elsewhere).returncode == 0
    assert sorted(resources(elsewhere / "my_app/R.py")) == names
    (elsewhere / "my_app/R.py").unlink()
    for way, output in shipping.WAYS.items():
        made = shipping.ship(way, "-n", "-o", output, cwd=elsewhere)["files"]
        found = [file["name"].rpartition("my_app/")[2] for file in made]
        if way == "sdist":
            assert "R.py" in found
        else:
            assert set(names) <= set(found), way
    keys = 'resources = [{ from = "../dist", to = "." }]\n'
    (elsewhere / "pyproject.toml").write_text(NAME + TABLE + keys)
    assert bin2res(cwd=elsewhere).returncode == 0
    assert "index.html" in resources(elsewhere / "my_app/R.py")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ('[{ from = "../none", to = "www" }]', "none: is not a folder; run the build that makes"),
        ('[{ from = "../dist" }]', '{from = "../web/dist", to = "www"}'),
        ('[{ from = "../dist", to = "../x" }]', '{from = "../web/dist", to = "www"}'),
        ('[{ from = "../dist", to = "/x" }]', '{from = "../web/dist", to = "www"}'),
        (
            '["page.html", { from = "../dist", to = "." }]',
            "both would be page.html; rename one",
        ),
    ],
)
def test_folders_that_cannot_be(elsewhere: Path, keys: str, message: str) -> None:
    (elsewhere.parent / "dist/page.html").write_text("another")
    (elsewhere / "pyproject.toml").write_text(NAME + TABLE + f"resources = {keys}\n")
    result = shipping.command("image", "-o", "board", cwd=elsewhere)
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)
    assert message in result.stderr


def test_an_output_in_a_folder_elsewhere(elsewhere: Path) -> None:
    for output in ("../dist", "../dist/out", ".."):
        result = shipping.command("image", "-o", output, cwd=elsewhere)
        assert result.returncode == 2
        assert "name another" in result.stderr
        assert not os.path.exists(elsewhere / output / ".pkgres.json")


@pytest.mark.parametrize("place", ["pyproject.toml", "my_app/__init__.py", "drv.py"])
def test_a_byte_order_mark_is_named(tmp_path: Path, place: str) -> None:
    text = NAME + TABLE + 'dependencies = ["./drv.py"]\n'
    write(tmp_path, {"pyproject.toml": text, "drv.py": "x = 1\n", **below("my_app", CODE)})
    (tmp_path / place).write_bytes(b"\xef\xbb\xbf" + (tmp_path / place).read_bytes())
    for way in ("image", "freeze"):
        result = shipping.command(way, "-o", "out", cwd=tmp_path)
        assert result.returncode == 2
        assert result.stderr.endswith(
            f"{place}: begins with a byte order mark (BOM); save it as UTF-8 without one\n"
        )
        assert not (tmp_path / "out").exists()


def test_the_reason_why_a_byte_order_mark_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bom.py").write_bytes(b"\xef\xbb\xbfprint(1)\n")
    result = runtimes.micropython(tmp_path, "bom.py")
    assert "NameError" in result.stderr
    app.compile_mpy(tmp_path / "bom.py", tmp_path / "bom.mpy")
