"""Programs of others as they are, frozen by what `pkgres freeze` says to type, and asked for pages.

Each is a folder with its files as they come from PyPI and a pyproject.toml as its user would
write it. The firmware is started in an empty folder: all it serves, it holds.
"""

from __future__ import annotations

import json
import os
import random
import runpy
import shutil
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import firmware.build
import folders
import pypi
import pytest
import shipping
import test_ship_freeze
import web_app
from conftest import needing


class Program(NamedTuple):
    """A release on PyPI, and the package or module in it."""

    name: str
    version: str
    holds: str


# Made for upip: pip cannot install them, so a project names the files.
_NOTES = Program("notes-pico", "0.9.5", "notes_pico")
_PICOWEB = Program("picoweb", "1.8.2", "picoweb")
_PKG_RESOURCES = Program("pycopy-pkg_resources", "0.2.2", "pkg_resources.py")
_UTEMPLATE = Program("utemplate", "1.4.1", "utemplate")
_ULOGGING = Program("micropython-ulogging", "0.3", "ulogging.py")
_FILEDB = Program("micropython-filedb", "0.3", "filedb.py")
_FOR_PICOWEB = (_PICOWEB, _PKG_RESOURCES, _ULOGGING)  # of these, pkg_resources must be ours

Freeze = Callable[[Path], Path]


@pytest.fixture(scope="module")
def freeze(tmp_path_factory: pytest.TempPathFactory) -> Freeze:
    """Freeze a project into the unix port, and return the binary: good until the next one."""
    needing(lambda: firmware.source.need("make", "gcc"))
    needing(firmware.source.source)
    folder = tmp_path_factory.mktemp("build")

    def run(project: Path) -> Path:
        made = shipping.ship("freeze", "-o", "frozen", cwd=project)
        (command,) = made["next"]
        # The build goes by times: what it froze before may be newer than this code.
        (folder / "frozen_content.c").unlink(missing_ok=True)
        shutil.rmtree(folder / "frozen_mpy", ignore_errors=True)
        return test_ship_freeze.build("unix", command, "micropython", folder)

    return run


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """The folder to start in, with nothing of the app."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def _got(program: Program, folder: Path) -> Path:
    """Unpack a program below *folder*; return the path of its package or module."""
    return pypi.unpacked(program.name, program.version, folder) / program.holds


def _listed(*programs: Program, folder: Path, project: Path) -> str:
    """Unpack programs below *folder*; return how *project* names them, as TOML."""
    paths = [os.path.relpath(_got(program, folder), project) for program in programs]
    return json.dumps(paths)


def _body(server: web_app.Server, name: str) -> bytes:
    answer = web_app.ask(server, name, {})
    assert answer.status == 200
    return answer.body


# picoweb's own example_img is in none of its archives, so this is one like it: a page, pictures
# that picoweb serves out of the folder static, and one that is made when it is asked for.
_GALLERY = """\
import sys

import picoweb
import negative

app = picoweb.WebApp(__name__)


@app.route("/")
def index(request, response):
    yield from app.sendfile(response, "page.html")


@app.route("/negative.bin")
def made(request, response):
    yield from picoweb.start_response(response, "image")
    yield from response.awrite(negative.of("static/image.png"))


app.run(port=int(sys.argv[-1]))
"""
_NEGATIVE = """\
import pkg_resources


def of(name):
    return bytes(255 - byte for byte in pkg_resources.resource_string(__name__, name))
"""
_GALLERY_PROJECT = """\
[project]
name = "gallery"
version = "1.0"

[tool.pkgres]
resources = ["page.html", "static"]
dependencies = {dependencies}
"""


def test_pictures_of_a_flat_app_with_picoweb(freeze: Freeze, tmp_path: Path, empty: Path) -> None:
    project = tmp_path / "gallery"
    files = {
        "main.py": _GALLERY.encode(),
        "negative.py": _NEGATIVE.encode(),
        "page.html": "<p>Pictures: <img src='static/image.png'> ä".encode(),
        "static/image.png": (shipping.EXAMPLE / "data/image.png").read_bytes(),
        "static/of/many-colours.jpg": random.Random(9).randbytes(100_000),
        "static/empty.png": b"",
    }
    folders.write(project, files)
    dependencies = _listed(*_FOR_PICOWEB, folder=tmp_path, project=project)
    text = _GALLERY_PROJECT.format(dependencies=dependencies)
    (project / "pyproject.toml").write_text(text)
    binary = freeze(project)
    with web_app.serving([str(binary), "-m", "main"], empty, ".frozen") as server:
        assert _body(server, "") == files["page.html"]
        for name in files:
            if name.startswith("static/"):
                assert _body(server, name) == files[name]
        picture = files["static/image.png"]
        assert _body(server, "negative.bin") == bytes(255 - byte for byte in picture)
        assert web_app.ask(server, "static/missing.png", {}).status == 404
        assert web_app.ask(server, "static/../main.py", {}).status == 403


# The app, at a port of ours. Debian's source of MicroPython comes without the library of btree,
# so the notes are files. The call that asyncio of today lacks is added from outside.
_NOTES_START = """\
import asyncio
import sys

from notes_pico import config


async def awriteiter(stream, parts):
    for part in parts:
        await stream.awrite(part)


def main():
    asyncio.StreamReader.awriteiter = awriteiter
    config.DB_BACKEND = "filedb"
    from notes_pico.__main__ import __main__

    __main__(port=int(sys.argv[-1]))
"""
_NOTES_PROJECT = """\
[project]
name = "notes-pico"
version = "0.9.5"

[tool.pkgres]
resources = [{static!r}]
gzip = ["*.js"]
{more}
dependencies = {dependencies}
"""


@pytest.fixture(params=["package", "flat"])
def notes(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A project of notes-pico: as the package that it is, and as a folder with a main.py."""
    needed = (*_FOR_PICOWEB, _UTEMPLATE, _FILEDB)
    package = _got(_NOTES, tmp_path)
    project = package.parent
    dependencies = _listed(*needed, folder=tmp_path, project=project)
    if request.param == "package":
        (package / "started.py").write_text(_NOTES_START)
        static, more = "static", 'start = "notes_pico.started:main"'
    else:
        (project / "main.py").write_text(_NOTES_START + "\n\nmain()\n")
        static, more = "notes_pico/static", 'package = "."'
    text = _NOTES_PROJECT.format(static=static, more=more, dependencies=dependencies)
    (project / "pyproject.toml").write_text(text)
    return project


def test_notes_pico(freeze: Freeze, notes: Path, empty: Path) -> None:
    script = "static/js/notes.js"

    def page(*shown: tuple[str, int, str]) -> bytes:
        return _rendered(notes, "homepage", shown).encode()

    binary = freeze(notes)
    with web_app.serving([str(binary), "-m", "main"], empty, ".frozen") as server:
        assert _body(server, script) == (notes / "notes_pico" / script).read_bytes()
        assert _body(server, "") == page()
        answer = json.loads(_post(server, "", content="Milk & bread"))
        (name,) = os.listdir(empty / "notes-db/note")
        note = (name, 0, "Milk & bread")
        assert answer == {"note": _rendered(notes, "note", note).replace('"', "'"), "success": 1}
        assert _body(server, "") == page(note)
        _post(server, "archive/" + urllib.parse.quote_plus(name))
        assert _body(server, "") == page()


def _rendered(project: Path, template: str, argument: object) -> str:
    """Return what CPython makes of a template of the app: they are Python, ready compiled."""
    module = runpy.run_path(str(project / "notes_pico/templates" / f"{template}_html.py"))
    return "".join(module["render"](argument))


def _post(server: web_app.Server, path: str, **form: str) -> bytes:
    data = urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(server.url + path, data, timeout=60) as answer:
        assert answer.status == 200
        content = answer.read()
    assert isinstance(content, bytes)
    return content


def test_the_web_example_with_all_of_microdot(freeze: Freeze, tmp_path: Path, empty: Path) -> None:
    dependencies = 'dependencies = ["pip:microdot"]'
    project = shipping.copied(tmp_path / "my_app", {shipping.DEPENDENCIES: dependencies})
    binary = freeze(project)
    shipping.check_app(binary, empty)
    shipping.check_web(binary, empty)
