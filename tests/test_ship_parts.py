"""Only the parts of pkgres that an app uses go along with it."""

from __future__ import annotations

from pathlib import Path

import pytest
import shipping
from app import library_code

from bin2res.mpy import compile_file
from bin2res.ship.library import modules_of, parts

CORE = ("__init__", "modules")
MODULE = "pkg_resources"
STATIC = {*CORE, "ranges", "static", "stream_calls", "streams", "where"}
MOUNT = {*CORE, "folder", "mount", "mounted", "where"}
ROOT = {*MOUNT, "root", "stream_calls", "streams"}
FILES = {*CORE, "files", "folder", "info", "where"}
IMPORTLIB = {"importlib/resources"}
USES: dict[str, tuple[str, set[str]]] = {
    "nothing": ("import os\nprint('pkg_resources')\n", set()),
    "the name": ("import pkg_resources\n", {*CORE, MODULE}),
    "our name": ("import pkgres\n", {*CORE}),
    "a name of ours for it": ("import pkgres as pkg_resources\npkg_resources.x\n", {*CORE}),
    "a stream": ("from pkg_resources import resource_stream\n", {*CORE, MODULE}),
    "exists": ("import pkgres\nprint(pkgres.resource_exists('a', 'b'))\n", {*CORE, "info"}),
    "listdir": ("from pkgres import resource_listdir as ls\n", {*CORE, "info"}),
    "by getattr": ("import pkgres\ngetattr(pkgres, 'resource_isdir')\n", {*CORE, "info"}),
    "a buffer": ("import pkgres\npkgres.resource_buffer('a', 'b')\n", {*CORE, "info"}),
    "static": ("from pkgres.static import respond\n", STATIC),
    "static as attribute": ("import pkgres.static as web\n", STATIC),
    "static from it": ("from pkgres import static\n", STATIC),
    "a mount": ("import pkgres.mount\npkgres.mount.mount('a', '/a')\n", MOUNT),
    "the view at the root": ("import pkgres.mount\npkgres.mount.root()\n", ROOT),
    "root of another": ("import pkgres\nroot = 1\n", {*CORE}),
    "files": ("from pkgres.files import files\n", FILES),
    "the standard library's name": ("import importlib.resources\n", FILES | IMPORTLIB),
    "from that": ("from importlib.resources import files\n", FILES | IMPORTLIB),
    "that from its package": ("from importlib import resources\n", FILES | IMPORTLIB),
    "another of its modules": ("import importlib.metadata\n", set()),
    "inside a function": (
        "def f():\n    import pkgres.gz\n",
        {*CORE, "gz", "stream_calls", "streams"},
    ),
    "by __import__": ("__import__('pkgres.static')\n", STATIC),
    "two of them": ("import pkgres.static, pkgres.info\n", STATIC | {"info"}),
    "no Python here": ("import pkgres.static\nmatch = 'not' if\n", STATIC),
}


def taken(folder: Path, code: str | bytes, keys: str = "", name: str = "__init__.py") -> set[str]:
    """The parts that go along with an app of this code."""
    app = folder / "app"
    app.mkdir(exist_ok=True)
    content = code if isinstance(code, bytes) else code.encode()
    (app / name).write_bytes(content)
    (folder / "pyproject.toml").write_text(f'[project]\nname = "app"\n[tool.pkgres]\n{keys}')
    made = shipping.ship("image", "-n", "-o", str(folder / "out"), cwd=folder)
    names = {file["name"].removeprefix("lib/").removesuffix(".py") for file in made["files"]}
    ours = ("pkgres/", MODULE, *IMPORTLIB)
    return {n.removeprefix("pkgres/") for n in names if n.startswith(ours)}


@pytest.mark.parametrize("use", USES)
def test_by_imports(tmp_path: Path, use: str) -> None:
    code, expected = USES[use]
    expected_or_alike = taken(tmp_path, code)
    if use == "no Python here":  # its text is all there is to go by
        assert expected_or_alike >= expected
    else:
        assert expected_or_alike == expected


def test_compiled_code(tmp_path: Path) -> None:
    source = b"from pkgres.static import respond\n"
    compiled = compile_file(source, "app/web.py")
    assert taken(tmp_path, compiled, name="web.mpy") >= STATIC


def test_gz_where_something_is_compressed(tmp_path: Path) -> None:
    code = "import pkgres\n"
    (tmp_path / "app").mkdir()
    (tmp_path / "app/page.html").write_text("<p>" * 100)
    assert taken(tmp_path, code) == {*CORE}
    assert taken(tmp_path, code, 'gzip = ["*.html"]\n') == {*CORE, "gz", "stream_calls", "streams"}
    text = "import pkgres.mount\n"
    assert taken(tmp_path, text) == MOUNT
    assert taken(tmp_path, text, 'gzip = ["*.html"]\n') == MOUNT | {
        "gz",
        "stream_calls",
        "streams",
        "text",
    }
    (tmp_path / "app/page.html").unlink()
    (tmp_path / "app/page.html.gz").write_bytes(b"\x1f\x8b")
    assert taken(tmp_path, code) == {*CORE, "gz", "stream_calls", "streams"}


def test_more_by_the_key(tmp_path: Path) -> None:
    assert taken(tmp_path, "x = 1\n", 'parts = ["static"]\n') == STATIC


def test_what_dependencies_use(tmp_path: Path) -> None:
    (tmp_path / "driver.py").write_text("from pkg_resources import resource_isdir\n")
    keys = 'dependencies = ["./driver.py"]\n'
    assert taken(tmp_path, "x = 1\n", keys) == {*CORE, MODULE, "info"}


def test_every_file_belongs_to_a_part() -> None:
    beside = {"pkg_resources.py", "importlib/resources.py"}
    assert {*modules_of(parts()), *beside} == set(library_code())
