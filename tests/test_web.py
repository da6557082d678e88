"""The web example in a real browser, and under load: frozen, from files, on CPython."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
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
import web_app
from conftest import needing

DATA = web_app.DATA
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


_FOR_EVER = (web_app.STYLE, web_app.SCRIPT)
_ASSETS = ("", *_FOR_EVER, web_app.IMAGE)
_API = "api/board"


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
        says_address = "my_app.web" in arguments
        expected = f"Open {server.url}\n" if says_address else ""
        assert (folder / "output.txt").read_text() == expected

    return start


@pytest.mark.parametrize("way", WAYS)
def test_in_a_browser(serve: Serve, way: str) -> None:
    needing(browser.program)
    with serve(way, ["-m", "my_app.web"]) as server, browser.visit() as visit:
        page = visit.page
        page.goto(server.url, wait_until="networkidle")
        assert page.evaluate(
            "() => { const i = document.images[0]; return [i.complete, i.naturalWidth]; }"
        ) == [True, 128]
        assert page.text_content("#state") == "live"
        assert (page.text_content("#runtime") or "").startswith(WAYS[way].runtime)
        answers = visit.take_answers()
        assert set(answers) == {server.url + name for name in (*_ASSETS, _API)}
        for name in _ASSETS:
            status, headers = answers[server.url + name][0]
            assert status == 200
            compressed = WAYS[way].storage != "files" and name != web_app.IMAGE
            assert headers.get("content-encoding") == ("gzip" if compressed else None)
            is_listed = name in _FOR_EVER and "files" not in WAYS[way].storage
            lasting = "max-age=31536000, immutable" if is_listed else "no-cache"
            assert headers["cache-control"] == lasting

        used = page.text_content("#used")
        page.click("#collect")
        page.wait_for_function(
            "used => document.querySelector('#used').textContent != used", arg=used
        )

        # A route of the page itself is there when it is loaded again.
        page.click("text=About")
        assert page.url == server.url + "about"
        visit.take_answers()
        page.reload(wait_until="networkidle")
        assert page.is_visible("#about")
        assert not page.is_visible("#board")
        answers = visit.take_answers()
        # The page is another one for the browser, by its path; for what has a hash in its name
        # it does not ask. (The picture is the icon as well.)
        asked_again = _FOR_EVER if "files" in WAYS[way].storage else ()
        assert {name: {status for status, _ in found} for name, found in answers.items()} == {
            **{server.url + name: {304} for name in asked_again},
            server.url + "about": {200},
            server.url + web_app.IMAGE: {304},
            server.url + _API: {200},
        }
        page.reload(wait_until="networkidle")
        answers = visit.take_answers()
        assert [status for status, _ in answers[server.url + "about"]] == [304]
        assert set(answers) <= {
            server.url + name for name in ("about", web_app.IMAGE, _API, *asked_again)
        }
        assert visit.errors == []


@pytest.mark.parametrize("storage", ["R.py", "files"])
def test_after_one_resource_has_changed(
    storage: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """As after an update of the firmware, the browser loads that one, and nothing else again."""
    needing(browser.program)
    binary = str(request.getfixturevalue("binary"))
    folders = [tmp_path / "old", tmp_path / "new"]
    for folder in folders:
        folder.mkdir()
        web_app.build(folder, "files")
        data = folder / "my_app/data"
        # Names without a hash, so that the browser asks.
        page = (data / web_app.PAGE).read_text("utf-8")
        for name, plain in ((web_app.STYLE, "style.css"), (web_app.SCRIPT, "app.js")):
            page = page.replace(name, plain)
            (data / name).rename(data / plain)
        (data / web_app.PAGE).write_text(page, "utf-8")
    style = folders[1] / "my_app/data/style.css"
    style.write_text(style.read_text().replace("--page: #f4f5f7", "--page: #012345"))
    for folder in folders:
        for path in (folder / "my_app/data").iterdir():
            os.utime(path, (1_700_000_000 + (path == style), 1_700_000_000 + (path == style)))
        if storage == "R.py":
            web_app.bundle(folder / "my_app", "*.html", "*.css", "*.js", web_app.BIG_NAME)
    color = "getComputedStyle(document.body).backgroundColor"
    command = [binary, "-m", "my_app.web"]
    with browser.visit() as visit:
        with web_app.serving(command, folders[0]) as server:
            visit.page.goto(server.url, wait_until="networkidle")
            assert visit.page.evaluate(color) == "rgb(244, 245, 247)"
            visit.page.goto("about:blank")
        visit.take_answers()
        with web_app.serving(command, folders[1], port=server.port) as server:
            visit.page.goto(server.url, wait_until="networkidle")
            assert visit.page.evaluate(color) == "rgb(1, 35, 69)"
            answers = visit.take_answers()
        assert {name: answers[server.url + name][0][0] for name in ("", *_PLAIN)} == {
            **dict.fromkeys(("", *_PLAIN), 304),
            "style.css": 200,
        }
        assert visit.errors == []


_PLAIN = ("style.css", "app.js", web_app.IMAGE)


@pytest.mark.parametrize("way", ["frozen", "files", "cpython-module"])
def test_a_sound_is_sought_in(serve: Serve, way: str) -> None:
    """An <audio> that is sent behind what it has loaded asks for that part alone."""
    needing(browser.program)
    with serve(way, ["-m", "my_app.web"]) as server, browser.visit() as visit:
        page = visit.page
        page.goto(server.url + "about", wait_until="networkidle")
        source = server.url + web_app.SOUND_NAME
        page.set_content(f'<audio preload="metadata" src="{source}"></audio>')
        sound = "document.querySelector('audio')"
        page.wait_for_function(f"{sound}.readyState >= 1")
        assert page.evaluate(f"{sound}.duration") == web_app.SOUND_SECONDS
        assert page.evaluate(f"{sound}.seekable.end(0)") == web_app.SOUND_SECONDS
        for second in (110, 60):
            position = page.evaluate(
                """second => new Promise((resolve) => {
                    const audio = document.querySelector("audio");
                    audio.onseeked = () => resolve(audio.currentTime);
                    audio.currentTime = second;
                })""",
                second,
            )
            assert position == second
        answers = visit.take_answers().get(source, [])
        starts = [
            int(headers["content-range"].split()[1].split("-")[0])
            for status, headers in answers
            if status == 206
        ]
        assert any(start > 500_000 for start in starts), (answers, visit.ranges)


def test_pictures(serve: Serve, pytestconfig: pytest.Config, tmp_path: Path) -> None:
    """At a desk and on a phone: nothing goes over an edge. With --pictures they go to docs/."""
    needing(browser.program)
    wanted = pytestconfig.getoption("pictures")
    folder = app.HERE.parent / "docs" if wanted else tmp_path
    with serve("frozen", ["-m", "my_app.web"]) as server:
        for name, width, height, dark in _PICTURES:
            with browser.visit(width, height, dark) as visit:
                visit.page.goto(server.url, wait_until="networkidle")
                visit.page.wait_for_timeout(8000 if wanted else 1500)
                assert visit.page.evaluate("document.documentElement.scrollWidth") == width
                assert visit.page.evaluate(_TOO_WIDE) == []
                visit.page.screenshot(path=folder / name)
                assert (folder / name).read_bytes().startswith(b"\x89PNG")
                assert visit.errors == []


_TOO_WIDE = (
    "[...document.querySelectorAll('section')].filter(s => s.scrollWidth > s.clientWidth)"
    ".map(s => s.textContent)"
)
_PICTURES = (("my_app.png", 800, 510, False), ("my_app_phone.png", 360, 640, True))


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
_IMAGE = (DATA / web_app.IMAGE).read_bytes()
REQUESTS = [
    (web_app.PAGE, _GZIP, (200, (DATA / web_app.PAGE).read_bytes())),
    ("a/route", {}, (200, (DATA / web_app.PAGE).read_bytes())),
    (web_app.IMAGE, {}, (200, _IMAGE)),
    (web_app.IMAGE, {"Range": "bytes=8-107"}, (206, _IMAGE[8:108])),
    (web_app.IMAGE, {"Range": "bytes=441-"}, (416, b"Range not satisfiable")),
    (web_app.SCRIPT, {}, (200, (DATA / web_app.SCRIPT).read_bytes())),
    (web_app.STYLE, _GZIP, (200, (DATA / web_app.STYLE).read_bytes())),
    (web_app.STYLE, {"If-None-Match": "*"}, (304, b"")),
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
