"""The servers of docs/web.md as they stand there, with the frameworks' own code, over sockets."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import random
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import app
import firmware.build
import pypi
import pytest
import test_by_path
import test_frozen
import web_app
from conftest import needing
from firmware.source import need

PAGE = (app.HERE.parent / "docs/web.md").read_text("utf-8")
FILES = {
    "index.html": "<p>Zażółć gęślą jaźń 🎉\n".encode() * 300,
    "app.3f2a91c0.js": b"console.log('line');\n" * 400,
    "image.png": b"\x89PNG\r\n\x1a\n" + random.Random(11).randbytes(70_000),
    "sp ace.txt": b"a name with a space",
}
COMPRESSED = ("index.html",)
# What picoweb needs of micropython-lib's, and is there by another name since.
_OLD_NAMES = """\
import sys
for name in ("time", "io", "re", "errno", "asyncio"):
    sys.modules["u" + name] = __import__(name)
"""


class Program(NamedTuple):
    """A server of the page."""

    start: str
    """The line that its code begins with."""
    runtimes: tuple[str, ...]
    before: str = ""
    """What a PC needs before it, and a board does not."""


PROGRAMS = {
    "dot": Program("from microdot import Microdot", ("micropython", "cpython")),
    "pico": Program("import re\n\nimport picoweb", ("micropython",), _OLD_NAMES),
    "phewed": Program("from phew import server", ("micropython",), test_by_path.STAND_INS),
    "bare": Program("import asyncio", ("micropython", "cpython")),
}


def code(name: str) -> str:
    """Return the code of a server, with the port from the command line."""
    program = PROGRAMS[name]
    blocks = re.findall(rf"(?ms)^```python\n({re.escape(program.start)}.*?)^```$", PAGE)
    (text,) = [block for block in blocks if block.count("8000") == 1]
    return f"{program.before}import sys\n{text.replace('8000', 'int(sys.argv[-1])')}"


def put(folder: Path) -> None:
    """Write the app, its resources as files, and the servers below *folder*."""
    package = folder / "my_app"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "data.json").write_text("secret")
    for name, content in FILES.items():
        (package / "data" / name).write_bytes(content)
    for name in PROGRAMS:
        (folder / f"{name}.py").write_text(code(name))


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unix port with the servers, the frameworks, the app and its resources frozen in."""
    folder = tmp_path_factory.mktemp("frameworks")
    put(folder / "code")
    for name, version, package in (
        ("micropython-phew", "0.0.3", "phew"),
        ("picoweb", "1.8.2", "picoweb"),
        ("micropython-ulogging", "0.3", "ulogging.py"),
    ):
        pypi.put(name, version, package, folder / "code")
    web_app.put_microdot(folder / "code")
    packed = [*(f"--gzip={name}" for name in COMPRESSED), "--immutable=app.*.js"]
    test_frozen.bundle(folder / "code/my_app", "-q", "data", "data.json", *packed)
    shutil.rmtree(folder / "code/my_app/data")
    (folder / "code/my_app/data.json").unlink()
    manifest = test_frozen.freeze(folder, 'include("$(MPY_DIR)/extmod/asyncio")')
    return needing(lambda: firmware.build.unix(manifest))


@pytest.fixture(params=[(n, r) for n, program in PROGRAMS.items() for r in program.runtimes])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[web_app.Server]:
    """Each server on each runtime that its framework is for."""
    name, runtime = request.param
    needing(lambda: need("curl"))
    with contextlib.ExitStack() as stack:
        if runtime == "cpython":
            put(tmp_path)
            (tmp_path / "pkgres").symlink_to(app.PKGRES)
            command = [sys.executable, f"{name}.py"]
            yield stack.enter_context(web_app.serving(command, tmp_path))
        else:
            command = [str(request.getfixturevalue("binary")), "-m", name]
            yield stack.enter_context(web_app.serving(command, tmp_path, ".frozen"))


class Answer(NamedTuple):
    """What came: names of headers are in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(server: web_app.Server, path: str, method: str = "GET", **headers: str) -> Answer:
    """Make a request by Python's own client; _ in the names of headers is a dash."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    with contextlib.closing(connection):
        sent = {"Accept-Encoding": "identity"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=sent)
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, answer.read())


def curl(server: web_app.Server, path: str, *options: str) -> bytes:
    """Make a request by curl; return the body."""
    command = ["curl", "-sS", "--fail", *options, f"{server.url}{path}"]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout


def test_answers(server: web_app.Server) -> None:
    for name, content in FILES.items():
        path = "/" + name.replace(" ", "%20")
        answer = ask(server, path)
        assert (answer.status, answer.body) == (200, content)
        again = ask(server, path, If_None_Match=answer.headers["etag"])
        assert (again.status, again.body) == (304, b"")
        head = ask(server, path, "HEAD")
        assert (head.status, head.body) == (200, b"")
        assert head.headers.get("content-length") == answer.headers.get("content-length")
        assert curl(server, path[1:], "--compressed") == content
    page = ask(server, "/?query=1")
    assert (page.status, page.body) == (200, FILES["index.html"])
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"
    script = ask(server, "/app.3f2a91c0.js")
    is_frozen = not script.headers["etag"].startswith("W/")
    lasting = "max-age=31536000, immutable" if is_frozen else "no-cache"
    assert script.headers["cache-control"] == lasting
    for path in ("/missing.js", "/%2e%2e/bare.py", "/..%2fbare.py"):
        assert ask(server, path).status == 404
    # A path without a slash in front does not reach what only begins like the folder's name.
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
        client.sendall(b"GET .json HTTP/1.0\r\n\r\n")
        found = b"".join(iter(lambda: client.recv(4096), b""))
    assert b"secret" not in found


def test_the_plain_server_is_short() -> None:
    lines = [line for line in code("bare").splitlines() if line.strip()]
    assert len(lines) - 1 <= 30  # without the import that the tests add


def test_ranges(server: web_app.Server, tmp_path: Path) -> None:
    content = FILES["image.png"]
    answer = ask(server, "/image.png", Range="bytes=1000-65999")
    assert (answer.status, answer.body) == (206, content[1000:66000])
    assert answer.headers["content-range"] == f"bytes 1000-65999/{len(content)}"
    assert answer.headers["accept-ranges"] == "bytes"
    beyond = ask(server, "/image.png", Range="bytes=1000000-")
    assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{len(content)}")
    other = ask(server, "/image.png", Range="bytes=5-9", If_Range='"other"')
    assert (other.status, other.body) == (200, content)

    for asked, expected in (
        ("0-0", content[:1]),
        ("-500", content[-500:]),
        ("70000-", content[70000:]),
    ):
        assert curl(server, "image.png", "-r", asked) == expected
    # A download that was cut off goes on.
    part = tmp_path / "part.png"
    part.write_bytes(content[:12345])
    curl(server, "image.png", "-C", "-", "-o", str(part))
    assert hashlib.sha256(part.read_bytes()).digest() == hashlib.sha256(content).digest()


def test_many_at_once(server: web_app.Server) -> None:
    command = ["curl", "-sS", "-Z", "--compressed", "-w", "%{http_code}\n"]
    for _ in range(10):
        for name in FILES:
            command += ["-o", "/dev/null", server.url + name.replace(" ", "%20")]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert result.stdout.split() == ["200"] * 40


@pytest.mark.parametrize("has", ["cache_control=", "fallback="])
def test_handlers_of_microdot(tmp_path: Path, has: str) -> None:
    """The other handlers of the page: what they add to the first one."""
    (text,) = re.findall(
        rf"(?ms)^```python\n((?:(?!```).)*{has}.*?)^```$", PAGE.replace("`" + has, "")
    )
    put(tmp_path)
    for name in ("404.html", "font.woff2"):
        (tmp_path / "my_app/data" / name).write_text(name)
    (tmp_path / "pkgres").symlink_to(app.PKGRES)
    run = "\n\nimport sys\n\napp.run(port=int(sys.argv[-1]))\n"
    (tmp_path / "served.py").write_text(text + run)
    with web_app.serving([sys.executable, "served.py"], tmp_path) as server:
        font, script = ask(server, "/font.woff2"), ask(server, "/app.3f2a91c0.js")
        assert (font.status, script.status) == (200, 200)
        assert script.headers["cache-control"] == "no-cache"
        if has == "cache_control=":
            assert font.headers["cache-control"] == "max-age=86400"
        else:
            route, missing = ask(server, "/devices/3"), ask(server, "/missing.js")
            assert (route.status, route.body) == (200, FILES["index.html"])
            assert (missing.status, missing.body) == (404, b"404.html")
