"""The web example in a real browser, and under load: frozen, from files, on CPython."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import app
import browser
import firmware.build
import pytest
import test_example
import web_app
from conftest import needing

DATA = test_example.EXAMPLES / "my_app/data"
Serve = Callable[[str, list[str]], "contextlib.AbstractContextManager[web_app.Server]"]


class Way(NamedTuple):
    """Where the app is, and who runs it."""

    runtime: str
    storage: str


WAYS = {
    "frozen": Way("micropython", "frozen"),
    "files": Way("micropython", "files"),
    "compressed-files": Way("micropython", "files.gz"),
    "module-on-flash": Way("micropython", "R.py"),
    "cpython-files": Way("cpython", "files"),
    "cpython-module": Way("cpython", "R.py"),
}


_ASSETS = ("", "style.css", "script.js", "image.png")


@pytest.fixture(scope="session")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unix port with the example, Microdot and asyncio frozen in."""
    folder = tmp_path_factory.mktemp("web")
    web_app.build(folder / "code", "R.py")
    return needing(lambda: firmware.build.unix(web_app.manifest(folder)))


@pytest.fixture
def serve(request: pytest.FixtureRequest, tmp_path: Path) -> Serve:
    """Serve the example in one of WAYS, with the arguments of the interpreter given."""

    @contextlib.contextmanager
    def start(way: str, arguments: list[str]) -> Iterator[web_app.Server]:
        runtime, storage = WAYS[way]
        folder = tmp_path / "run"
        folder.mkdir()
        if storage != "frozen":
            # It lies before .frozen, so this is the one that is imported.
            web_app.build(folder, storage)
        if runtime == "cpython":
            (folder / "pkgres").symlink_to(app.PKGRES)
            command = [sys.executable]
        else:
            command = [str(request.getfixturevalue("binary"))]
        with web_app.serving([*command, *arguments], folder) as server:
            yield server
        assert (folder / "output.txt").read_text() == ""

    return start


@pytest.mark.parametrize("way", WAYS)
def test_in_a_browser(serve: Serve, way: str, pytestconfig: pytest.Config) -> None:
    needing(browser.program)
    with serve(way, ["-m", "my_app.web"]) as server, browser.visit() as visit:
        page = visit.page
        page.goto(server.url, wait_until="networkidle")
        assert page.evaluate(
            "() => { const i = document.images[0]; return [i.complete, i.naturalWidth]; }"
        ) == [True, 128]
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(246, 247, 249)"
        )
        about = page.text_content("#about") or ""
        assert about.startswith(f"Served by {WAYS[way].runtime} ")
        answers = visit.take_answers()
        assert set(answers) == {server.url + name for name in (*_ASSETS, "about.json")}
        for name in _ASSETS:
            status, headers = answers[server.url + name][0]
            assert status == 200
            compressed = WAYS[way].storage != "files" and name != "image.png"
            assert headers.get("content-encoding") == ("gzip" if compressed else None)
        screenshot = pytestconfig.getoption("screenshot")
        if screenshot and way == "frozen":
            page.screenshot(path=screenshot)

        page.reload(wait_until="networkidle")
        answers = visit.take_answers()
        for name in _ASSETS:
            assert {status for status, _ in answers[server.url + name]} == {304}
        assert page.text_content("#about") == about
        assert visit.errors == []


class Client(threading.Thread):
    """Makes requests one after the other, and keeps what was wrong."""

    def __init__(self, server: web_app.Server, numbers: Iterator[int]) -> None:
        super().__init__()
        self.server, self.numbers = server, numbers
        self.wrong: list[str] = []
        self.start()

    def run(self) -> None:
        for number in self.numbers:
            name, headers, expected = REQUESTS[number % len(REQUESTS)]
            try:
                answer = web_app.ask(self.server, name, headers)
            except (OSError, http.client.HTTPException) as error:
                self.wrong.append(f"{number} {name} {headers}: {error!r}")
                continue
            if answer[:2] != expected:
                self.wrong.append(f"{number} {name} {headers}: {answer!r}"[:500])


CLIENTS = 8
_GZIP = {"Accept-Encoding": "gzip"}
REQUESTS = [
    ("page.html", _GZIP, (200, (DATA / "page.html").read_bytes())),
    ("page.html", {}, (200, (DATA / "page.html").read_bytes())),
    ("image.png", {}, (200, (DATA / "image.png").read_bytes())),
    ("script.js", {}, (200, (DATA / "script.js").read_bytes())),
    ("style.css", _GZIP, (200, (DATA / "style.css").read_bytes())),
    ("style.css", {"If-None-Match": "*"}, (304, b"")),
    ("%2e%2e/web.py", {}, (404, b"Not found")),
    ("missing.html", {}, (404, b"Not found")),
]


def load(server: web_app.Server, requests: range) -> None:
    """Make the requests of these numbers by CLIENTS at once."""
    numbers = iter(requests)
    lock = threading.Lock()

    def next_number() -> Iterator[int]:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            yield number

    clients = [Client(server, next_number()) for _ in range(CLIENTS)]
    for client in clients:
        client.join()
    assert [line for client in clients for line in client.wrong] == []


def watch(server: web_app.Server) -> dict[str, int]:
    """Return the bytes allocated after a collection, and the streams that are open."""
    answer = web_app.ask(server, "watch", {})
    assert answer.status == 200
    found = json.loads(answer.body)
    assert isinstance(found, dict)
    return found


def hang_up(server: web_app.Server, name: str, headers: str) -> None:
    """Ask for a resource, read the start of its body, and reset the connection."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.connect(("127.0.0.1", server.port))
        client.sendall(f"GET /{name} HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode())
        received = b""
        while len(received) < 2000:
            received += client.recv(1000)
    assert b"200 OK" in received


@pytest.mark.parametrize("way", ["frozen", "files", "compressed-files"])
def test_2000_requests_of_8_clients(serve: Serve, way: str) -> None:
    program = str(app.HERE / "web_watch.py")
    with serve(way, ["-X", "heapsize=512k", program]) as server:
        load(server, range(100))
        before, files = watch(server), server.open_files()
        load(server, range(100, 1000))
        for headers in ("", "Accept-Encoding: gzip\r\n"):
            hang_up(server, web_app.BIG_NAME, headers)
        load(server, range(1000, 2000))
        after = watch(server)
        assert after["open"] == 0
        # Freed slots of asyncio's tables and of its queue of tasks refer to finished
        # tasks until they are used again: 544 bytes each, as many as there were clients.
        # One heap block of 32 bytes lost in every tenth request would be 6 KB.
        assert abs(after["allocated"] - before["allocated"]) <= CLIENTS * 544
        assert server.open_files() == files
        assert web_app.ask(server, web_app.BIG_NAME, {}) == (200, web_app.BIG, False)
