"""Dependencies of other shapes: local packages for mip, several indexes, tokens, .mpy files."""

from __future__ import annotations

import contextlib
import http.server
import json
import re
import sys
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import board
import pytest
import runtimes
import shipping
import test_dependencies
from folders import write
from test_dependencies import NOBODY, add_package, contents, refused, resolved, served

from bin2res.dependencies.lock import locked
from bin2res.dependencies.lock import write as write_lock
from bin2res.dependencies.resolve import resolve
from bin2res.dependencies.wanted import parsed
from bin2res.errors import Bin2resError

cache, site = test_dependencies.cache, test_dependencies.site

PROJECT = '[project]\nname = "app"\nversion = "1.0"\n[tool.pkgres]\nresources = []\n'
DRIVER = {
    "package.json": json.dumps({"urls": [["sensor/__init__.py", "src/__init__.py"]], "version": 1}),
    "src/__init__.py": "VALUE = 42\n",
    "README.md": "# Not for a board",
    "tests/test_sensor.py": "import sensor",
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app beside a driver that is a package for mip."""
    write(tmp_path / "drv", DRIVER)
    text = PROJECT + 'dependencies = ["../drv"]\n'
    files = {"pyproject.toml": text, "main.py": "import sensor\nprint(sensor.VALUE)\n"}
    return write(tmp_path / "app", files)


@pytest.mark.parametrize("source", ["../drv", "../drv/", "../drv/package.json"])
def test_a_local_package_for_mip(app: Path, source: str) -> None:
    (app / "pyproject.toml").write_text(PROJECT + f'dependencies = ["{source}"]\n')
    shipping.ship("image", "-o", "board", cwd=app)
    names = sorted(str(path.relative_to(app / "board")) for path in (app / "board").rglob("*.*"))
    assert names == [".pkgres.json", "lib/sensor/__init__.py", "main.py"]
    command = [sys.executable, "-m", "micropython_unix", "main.py"]
    result = runtimes.run(command, app / "board", f"{app}/board/lib:.frozen")
    assert (result.stdout, result.stderr) == ("42\n", "")


def test_as_mpremote_installs_it(app: Path, device: board.Board) -> None:
    """The same files with the same bytes arrive on a board."""
    device.mpremote(f"mpremote mip install --target / {app.parent}/drv/package.json", app)
    code = "import sensor; print(sensor.VALUE, open('/sensor/__init__.py').read())"
    told = device.mpremote(f'mpremote exec "{code}"', app)
    (package,) = resolved(app, NOBODY, "../drv")
    assert list(package.files) == ["sensor/__init__.py"]
    assert told.split("\r\n")[0].split("\n")[0] == "42 b'VALUE = 42\\n'"


def test_what_a_local_package_needs(tmp_path: Path, site: Path) -> None:
    """Its deps, files from addresses and hashes of the index, with a lock and by patterns."""
    with served(site) as (url, _):
        hashes = json.loads((site / "package/py/one/latest.json").read_text())["hashes"]
        listed = {
            "urls": [["drv/__init__.py", "src/drv.py"], ["drv/code.py", f"{url}/files/code.py"]],
            "hashes": [["drv/one.py", short] for name, short in hashes if name == "one.py"],
            "deps": [["two", "latest"]],
        }
        write(tmp_path / "drv", {"package.json": json.dumps(listed), "src/drv.py": "x = 1\n"})
        write(tmp_path / "app", {"pyproject.toml": ""})
        app = tmp_path / "app"
        found = contents(resolved(app, url, "../drv"))
        assert {name: content for name, content in found.items() if name.startswith("drv/")} == {
            "drv/__init__.py": b"x = 1\n",
            "drv/code.py": b"code = 1\n",
            "drv/one.py": b"new = 1\n",
        }
        assert "two/__init__.py" in found
        some = {"from": "../drv", "files": ["!drv/code.py"]}
        assert "drv/code.py" not in contents(resolved(app, url, some))
        for item in ("../drv", some):
            packages = write_lock([parsed(item)], str(app), [url])
            (tmp_path / "drv/src/drv.py").write_text("x = 2\n")
            again = locked([parsed(item)], str(app), [url])
            assert [p.files.keys() for p in again] == [p.files.keys() for p in packages]
            assert contents(again)["drv/__init__.py"] == b"x = 2\n"
        moved = {**listed, "urls": [["drv/__init__.py", "src/none.py"]]}
        (tmp_path / "drv/package.json").write_text(json.dumps(moved))
        assert "is listed in" in refused(app, url, "../drv")


def test_the_package_json_of_npm_is_another(tmp_path: Path) -> None:
    files = {"package.json": '{"name": "web", "dependencies": {}}', "web/__init__.py": "x = 1\n"}
    write(tmp_path / "drv", files)
    write(tmp_path / "app", {"pyproject.toml": ""})
    found = contents(resolved(tmp_path / "app", NOBODY, "../drv"))
    assert sorted(found) == ["drv/package.json", "drv/web/__init__.py"]
    text = refused(tmp_path / "app", NOBODY, "../drv/package.json")
    assert "drv/package.json: lists no urls; name the folder or the file of the code" in text


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"C\x06\x00\x1f", "is compiled for CircuitPython"),
        (b"M\x05\x00\x1f", "has version 5 of the .mpy format, and MicroPython loads 6"),
        (b"x = 1\n", "is not a compiled module"),
        (b"", "is not a compiled module"),
    ],
)
@pytest.mark.parametrize("place", ["../drv.mpy", "own.mpy"])
def test_compiled_files_that_no_board_loads(
    app: Path, content: bytes, what: str, place: str
) -> None:
    (app / place).write_bytes(content)
    (app / "pyproject.toml").write_text(PROJECT + 'dependencies = ["../drv.mpy"]\n')
    if place == "own.mpy":
        (app / "pyproject.toml").write_text(PROJECT)
    result = shipping.command("image", "-o", "board", cwd=app)
    name = place.removeprefix("../")
    assert result.returncode == 2
    assert result.stderr.endswith(f"{name}: {what}; use its source, or compile it with mpy-cross\n")
    assert not (app / "board").exists()


def test_several_indexes(tmp_path: Path, site: Path) -> None:
    """The first that has a package; its files come from there."""
    add_package(tmp_path / "own", "mine", "1.0", {"mine.py": b"mine = 1\n"}, [["one", ""]])
    add_package(tmp_path / "own", "two", "9.0", {"two.py": b"own = 1\n"})
    app = write(tmp_path / "app", {"pyproject.toml": ""})
    with served(site) as (url, _):
        indexes = ["../own", url]
        items = [parsed("mine"), parsed("two"), parsed("three")]
        found = contents(resolve(items[:2], str(app), indexes))
        assert found["mine.py"] == b"mine = 1\n"
        assert found["one.py"] == b"new = 1\n"
        assert found["two.py"] == b"own = 1\n"
        assert "two/__init__.py" in contents(resolve(items[1:2], str(app), indexes[::-1]))
        packages = write_lock(items[:2], str(app), indexes)
        assert str(tmp_path) not in (app / "pkgres.lock").read_text()
        assert locked(items[:2], str(app), indexes) == packages
        with pytest.raises(Bin2resError, match="is out of date"):
            locked(items[:2], str(app), indexes[::-1])
        with pytest.raises(Bin2resError, match=r"is not found at .*own/package.* or http") as info:
            resolve([parsed("none")], str(app), indexes)
        assert url in str(info.value)


def test_the_address_of_a_list_in_another_index(tmp_path: Path, site: Path) -> None:
    with served(site) as (url, _):
        add_package(tmp_path / "own", "mine", "1.0", {"mine.py": b"mine = 1\n"})
        app = write(tmp_path / "app", {"pyproject.toml": ""})
        source = f"{url}/package/py/one/latest.json"
        found = contents(resolve([parsed(source)], str(app), [str(tmp_path / "own")]))
        assert found["one.py"] == b"new = 1\n"


def test_indexes_of_the_description_and_of_the_command(tmp_path: Path, site: Path) -> None:
    add_package(tmp_path / "own", "mine", "1.0", {"mine.py": b"mine = 1\n"})
    keys = 'dependencies = ["mine", "one"]\nindex = ["../own", "../site"]\n'
    files = {"pyproject.toml": PROJECT + keys, "main.py": ""}
    app = write(tmp_path / "app", files)
    names = {"lib/mine.py", "lib/one.py"}
    described = shipping.ship("image", "-n", "-o", "b", cwd=app)["files"]
    assert names <= {file["name"] for file in described}
    (app / "pyproject.toml").write_text(PROJECT + 'dependencies = ["mine", "one"]\n')
    options = ("--index", "../site", "--index", "../own")
    described = shipping.ship("image", "-n", "-o", "b", *options, cwd=app)["files"]
    assert names <= {file["name"] for file in described}


def test_what_mpremote_takes(tmp_path: Path) -> None:
    """A number as version, a BOM, and targets with ./ in them."""
    listed = {"version": 0.1, "urls": [["./d.py", "d.py"], ["a//./e.py", "d.py"]]}
    content = b"\xef\xbb\xbf" + json.dumps(listed).encode()
    write(tmp_path / "site", {"pack/package.json": content, "pack/d.py": "d = 1\n"})
    app = write(tmp_path / "app", {"pyproject.toml": ""})
    with served(tmp_path / "site") as (url, _):
        (package,) = resolved(app, NOBODY, f"{url}/pack/")
    assert package.version == "0.1"
    assert list(package.files) == ["a/e.py", "d.py"]


def test_a_target_that_leads_out_can_be_left_out(tmp_path: Path) -> None:
    listed = {"urls": [["good.py", "d.py"], ["../evil.py", "d.py"], ["/boot.py", "d.py"]]}
    write(tmp_path / "site", {"pack/package.json": json.dumps(listed), "pack/d.py": "d = 1\n"})
    app = write(tmp_path / "app", {"pyproject.toml": ""})
    with served(tmp_path / "site") as (url, _):
        text = refused(app, NOBODY, f"{url}/pack/")
        files = []
        while "leads out of lib; leave it out: " in text:
            (pattern,) = re.findall(r'files = \["(.*)"\]', text)
            files.append(pattern)
            item = {"from": f"{url}/pack/", "files": files}
            assert len(files) < 4
            try:
                found = contents(resolved(app, NOBODY, item))
                break
            except Bin2resError as error:
                text = str(error)
        assert found == {"good.py": b"d = 1\n"}


def test_a_branch_that_moves_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bin2res.dependencies.lock import moving

    items = [parsed("github:org/repo"), parsed("github:org/tagged@v1"), parsed("one")]
    (note,) = moving(items)
    assert note == (
        "github:org/repo: names no tag; the locked files are gone when the branch moves; write"
        " github:org/repo@TAG"
    )


@contextlib.contextmanager
def on_loopback(site: Path) -> Iterator[list[str]]:
    """Have each https host answered by a folder of its name in a site."""

    class Loopback(urllib.request.BaseHandler):
        handler_order = 1

        def https_open(self, request: urllib.request.Request) -> Any:
            return self.parent.open(f"{url}/{request.host}{request.selector.partition('?')[0]}")

    with served(site) as (url, asked):
        urllib.request.install_opener(urllib.request.build_opener(Loopback))
        try:
            yield asked
        finally:
            urllib.request.install_opener(None)


@pytest.mark.parametrize(
    ("host", "place", "listed"),
    [
        (
            "github",
            "api.github.com/repos/org/repo/git/trees/HEAD",
            {"tree": [{"path": "lib/drv.py"}, {"path": "README.md"}, {"path": "a.py"}]},
        ),
        (
            "codeberg",
            "codeberg.org/api/v1/repos/org/repo/git/trees/HEAD",
            {"tree": [{"path": "a.py"}, {"path": "lib/drv.py"}]},
        ),
        (
            "gitlab",
            "gitlab.com/api/v4/projects/org/repo/repository/tree",
            [{"path": "a.py"}, {"path": "lib/drv.py"}],
        ),
        ("github", "nowhere", {}),
    ],
)
def test_a_repository_without_package_json(
    tmp_path: Path, host: str, place: str, listed: object
) -> None:
    """The message names its files of code, if they can be found out."""
    write(tmp_path / "site", {place: json.dumps(listed)})
    app = write(tmp_path / "app", {"pyproject.toml": ""})
    with on_loopback(tmp_path / "site"):
        text = refused(app, NOBODY, f"{host}:org/repo")
    if place == "nowhere":
        assert text.endswith("; check the name")
    else:
        assert text.endswith(f'; name a file: "{host}:org/repo/a.py", "{host}:org/repo/lib/drv.py"')


@contextlib.contextmanager
def private(files: dict[str, bytes], elsewhere: Sequence[str]) -> Iterator[tuple[int, list[Any]]]:
    """Serve files to those who send a token, on all names of this host; some are elsewhere."""
    seen: list[Any] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            host = self.headers["Host"].partition(":")[0]
            token = self.headers["Authorization"]
            seen.append((host, self.path, token))
            if self.path in elsewhere and host == "127.0.0.1":
                self.send_response(302)
                self.send_header("Location", f"http://localhost:{port}{self.path}")
                self.end_headers()
            elif host == "127.0.0.1" and token != "Bearer secret":
                self.send_error(401)
            else:
                content = files[self.path]
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        port = server.server_port
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield port, seen
        server.shutdown()


def test_a_token_is_sent_to_its_host_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = json.dumps({"urls": [["a.py", "a.py"], ["b.py", "b.py"]]}).encode()
    files = {"/pack/package.json": listed, "/pack/a.py": b"a = 1\n", "/pack/b.py": b"b = 1\n"}
    app = write(tmp_path / "app", {"pyproject.toml": ""})
    with private(files, ["/pack/b.py"]) as (port, seen):
        source = f"http://127.0.0.1:{port}/pack/"
        assert "401 " in refused(app, NOBODY, source)
        monkeypatch.setenv("PKGRES_TOKEN_127_0_0_1", "secret")
        seen.clear()
        assert contents(resolved(app, NOBODY, source)) == {"a.py": b"a = 1\n", "b.py": b"b = 1\n"}
        assert {token for host, _, token in seen if host == "127.0.0.1"} == {"Bearer secret"}
        assert [token for host, _, token in seen if host == "localhost"] == [None]
        write_lock([parsed(source)], str(app), [NOBODY])
        assert "secret" not in (app / "pkgres.lock").read_text()
        monkeypatch.setenv("PKGRES_TOKEN_127_0_0_1", "wrong")
        text = refused(app, NOBODY, source)
        assert "401 " in text
        assert "wrong" not in text
