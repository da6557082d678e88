"""The dependencies of an app: found on the host as mip finds them on a board."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import folders
import mpremote.mip  # type: ignore[import-untyped]
import pytest
import runtimes
import shipping
from folders import write

from bin2res.dependencies.addresses import rewritten
from bin2res.dependencies.resolve import Package, merged, resolve
from bin2res.dependencies.wanted import Dependency, parsed
from bin2res.errors import Bin2resError

NOBODY = "http://127.0.0.1:9"
"""An index that nobody serves."""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that downloads are kept in, for this test only."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home/.cache"))
    return tmp_path / "home"


@contextlib.contextmanager
def served(site: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve a folder as it is; give its address, and the list of what was asked for."""
    asked: list[str] = []
    with folders.served(site, asked) as url:
        yield url, asked


def add_package(
    site: Path,
    name: str,
    version: str,
    files: Mapping[str, bytes],
    needed: Sequence[Sequence[str]] = (),
    **more: object,
) -> None:
    """Add a package to an index in the layout of mip's; the last one added is the latest."""
    hashes = []
    for path, content in files.items():
        short = hashlib.sha256(content).hexdigest()[:8]
        hashes.append((path, short))
        write(site, {f"file/{short[:2]}/{short}": content})
    listed = {"v": 1, "hashes": hashes, "deps": list(needed), "version": version, **more}
    text = json.dumps(listed)
    write(site, {f"package/py/{name}/{file}.json": text for file in (version, "latest")})


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """An index: two versions of a package, some that need others, two in a circle."""
    site = tmp_path / "site"
    add_package(site, "one", "1.0", {"one.py": b"old = 1\n"})
    add_package(site, "one", "2.0", {"one.py": b"new = 1\n", "one_data/a b.txt": b"\xff\0text"})
    add_package(site, "two", "0.1", {"two/__init__.py": b"import one\n"}, [["one", "latest"]])
    add_package(site, "three", "0.1", {"three.py": b""}, [["two", "0.1"], ["one", ""]])
    add_package(site, "round", "1", {"round.py": b"1"}, [["about", "latest"]])
    add_package(site, "about", "1", {"about.py": b"2"}, [["round", "latest"]])
    write(site, {"files/code.py": "code = 1\n", "files/sub/data.bin": b"\0\1", "other.py": "o = 1"})
    return site


def listing(site: Path, url: str) -> None:
    """Write a package.json with urls that start with *url*."""
    urls = [
        ["pack/code.py", f"{url}files/code.py"],
        ["pack/data.bin", f"{url}files/sub/data.bin"],
    ]
    write(site, {"pack/package.json": json.dumps({"urls": urls, "deps": [["two", ""]]})})


def resolved(folder: Path, index: str, *items: object) -> list[Package]:
    return resolve([parsed(item) for item in items], str(folder), [index])


def contents(packages: Sequence[Package]) -> dict[str, bytes]:
    files, notes = merged(packages)
    assert notes == []
    return {path: Path(file).read_bytes() for path, file in files.items()}


def refused(folder: Path, index: str, *items: object) -> str:
    """Return why dependencies are refused: one line."""
    with pytest.raises(Bin2resError) as info:
        merged(resolved(folder, index, *items))
    text = str(info.value)
    assert text.isprintable()
    return text


@pytest.mark.parametrize(
    ("item", "arguments"),
    [
        ("one", "'one'"),
        ("one@1.0", "'one', version='1.0'"),
        (["one", "1.0"], "'one', version='1.0'"),
        (["one", "latest"], "'one', version='latest'"),
        ("three", "'three'"),
        ("URL/other.py", "'URL/other.py'"),
        ("URL/files/code.py", "'URL/files/code.py'"),
        ("URL/pack/package.json", "'URL/pack/package.json'"),
        ("URL/pack/", "'URL/pack/'"),
        ("URL/pack", "'URL/pack'"),
    ],
)
def test_same_files_as_mip(
    receiver: Path, tmp_path: Path, site: Path, item: str | list[str], arguments: str
) -> None:
    board = tmp_path / "board"
    board.mkdir()
    with served(site) as (url, _):
        listing(site, f"{url}/")
        code = f"import mip; mip.install({arguments}, index='{url}/', mpy=False)"
        result = runtimes.run(
            [str(receiver), "-c", code.replace("URL", url)], board, f"{board}/lib:.frozen"
        )
        assert result.stdout.endswith("Done\n"), result
        wish = item.replace("URL", url) if isinstance(item, str) else item
        assert contents(resolved(tmp_path, f"{url}/", wish)) == folders.contents(board / "lib")


def test_relative_urls(tmp_path: Path, site: Path) -> None:
    listing(site, "../")
    with served(site) as (url, _):
        for address in ("pack/package.json", "pack", "pack/"):
            packages = resolved(tmp_path, url, f"{url}/{address}")
            assert contents(packages)["pack/data.bin"] == b"\0\1"
            assert [package.name for package in packages] == ["one", "pack", "two"]


@pytest.mark.parametrize("form", ["{}", "{}/", "file://{}", "relative"])
def test_an_index_that_is_a_folder(tmp_path: Path, site: Path, form: str) -> None:
    index = "../site" if form == "relative" else form.format(site)
    (tmp_path / "app").mkdir()
    local = contents(resolved(tmp_path / "app", index, "three"))
    with served(site) as (url, _):
        assert contents(resolved(tmp_path, url, "three")) == local
    assert "name" in refused(tmp_path / "app", index, "none")


def test_an_index_that_pkgres_made(tmp_path: Path) -> None:
    made = tmp_path / "made"
    shipping.ship("mip", "-o", str(made))
    packages = {package.name: package for package in resolved(tmp_path, str(made), "my_app")}
    assert packages["my_app"].version == "1.0.0"
    files, _ = merged(packages.values())
    assert not [path for path in files if path.startswith(("pkgres", "pkg_resources"))]
    data = (shipping.EXAMPLE / "data/image.png").read_bytes()
    assert Path(files["my_app/data/image.png"]).read_bytes() == data


def test_each_once_and_sorted(tmp_path: Path, site: Path) -> None:
    with served(site) as (url, asked):
        packages = resolved(tmp_path, url, "three", "round", "one", "about")
        assert len(asked) == len(set(asked))
        assert [package.name for package in packages] == ["about", "one", "round", "three", "two"]
        assert packages == resolved(tmp_path, url, "about", "one", "round", "three")


def test_the_version_that_one_names_is_everyones(tmp_path: Path, site: Path) -> None:
    versions = {p.name: p.version for p in resolved(tmp_path, str(site), "two", "one@1.0")}
    assert versions == {"one": "1.0", "two": "0.1"}
    # Known late: "one" was met before.
    add_package(site, "late", "1", {}, [["later", ""]])
    add_package(site, "later", "1", {}, [["one", "1.0"]])
    versions = {p.name: p.version for p in resolved(tmp_path, str(site), "one", "late")}
    assert versions == {"late": "1", "later": "1", "one": "1.0"}
    text = refused(tmp_path, str(site), "one@2.0", "late")
    assert text.startswith("one: the app needs version 2.0, later 1.0;")
    assert "the app needs version 1.0, the app 2.0" in refused(
        tmp_path, str(site), "one@1.0", ["one", "2.0"]
    )


def test_a_chain_without_an_end(tmp_path: Path) -> None:
    class Endless(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            number = int(self.path.split("/")[3][1:]) + 1
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"deps": [["n%d", ""]]}' % number)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endless) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        text = refused(tmp_path, f"http://127.0.0.1:{server.server_port}", "n1")
        server.shutdown()
    assert "more than 1000 packages" in text


@pytest.mark.parametrize(
    "url",
    [
        "github:org/repo",
        "github:org/repo/",
        "github:org/repo/package.json",
        "github:org/repo/a/b.py",
        "gitlab:org/repo/a/../b.py",
        "gitlab:o-r.g/r_e.po/x.mpy",
        "codeberg:org/repo/a/b.py",
        "codeberg:org/repo",
        "http://host/a.py",
        "https://host:8000/a/package.json?x=1&y=%20",
    ],
)
@pytest.mark.parametrize("branch", ["", "v1.0", "feature/x"])
def test_addresses_are_rewritten_as_mpremote_does(url: str, branch: str) -> None:
    assert rewritten(url, branch) == mpremote.mip._rewrite_url(url, branch)


@pytest.mark.parametrize(
    ("host", "form"),
    [
        ("github", "raw.githubusercontent.com/org/repo/{}/"),
        ("gitlab", "gitlab.com/org/repo/-/raw/{}/"),
        ("codeberg", "codeberg.org/api/v1/repos/org/repo/raw/"),
    ],
)
@pytest.mark.parametrize("branch", ["", "v2"])
def test_from_a_repository(tmp_path: Path, host: str, form: str, branch: str) -> None:
    site = tmp_path / "site"
    at = form.format(branch or "HEAD")
    urls = [["r/a.py", f"{host}:org/repo/a.py"], ["r/b.py", "b.py"]]
    write(site / at, {"package.json": json.dumps({"urls": urls}), "a.py": "a = 1", "b.py": "b = 1"})
    expected = {"r/a.py": b"a = 1", "r/b.py": b"b = 1"}

    class Loopback(urllib.request.BaseHandler):
        handler_order = 1  # before the one that would ask the host

        def https_open(self, request: urllib.request.Request) -> Any:
            return self.parent.open(f"{url}/{request.host}{request.selector}")

    with served(site) as (url, asked):
        urllib.request.install_opener(urllib.request.build_opener(Loopback))
        try:
            suffix = f"@{branch}" if branch else ""
            assert contents(resolved(tmp_path, NOBODY, f"{host}:org/repo{suffix}")) == expected
            one = contents(resolved(tmp_path, NOBODY, f"{host}:org/repo/a.py{suffix}"))
            assert one == {"a.py": b"a = 1"}
            # The file itself, and not, with a version, one of the default branch.
            assert all(path.startswith("/" + at) for path in asked)
        finally:
            urllib.request.install_opener(urllib.request.build_opener())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("microdot", Dependency("microdot")),
        ("__future__", Dependency("__future__")),
        ("umqtt.simple@1.3.4", Dependency("umqtt.simple", "1.3.4")),
        ("pypi:a-b", Dependency("pypi:a-b")),
        ("pypi:a-b==1.0", Dependency("pypi:a-b", "1.0")),
        ("pypi:a-b@1.0", Dependency("pypi:a-b", "1.0")),
        ("pip:a-b==1.0", Dependency("pip:a-b", "1.0")),
        (["aiohttp", "0.0.3"], Dependency("aiohttp", "0.0.3")),
        (["aiohttp", "latest"], Dependency("aiohttp")),
        ("github:org/repo/a.py@feature/x", Dependency("github:org/repo/a.py", "feature/x")),
        ("http://host/@1.0/a.py", Dependency("http://host/@1.0/a.py")),
        ("pip:microdot@2.0", Dependency("pip:microdot", "2.0")),
        ("../my drivers/a@b.py", Dependency("../my drivers/a@b.py")),
        ("/opt/a.py", Dependency("/opt/a.py")),
        ({"from": "a@1", "files": ["*.py", "!b.py"]}, Dependency("a", "1", ("*.py", "!b.py"))),
        ({"from": ["a", "1"]}, Dependency("a", "1")),
    ],
)
def test_what_a_dependency_may_be(value: object, expected: Dependency) -> None:
    assert parsed(value) == expected


NO_DEPENDENCIES: list[object] = [
    *("", " ", ".", "..", "a b", "a\n", "-a", "a/b", "a?b", "a#b", "a\\b", "ä", "a@", "a@b@c"),
    *("a@../b", "a@x/y", "a@ 1", "file:///etc/passwd", "ftp://host/a.py", "C:\\a.py", "\ud800"),
    *("github:", "github:org", "github:/repo", "github:org/", "github:../repo", "github:org/.."),
    *("http://", "http:///a.py", "http://host:x/a.py", "http://host/a b", "http://[/", "pip:"),
    *("pip:../a", "../a\n", "./a\0", "../\ud800", "..\\a", 1, None, True, [], ["a"], ["a", 1]),
    *(["a", "1", "2"], ["a@1", "2"], [["a"], "1"], ["../a.py", "1.0"], {}, {"from": 1}),
    *({"from": {"from": "a"}}, {"from": "a", "file": []}, {"from": "a", "files": []}),
    *({"from": "a", "files": "*.py"}, {"from": "a", "files": [""]}, {"from": "a", "files": [1]}),
]


@pytest.mark.parametrize("value", NO_DEPENDENCIES, ids=ascii)
def test_what_no_dependency_is(value: object) -> None:
    with pytest.raises(ValueError, match=r".") as info:
        parsed(value)
    assert str(info.value).isprintable()


def test_files_of_a_dependency(tmp_path: Path, site: Path) -> None:
    files = {"pack/__init__.py": b"", "pack/a.py": b"a", "pack/sub/b.py": b"b", "pack/c.txt": b"c"}
    add_package(site, "pack", "1", files, [["one", ""]])
    for patterns, expected in {
        ("a.py",): {"pack/a.py"},
        ("pack/*.py",): {"pack/__init__.py", "pack/a.py"},
        ("/pack/sub/",): {"pack/sub/b.py"},
        ("*", "!*.txt", "!sub/"): {"pack/__init__.py", "pack/a.py"},
        ("!*.txt", "!sub/"): {"pack/__init__.py", "pack/a.py"},
        ("!pack/", "a.py"): {"pack/a.py"},
    }.items():
        with served(site) as (url, asked):
            packages = resolved(tmp_path, url, {"from": "pack", "files": list(patterns)})
            # Those of the packages that it needs are all taken; what is not taken is not fetched.
            assert set(contents(packages)) == {
                *expected,
                "one.py",
                "one_data/a b.txt",
            }
            assert len([path for path in asked if path.startswith("/file")]) == len(expected) + 2
    for wrong in (["none.py"], ["a.py", "none.py"], ["!none.py"], ["a.py", "!a.py"]):
        text = refused(tmp_path, str(site), {"from": "pack", "files": wrong})
        assert text.startswith("pack: files: ")
    text = refused(tmp_path, str(site), "pack", {"from": "pack", "files": ["a.py"]})
    assert text == "pack: is listed twice with other files; drop one"


HOSTILE = [
    *(b"", b"[]", b"1", b"null", b"\xff", b"<!DOCTYPE html>", b'{"v": 1'),
    *(b"[" * 100_000, b'{"a":' * 100_000, b'{"hashes": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    *(b'{"version": 1' + b"0" * 10_000 + b"}", b'{"version": []}', b'{"version": "1\\n"}'),
    *(b'{"hashes": {}}', b'{"hashes": 1}', b'{"hashes": [1]}', b'{"hashes": [["a.py"]]}'),
    *(b'{"hashes": [["a.py", 1]]}', b'{"hashes": [["a.py", "../../../x"]]}'),
    *(b'{"hashes": [["a.py", ""]]}', b'{"hashes": [["a.py", "abcdefgh"]]}'),
    *(b'{"hashes": [["a.py", "12345678"]]}', b'{"hashes": [["a.py", "12345678", 1]]}'),
    *(b'{"hashes": [["a", "12345678"], ["a", "12345679"]]}', b'{"hashes": null}'),
    b'{"hashes": [["a", "12345678"]], "urls": [["a", "http://127.0.0.1:9/a"]]}',
    *(b'{"urls": [["a.py", ""]]}', b'{"urls": [["a.py", "file:///etc/passwd"]]}'),
    *(b'{"urls": [["a.py", "/etc/passwd"]]}', b'{"urls": [["a.py", "../../../../etc/passwd"]]}'),
    *(b'{"urls": [["a.py", "a\\n.py"]]}', b'{"urls": [["a.py", "\\ud800"]]}'),
    *(b'{"urls": [["a.py", "ftp://host/a"]]}', b'{"urls": [["a.py", "http://"]]}'),
    *(b'{"urls": [["a.py", "github:org"]]}', b'{"urls": [["a.py", "http://h:x/"]]}'),
    *(b'{"deps": [1]}', b'{"deps": ["one"]}', b'{"deps": [["one"]]}', b'{"deps": [["one", 1]]}'),
    *(b'{"deps": [["/etc/passwd", ""]]}', b'{"deps": [["../one", ""]]}', b'{"deps": {}}'),
    *(b'{"deps": [["pip:microdot", ""]]}', b'{"deps": [["", ""]]}', b'{"deps": [["one", "../x"]]}'),
    *(b'{"deps": [["none", ""]]}', b'{"deps": [["one", "9.9"]]}', b'{"deps": [["x\\u0000", ""]]}'),
]


@pytest.mark.parametrize("content", HOSTILE, ids=lambda content: ascii(content[:60]))
def test_hostile_package_json(tmp_path: Path, site: Path, content: bytes) -> None:
    write(site, {"package/py/bad/latest.json": content, "bad/package.json": content})
    assert "bad" in refused(tmp_path, str(site), "bad")
    with served(site) as (url, _):
        assert "bad" in refused(tmp_path, url, "bad")
        assert "bad" in refused(tmp_path, url, f"{url}/bad/")


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "/a.py", "../a.py", "a/../../b.py", "a/..", "."),
        *("a\\b.py", "a\0b.py", "a\nb.py", ".hidden", "a/.hidden/b.py", "\ud800.py", 1, None, []),
    ],
    ids=ascii,
)
@pytest.mark.parametrize("key", ["hashes", "urls"])
def test_hostile_paths(tmp_path: Path, site: Path, path: object, key: str) -> None:
    with served(site) as (url, _):
        target = f"{url}/other.py" if key == "urls" else "12345678"
        write(site, {"package/py/bad/latest.json": json.dumps({key: [[path, target]]})})
        assert refused(tmp_path, url, "bad").startswith("bad: its package.json: ")
    write(site, {"files/.py": ""})
    assert "its package.json" in refused(tmp_path, NOBODY, "http://127.0.0.1:9/.py")


def test_a_hash_that_is_wrong(tmp_path: Path, site: Path) -> None:
    for file in (site / "file").glob("*/*"):
        file.write_bytes(b"other")
    with served(site) as (url, _):
        text = refused(tmp_path, url, "two")
    assert text.startswith("two: two/__init__.py: ")
    assert "was changed or damaged" in text


ANSWERS = {
    b"": "cannot be downloaded",
    b"\xff\xff": "cannot be downloaded",
    b"HTTP/1.0 500 Out of order\r\n\r\n": "500 Out of order",
    b"HTTP/1.0 403 \r\n\r\n": "403",
    b"HTTP/1.0 404 x\r\n\r\n": "is not found",
    b"HTTP/1.0 999999 x\r\n\r\n": "cannot be downloaded",
    b"HTTP/1.0 302 x\r\nLocation: file:///etc/passwd\r\n\r\n": "302",
    b"HTTP/1.0 302 x\r\nLocation: /again\r\n\r\n": "302",
    b"HTTP/1.0 200 x\r\nContent-Length: 9\r\n\r\n{}": "only 2 of 9 bytes came",
    b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{}": "cannot be downloaded",
    b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n{}": "cannot be downloaded",
    b"HTTP/1.0 200 x\r\n" + b"A: " + b"a" * 100_000 + b"\r\n\r\n": "cannot be downloaded",
    b"HTTP/1.0 200 x\r\n" + b"A: a\r\n" * 1000 + b"\r\n": "cannot be downloaded",
}


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: ascii(answer[:40]))
def test_a_server_out_of_order(tmp_path: Path, answer: bytes) -> None:
    with answering(answer) as url:
        assert ANSWERS[answer] in refused(tmp_path, url, "one")
    with answering(answer) as url:
        text = refused(tmp_path, NOBODY, f"{url}/a.py")
        assert ANSWERS[answer].replace("is not found", "does not exist") in text


@contextlib.contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """Give the address of a server that gives the same answer to whatever is asked."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = server.accept()
                    with client:
                        client.recv(65536)
                        client.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield "http://127.0.0.1:%d" % server.getsockname()[1]  # noqa: UP031
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def test_nobody_there(tmp_path: Path) -> None:
    assert "one: " + NOBODY in refused(tmp_path, NOBODY, "one")
    assert "a.py: cannot be downloaded" in refused(tmp_path, NOBODY, f"{NOBODY}/a.py")
    for index in ("", "../none", "http://", "http://h:x", "a\nb", "\0", "pyproject.toml"):
        assert refused(tmp_path, index, "one").startswith("index: ")


def test_sources_of_ones_own(tmp_path: Path) -> None:
    app = tmp_path / "app"
    write(
        tmp_path,
        {
            "app/pyproject.toml": "",
            "app/lib/own.py": "own = 1",
            "drivers/screen.py": "s = 1",
            "drivers/fonts/__init__.py": "",
            "drivers/fonts/a ä.bin": b"\xff",
            "drivers/fonts/deep/er/x.py": "x = 1",
            "drivers/fonts/.git/config": "",
            "drivers/fonts/__pycache__/x.pyc": "",
            "drivers/fonts/old.pyc": "",
            "drivers/fonts/env/pyvenv.cfg": "",
            "drivers/fonts/env/lib/x.py": "",
        },
    )
    (tmp_path / "drivers/linked").symlink_to("fonts")
    fonts = {"__init__.py": b"", "a ä.bin": b"\xff", "deep/er/x.py": b"x = 1"}
    expected = {
        "../drivers/screen.py": {"screen.py": b"s = 1"},
        "./lib/own.py": {"own.py": b"own = 1"},
        "../drivers/fonts": {f"fonts/{name}": content for name, content in fonts.items()},
        "../drivers/fonts/": {f"fonts/{name}": content for name, content in fonts.items()},
        f"{tmp_path}/drivers/linked": {f"linked/{name}": fonts[name] for name in fonts},
        "./lib": {"lib/own.py": b"own = 1"},
    }
    for source, files in expected.items():
        assert contents(resolved(app, NOBODY, source)) == files
    taken = contents(resolved(app, NOBODY, {"from": "../drivers/fonts", "files": ["*.bin"]}))
    assert taken == {"fonts/a ä.bin": b"\xff"}


@pytest.mark.skipif(os.name != "posix", reason="links, fifos and names of POSIX")
def test_sources_that_cannot_be_taken(tmp_path: Path) -> None:
    app = write(tmp_path / "app", {"pyproject.toml": ""})
    for name in ("dangling", "fifo", "circle", "name", "empty", "secret"):
        write(tmp_path / name, {} if name == "empty" else {"a.py": ""}).mkdir(exist_ok=True)
    (tmp_path / "dangling/link.py").symlink_to("none.py")
    os.mkfifo(tmp_path / "fifo/pipe")
    (tmp_path / "circle/me").symlink_to(".")
    Path(os.fsdecode(os.fsencode(tmp_path / "name") + b"/\xff.py")).touch()
    (tmp_path / "to_app").symlink_to("app")
    for source, why in {
        "../none": "does not exist",
        "../dangling": "is a broken link",
        "../fifo": "is a device, fifo or socket",
        "../fifo/pipe": "is a device, fifo or socket",
        "../circle": "links to a folder above it",
        "../name": "is not valid UTF-8",
        "../empty": "holds no files",
        "../": "holds the app itself",
        "./": "holds the app itself",
        "../to_app": "holds the app itself",
        "/": "holds the app itself",
        "../dangling/.hidden": "is hidden",
    }.items():
        text = refused(app, NOBODY, source)
        assert text.startswith(f"{source}: ")
        assert why in text


def test_conflicts(tmp_path: Path) -> None:
    app = write(
        tmp_path,
        {
            "app/pyproject.toml": "",
            "a/x.py": "1",
            "b/x.py": "2",
            "c/x.py": "1",
            "d/x.mpy": "M",
            "e/x.py/y.py": "",
            "f/g/x.py": "",
            "f/g.py": "",
        },
    )
    folder = app / "app"
    assert contents(resolved(folder, NOBODY, "../a/x.py", "../c/x.py")) == {"x.py": b"1"}
    for one, other in (
        ("../a/x.py", "../b/x.py"),
        ("../a/x.py", "../d/x.mpy"),
        ("../a/x.py", "../e/x.py"),
        ("../e/x.py", "../a/x.py"),
    ):
        text = refused(folder, NOBODY, one, other)
        assert one in text
        assert other in text
    packages = [
        Package("x", "1", name, {path: str(tmp_path / path)})
        for name, path in (("x", "a/x.py"), ("http://h/x.py", "a/x.py"))
    ]
    assert list(merged(packages)[0]) == ["a/x.py"]


def test_ours_are_never_replaced(tmp_path: Path, site: Path) -> None:
    theirs = {"pkg_resources.py": b"theirs", "pkgres/gz.py": b"theirs", "useful.py": b"1"}
    add_package(site, "pkgutil", "1", theirs, [["pkg_resources", "latest"], ["pkgres", "9"]])
    write(tmp_path, {"pkg_resources/__init__.py": "", "pkg_resources/x.py": ""})
    with served(site) as (url, asked):
        packages = resolved(tmp_path, url, "pkgutil", "pkg-resources", "pip:pkgres")
    assert not [path for path in asked if "pkg_resources" in path or "pkgres" in path]
    files, notes = merged(packages)
    assert list(files) == ["useful.py"]
    assert notes == [
        f"{what} is not taken; pkgres has its own"
        for what in (
            *("pkg-resources:", "pkg_resources:", "pip:pkgres:", "pkgres:"),
            *("pkgutil: pkg_resources.py", "pkgutil: pkgres"),
        )
    ]
    local = resolved(write(tmp_path / "app", {"x": ""}), NOBODY, "../pkg_resources")
    assert merged(local) == (
        {},
        ["../pkg_resources: pkg_resources is not taken; pkgres has its own"],
    )


PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "Some-Thing"
version = "%s"
scripts.something = "some_thing:main"
[tool.setuptools]
packages = ["some_thing", "some_thing.sub"]
py-modules = ["alone"]
package-data.some_thing = ["data/*", "py.typed", "*.pyi"]
"""


def pip_install(project: Path, version: str, *options: str, **files: str) -> None:
    """Install a package by pip."""
    write(
        project,
        {
            "pyproject.toml": PROJECT % version,
            "alone.py": "alone = 1",
            "some_thing/__init__.py": "def main(): pass",
            "some_thing/__init__.pyi": "",
            "some_thing/py.typed": "",
            "some_thing/data/page.html": "<p>",
            "some_thing/sub/__init__.py": "",
            **{path.replace("__", "/") + ".py": text for path, text in files.items()},
        },
    )
    command = ["install", "-q", "--no-deps", *options]
    subprocess.run([sys.executable, "-m", "pip", *command, str(project)], check=True)


SOME_THING = [
    *("alone.py", "some_thing/__init__.py", "some_thing/data/page.html"),
    "some_thing/sub/__init__.py",
]


def test_installed_by_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(tmp_path, NOBODY, "pip:some-thing") == (
        "pip:some-thing: is not installed; pip install some-thing"
    )
    pip_install(tmp_path / "project", "1.5", "--target", str(tmp_path / "target"))
    monkeypatch.syspath_prepend(tmp_path / "target")
    for name in ("some-thing", "Some_Thing", "some-thing@1.5"):
        (package,) = resolved(tmp_path, NOBODY, f"pip:{name}")
        assert package.version == "1.5"
        assert list(package.files) == SOME_THING
        assert contents([package])["some_thing/data/page.html"] == b"<p>"
    assert "1.5 is installed; pip install some-thing==2" in refused(
        tmp_path, NOBODY, "pip:some-thing@2"
    )
    (package,) = resolved(tmp_path, NOBODY, {"from": "pip:some-thing", "files": ["alone.py"]})
    assert list(package.files) == ["alone.py"]
    (tmp_path / "target/alone.py").unlink()
    assert "pip:some-thing: alone.py is missing; pip install --force" in refused(
        tmp_path, NOBODY, "pip:some-thing"
    )
    record = next((tmp_path / "target").glob("*.dist-info/RECORD"))
    for content in (b"\xff\xfe", b"../../../etc/passwd,,\n", b"\0", b'"'):
        record.write_bytes(content)
        assert refused(tmp_path, NOBODY, "pip:some-thing").startswith("pip:some-thing: ")
    record.unlink()
    assert "has no record of its files" in refused(tmp_path, NOBODY, "pip:some-thing")


_EDITABLE = """\
import site, sys
site.addsitedir(sys.argv[1])
from bin2res.dependencies.resolve import resolve
from bin2res.dependencies.wanted import Dependency
print(list(resolve([Dependency('pip:some-thing')], '.', ['.'])[0].files))
"""


@pytest.mark.parametrize("mode", ["lenient", "strict"])
def test_installed_editable(tmp_path: Path, mode: str) -> None:
    prefix, project = tmp_path / "prefix", tmp_path / "project"
    options = ("--prefix", str(prefix), "--config-settings", f"editable_mode={mode}", "-e")
    pip_install(project, "1.5", *options)
    folder = next(prefix.rglob("site-packages"))
    result = shipping.run_python(_EDITABLE, str(folder))
    assert (result.stdout, result.stderr) == (f"{SOME_THING}\n", "")


def test_installed_editable_without_top_level_txt(tmp_path: Path) -> None:
    """As other build backends leave it: the package is named like the project."""
    write(
        tmp_path,
        {
            "project/src/some_thing/__init__.py": "",
            "project/src/other/__init__.py": "",
            "site/some_thing.pth": f"{tmp_path}/project/src\n",
            "site/some_thing-1.5.dist-info/METADATA": "Name: some-thing\nVersion: 1.5\n",
            "site/some_thing-1.5.dist-info/RECORD": "some_thing.pth,,\n",
            "site/some_thing-1.5.dist-info/direct_url.json": json.dumps(
                {"url": f"file://{tmp_path}/project", "dir_info": {"editable": True}}
            ),
        },
    )
    result = shipping.run_python(_EDITABLE, str(tmp_path / "site"))
    assert (result.stdout, result.stderr) == ("['some_thing/__init__.py']\n", "")
    another = _EDITABLE.replace("'pip:some-thing'", "'pip:some-thing', '2'")
    result = shipping.run_python(another, str(tmp_path / "site"))
    assert "1.5 is installed; pip install some-thing==2" in result.stderr


def test_machine_code_is_refused(tmp_path: Path) -> None:
    text = refused(tmp_path, NOBODY, "pip:pydantic_core")
    assert "is machine code of this computer; leave it out" in text


def test_an_index_that_nobody_serves(tmp_path: Path) -> None:
    text = refused(tmp_path, NOBODY, "one")
    assert "cannot be downloaded: connection refused; check" in text


def test_a_folder_in_place_of_a_file(tmp_path: Path, site: Path) -> None:
    (latest,) = site.glob("package/py/one/latest.json")
    latest.unlink()
    latest.mkdir()
    assert refused(tmp_path, str(site), "one").endswith("latest.json: is not a file; remove it")


def test_a_cache_that_cannot_be_written(
    tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"file": ""})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    assert "downloads are kept there" in refused(tmp_path, str(site), "one")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "cache/pkgres/files/.lock").mkdir(parents=True)
    assert "downloads are kept there" in refused(tmp_path, str(site), "one")


def test_nothing_is_left_in_the_cache_by_what_fails(tmp_path: Path, cache: Path) -> None:
    with answering(b"HTTP/1.0 200 x\r\nContent-Length: 9\r\n\r\n{}") as url:
        refused(tmp_path, NOBODY, f"{url}/a.py")
    assert not list(cache.rglob("*"))
