"""Programs of others that open files by path, as they are, in firmware without any files.

Microdot, phew and utemplate come from PyPI. The app mounts its resources with one line, and
a real client compares what it gets with the files that the resources were made from.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import firmware.build
import folders
import pypi
import pytest
import runtimes
import test_frozen
import web_app
from conftest import needing

FILES = {
    "index.html": "<p>Zażółć gęślą jaźń 🎉\n".encode() * 300,
    "image.png": b"\x89PNG\r\n\x1a\n" + random.Random(11).randbytes(70_000),
    "css/style.css": b"body { color: #123 }\n" * 100,
    "empty.txt": b"",
    "packed.js": b"console.log('line');\n" * 400,
    "page.tpl": ("{% args title %}\n<h1>{{title}}</h1>\n" + "<p>ü\n" * 50).encode(),
    "phew.html": ("<h1>{{title}}</h1>\n" + "<p>ü\n" * 50).encode(),
}
COMPRESSED = ("packed.js", "page.tpl", "phew.html")  # so that templates are inflated

_MICRODOT = """\
import sys

import pkgres.mount
from microdot import Microdot, send_file

pkgres.mount.mount("site", "/site", "data")
app = Microdot()


@app.get("/plain/<path:path>")
async def plain(request, path):
    return send_file("/site/" + path)


@app.get("/packed/<path:path>")
async def packed(request, path):
    return send_file("/site/" + path, compressed=True, file_extension=".gz")


app.run(host="127.0.0.1", port=int(sys.argv[-1]))
"""

# What a Pico W has and a PC has not: its clock and its Wi-Fi.
STAND_INS = """\
import sys


class Clock:
    def datetime(self):
        return (2026, 1, 1, 0, 0, 0, 0, 0)


class Machine:
    RTC = Clock


sys.modules["machine"] = Machine
sys.modules["network"] = Machine
"""

_PHEW = """\
import pkgres.mount
from phew import server
from phew.template import render_template

pkgres.mount.mount("site", "/site", "data")


@server.route("/file/<name>")
def file(request, name):
    return server.serve_file("/site/" + name)


@server.route("/file/<folder>/<name>")
def file_in(request, folder, name):
    return server.serve_file("/site/" + folder + "/" + name)


@server.route("/page/<title>")
def page(request, title):
    return render_template("/site/phew.html", title=title)


@server.catchall()
def other(request):
    return "Not found", 404


server.run("127.0.0.1", int(sys.argv[-1]))
"""

# Its own loader writes what it compiles beside the template.
_UTEMPLATE = """\
import sys

import pkgres.mount
from microdot import Microdot
from utemplate.source import Compiler

pkgres.mount.mount("site", "/site", "data")
with open("/site/page.tpl") as template, open("page.py", "w") as made:
    Compiler(template, made).compile()
sys.path.append("")
import page

app = Microdot()


@app.get("/page/<title>")
async def shown(request, title):
    return "".join(page.render(title)), {"Content-Type": "text/html"}


app.run(host="127.0.0.1", port=int(sys.argv[-1]))
"""

_PKGUTIL = """\
import pkgutil

for name in ("image.png", "packed.js", "empty.txt"):
    print(name, len(pkgutil.get_data("site", "data/" + name)))
try:
    pkgutil.get_data("site", "data/missing")
except OSError as e:
    print(e.errno)
"""
PROGRAMS = {"dot": _MICRODOT, "phewed": STAND_INS + _PHEW, "templated": _UTEMPLATE, "got": _PKGUTIL}


@pytest.fixture(scope="module", params=["dict", "table"])
def binary(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unix port with the programs, the app and its resources frozen in."""
    folder = tmp_path_factory.mktemp(request.param)
    code = folder / "code"
    for name, version, package in (
        ("micropython-phew", "0.0.3", "phew"),
        ("utemplate", "1.4.1", "utemplate"),
        ("micropython-pkgutil", "0.1.1", "pkgutil.py"),
    ):
        pypi.put(name, version, package, code)
    web_app.put_microdot(code)
    site = code / "site"
    folders.write(site / "data", FILES)
    folders.write(site, {f"{name}.py": text for name, text in PROGRAMS.items()})
    (site / "__init__.py").write_text("")
    options = [f"--gzip={name}" for name in COMPRESSED]
    options += ["--table"] if request.param == "table" else []
    test_frozen.bundle(site, "-q", "data", *options)
    shutil.rmtree(site / "data")
    manifest = test_frozen.freeze(folder, 'include("$(MPY_DIR)/extmod/asyncio")')
    return needing(lambda: firmware.build.unix(manifest))


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """The folder to start in, with nothing in it."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def body(server: web_app.Server, path: str, compressed: bool = False) -> bytes:
    answer = web_app.ask(server, path, {"Accept-Encoding": "gzip"})
    assert (answer.status, answer.compressed) == (200, compressed)
    return answer.body


def test_microdot_send_file(binary: Path, empty: Path) -> None:
    with web_app.serving([str(binary), "-m", "site.dot"], empty, ".frozen") as server:
        for name, content in FILES.items():
            assert body(server, f"plain/{name}") == content
            if name in COMPRESSED:
                assert body(server, f"packed/{name}", compressed=True) == content
        assert web_app.ask(server, "plain/missing.html", {}).status in (404, 500)
        assert web_app.ask(server, "plain/../dot.py", {}).status in (404, 500)


def test_phew_serve_file_and_render_template(binary: Path, empty: Path) -> None:
    with web_app.serving([str(binary), "-m", "site.phewed"], empty, ".frozen") as server:
        for name, content in FILES.items():
            answer = web_app.ask(server, f"file/{name}", {})
            assert (answer.status, answer.body) == (200, content)
        expected = FILES["phew.html"].replace(b"{{title}}", b"Hello")
        assert body(server, "page/Hello") == expected
        assert web_app.ask(server, "none", {}).status == 404


def test_utemplate_compiles_a_frozen_template(binary: Path, empty: Path) -> None:
    with web_app.serving([str(binary), "-m", "site.templated"], empty, ".frozen") as server:
        assert body(server, "page/Hello").decode() == "<h1>Hello</h1>\n" + "<p>ü\n" * 50


def test_pkgutil_of_micropython_lib(binary: Path, empty: Path) -> None:
    result = runtimes.unix_firmware(binary, empty, "site/got.py", ".frozen")
    expected = [f"{n} {len(FILES[n])}" for n in ("image.png", "packed.js", "empty.txt")]
    assert result.stdout.splitlines() == [*expected, "2"], result.stderr
