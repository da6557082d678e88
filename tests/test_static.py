"""pkgres.static beyond the case table: what depends on the storage, and who may ask what."""

from __future__ import annotations

import email.utils
import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import app
import pytest
import runtimes

import bin2res
import pkgres
from bin2res.encode import compress
from pkgres.static import respond

TEXT = b"<p>a line of a page\n" * 40


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of an importable package `site_app`, with a page in it."""
    folder = tmp_path / "site_app"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "page.html").write_bytes(TEXT)
    monkeypatch.syspath_prepend(str(tmp_path))
    forget()
    yield folder
    forget()


def forget() -> None:
    pkgres.invalidate_caches()
    for name in [name for name in sys.modules if name.startswith("site_app")]:
        del sys.modules[name]


def bundled(folder: Path) -> None:
    """Bundle the page as gzip, and take it away."""
    bin2res.bundle(["page.html"], directory=str(folder), gzip=["*"])
    (folder / "page.html").unlink()
    forget()


def headers_of(
    request_headers: dict[str, str], cache_control: str | None = "no-cache"
) -> dict[str, str]:
    body, _, headers = respond(
        "site_app", "page.html", request_headers, cache_control=cache_control
    )
    body.close()
    return dict(headers)


def test_etag_in_a_module_is_a_hash_of_what_is_stored(site: Path) -> None:
    bundled(site)
    stored = pkgres.resource_string("site_app", "page.html.gz")
    digest = hashlib.sha256(stored).hexdigest()[:12]
    assert headers_of({"Accept-Encoding": "gzip"})["ETag"] == f'"{digest}-gzip"'
    assert headers_of({})["ETag"] == f'"{digest}"'


@pytest.mark.parametrize("table", [False, True])
@pytest.mark.parametrize("count", [1, 2, 24, 25, 100])
def test_what_did_not_change_keeps_its_etag(site: Path, count: int, table: bool) -> None:
    """In the module of the package, and in one of the package above."""
    names = [f"{i * 7919 % 1000}/{'ä' * (i % 3)}{i}.txt" for i in range(count)]

    def tags() -> dict[str, str]:
        form = bin2res.Form(table=table)
        output = str(site.parent / "R.py") if count == 2 else None
        directory = str(site.parent if count == 2 else site)
        bin2res.bundle(["."], directory=directory, output=output, form=form)
        hidden = site.parent.with_name("hidden")
        (site / "data").rename(hidden)
        forget()
        sys.modules.pop("R", None)
        found = {}
        for name in names:
            body, status, headers = respond("site_app", f"data/{name}")
            body.close()
            assert status == 200
            found[name] = headers["ETag"]
            assert found[name].startswith('"'), "a file's is weak"
        hidden.rename(site / "data")
        return found

    for name in names:
        (site / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (site / "data" / name).write_text(name)
    first = tags()
    assert len(set(first.values())) == count
    changed = names[count // 2]
    (site / "data" / changed).write_text("changed")
    (site / "data" / "0.txt").write_text("new, and the first of all")
    second = tags()
    assert second[changed] != first[changed]
    assert {n: t for n, t in second.items() if n != changed} == {
        n: t for n, t in first.items() if n != changed
    }


def test_etag_of_a_file_changes_with_size_and_time(site: Path) -> None:
    def tag() -> str:
        return headers_of({})["ETag"]

    page = site / "page.html"
    os.utime(page, (1_000_000_000, 1_000_000_000))
    first = tag()
    assert first.startswith('W/"')
    assert tag() == first
    os.utime(page, (1_000_000_001, 1_000_000_001))
    assert tag() != first
    page.write_bytes(TEXT + b"x")
    os.utime(page, (1_000_000_000, 1_000_000_000))
    assert tag() != first


def test_a_file_without_a_time_has_no_etag(site: Path) -> None:
    """The files of a ROMFS have none: of the same size, they could be others."""
    os.utime(site / "page.html", (0, 0))
    assert {"ETag", "Last-Modified"}.isdisjoint(headers_of({}))


def test_dates_of_files_differ(site: Path) -> None:
    """Whatever else changes with the time: sizes and seconds that add up, two weeks, a day."""
    dates = []
    for size, seconds in ((12, 0), (6, 6), (12, 14 * 86400), (12, 86400), (13, 0), (12, 1)):
        (site / "page.html").write_bytes(bytes(size))
        os.utime(site / "page.html", (1_700_000_000 + seconds,) * 2)
        dates.append(headers_of({})["Last-Modified"])
    assert len(set(dates)) == len(dates)


def test_forms_of_a_compressed_file_differ(site: Path) -> None:
    (site / "page.html").unlink()
    (site / "page.html.gz").write_bytes(compress(TEXT, 10))
    gzip, plain = headers_of({"Accept-Encoding": "gzip"}), headers_of({})
    assert gzip["ETag"] != plain["ETag"]
    assert gzip["Last-Modified"] != plain["Last-Modified"]


def test_last_modified_is_a_date_of_the_past(site: Path) -> None:
    for size in range(300):
        (site / "page.html").write_bytes(bytes(size))
        value = headers_of({})["Last-Modified"]
        date = email.utils.parsedate_to_datetime(value)
        assert email.utils.format_datetime(date, usegmt=True) == value
        assert (date.year, date.month) == (2021, 2)


def test_a_module_of_another_tool_has_no_etag(site: Path) -> None:
    (site / "page.html").unlink()
    (site / "R.py").write_text(f"R = {{'page.html': {TEXT!r}}}\n")
    assert {"ETag", "Last-Modified"}.isdisjoint(headers_of({}))
    assert respond("site_app", "page.html", {"Range": "bytes=0-1"})[1] == 206
    assert respond("site_app", "page.html", {"Range": "bytes=0-1", "If-Range": '""'})[1] == 200
    for given, status in (("*", 304), ('"a"', 200), ("", 200), ('""', 200)):
        assert respond("site_app", "page.html", {"If-None-Match": given})[1] == status
    assert respond("site_app", "page.html", {"If-Modified-Since": "x"})[1] == 200


@pytest.mark.parametrize(
    ("cache_control", "dated"),
    [("max-age=60", True), ("no-cache", True), ("public", False), ("no-store", False)],
)
def test_cache_control(site: Path, cache_control: str, dated: bool) -> None:
    headers = headers_of({}, cache_control=cache_control)
    assert headers["Cache-Control"] == cache_control
    # A browser may keep what has a date and no rule for a tenth of its age.
    assert ("Last-Modified" in headers) == dated


def test_no_cache_control(site: Path) -> None:
    assert {"Cache-Control", "Last-Modified"}.isdisjoint(headers_of({}, cache_control=None))


def test_nothing_is_opened_for_head_and_304(site: Path) -> None:
    def opened() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = opened()
    kept = [
        respond("site_app", "page.html", {}, "HEAD"),
        respond("site_app", "page.html", {"If-None-Match": "*"}),
        respond("site_app", "missing", {}),
    ]
    assert opened() == before
    kept.append(respond("site_app", "page.html", {}))
    assert opened() == before + 1
    for body, _, _ in kept:
        body.close()


def test_several_values_of_a_header(site: Path) -> None:
    bundled(site)
    accepted = {"accept-encoding": "br;q=1", "Accept-Encoding": "gzip", "ACCEPT-ENCODING": "*;q=0"}
    assert headers_of(accepted)["Content-Encoding"] == "gzip"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.html", "text/html; charset=utf-8"),
        ("a.css", "text/css; charset=utf-8"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.txt", "text/plain; charset=utf-8"),
        ("a.csv", "text/csv; charset=utf-8"),
        ("a.json", "application/json"),
        ("a.svg", "image/svg+xml"),
        ("a.JPG", "image/jpeg"),
        ("a.min.webp", "image/webp"),
        ("a.ico", "image/x-icon"),
        ("a.woff2", "font/woff2"),
        ("a.wasm", "application/wasm"),
        ("a.webmanifest", "application/manifest+json"),
        ("a.tar.gz", "application/gzip"),
        ("a.unknown", "application/octet-stream"),
        ("html", "application/octet-stream"),
        ("a.html/b", "application/octet-stream"),
        ("a.text", "application/octet-stream"),
        ("a.", "application/octet-stream"),
        ("a.image/png", "application/octet-stream"),
    ],
)
def test_types(site: Path, name: str, kind: str) -> None:
    path = site / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    body, status, headers = respond("site_app", name, None)
    body.close()
    assert (status, headers["Content-Type"]) == (200, kind)


@pytest.mark.parametrize("name", ["\ud800", "data/\udcff.html", "%41\ud800"])
def test_names_that_are_no_text_are_not_found(site: Path, name: str) -> None:
    assert respond("site_app", name)[1] == 404
    bundled(site)
    assert respond("site_app", name)[1] == 404


@pytest.mark.parametrize("length", [1024, 1025, 128 << 10])
def test_long_headers_are_not_read(site: Path, length: int) -> None:
    bundled(site)
    accepted = "gzip" + " " * (length - 4)
    assert ("Content-Encoding" in headers_of({"Accept-Encoding": accepted})) == (length == 1024)
    given = "*" + " " * (length - 1)
    status = respond("site_app", "page.html", {"If-None-Match": given})[1]
    assert status == (304 if length == 1024 else 200)


_WITHOUT_DEFLATE = """
import sys
sys.modules["deflate"] = sys  # a module that has no DeflateIO, as of a firmware without it
import pkgres
from pkgres.static import respond
print(pkgres.resource_exists("site_app", "page.html"), end=" ")
body, status, headers = respond("site_app", "page.html", {"Accept-Encoding": "gzip"})
print(status, body.read() == pkgres.resource_string("site_app", "page.html.gz"), end=" ")
print(respond("site_app", "page.html", {"Accept-Encoding": "gzip"}, "HEAD")[1])
for call in (
    lambda: respond("site_app", "page.html", {}),
    lambda: respond("site_app", "page.html", {}, "HEAD"),
    lambda: pkgres.resource_stream("site_app", "page.html"),
):
    try:
        call()
    except NotImplementedError as e:
        print(e)
"""


@pytest.mark.parametrize("storage", ["file", "module"])
def test_firmware_that_cannot_inflate_sends_what_is_stored(site: Path, storage: str) -> None:
    app.install_pkgres(site.parent)
    (site.parent / "main.py").write_text(_WITHOUT_DEFLATE)
    if storage == "module":
        bundled(site)
    else:
        (site / "page.html").unlink()
        (site / "page.html.gz").write_bytes(compress(TEXT, 10))
    result = runtimes.micropython(site.parent, "main.py")
    message = "'page.html' is compressed: this firmware has no deflate\n"
    assert (result.stdout, result.stderr) == ("True 200 True 200\n" + 3 * message, "")


def test_a_file_that_is_replaced_meanwhile(site: Path) -> None:
    """Each answer is whole, whatever happens between looking for the file and opening it."""
    page, sizes = site / "page.html", (0, 1, 700, 70_000)
    stop = threading.Event()

    def replace() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            (site / "new").write_bytes(b"x" * sizes[number % len(sizes)])
            os.replace(site / "new", page)
            if number % 3 == 0:
                page.unlink()

    thread = threading.Thread(target=replace)
    thread.start()
    seen = set()
    try:
        for number in range(4000):
            asked = {"Range": "bytes=0-"} if number % 2 else {}
            body, status, headers = respond("site_app", "page.html", asked)
            with body:
                assert len(body.read()) == int(headers["Content-Length"])
            assert status in (200, 206, 404)
            seen.add(status)
    finally:
        stop.set()
        thread.join()
    assert seen == {200, 206, 404}


@pytest.mark.parametrize("storage", ["R.py", "files"])
@pytest.mark.parametrize("table", [False, True])
def test_only_what_is_named_is_immutable(site: Path, storage: str, table: bool) -> None:
    """Names that look hashed are not; patterns are of names before compression."""
    names = (
        *("page-WiFiScan.js", "pinout-STM32F4A.svg", "chart-2024feb1.png", "app.3f2a91c0.js"),
        *("assets/index-BxY3k_9a.js", "assets/style.css", "style.css"),
    )
    for name in names:
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_text("text " * 100)
    (site / "page.html").unlink()
    (site / "page.txt").write_text("")
    bin2res.bundle(
        [*names] if storage == "R.py" else ["page.txt"],
        directory=str(site),
        gzip=["*.css"] if storage == "R.py" else [],
        immutable=["assets/*"] if storage == "R.py" else ["page.txt"],
        form=bin2res.Form(table=table),
    )
    if storage == "R.py":
        for name in names:
            (site / name).unlink()
    rules = {}
    for name in (*names, "page.txt"):
        body, status, headers = respond("site_app", name)
        body.close()
        if status == 200:
            rules[name] = headers["Cache-Control"]
    asked = [name for name, rule in rules.items() if rule == "max-age=31536000, immutable"]
    assert asked == (["page.txt"] if storage == "files" else [*names[4:6]])
    assert {rules[name] for name in rules if name not in asked} == {"no-cache"}


def test_a_rule_of_the_app(site: Path) -> None:
    """It gets the name of what is sent, and its value is looked at like any other."""
    names: list[str] = []

    def rule(name: str) -> str | bool | None:
        names.append(name)
        rules = {"page.html": "max-age=60", "data/index.html": None, "default.txt": True}
        return rules.get(name, "a\r\nb: c")

    (site / "data").mkdir()
    (site / "data/index.html").write_text("")
    (site / "broken.txt").write_text("")
    (site / "default.txt").write_text("")

    def value(path: str, **options: str) -> str | None:
        body, _, headers = respond("site_app", path, {}, "GET", rule, **options)
        body.close()
        found: str | None = headers.get("Cache-Control")
        return found

    assert value("./%70age.html") == "max-age=60"
    assert value("data/") is None
    assert value("default.txt") == "no-cache"
    assert value("none", fallback="data") is None
    assert value("none.x", not_found="page.html") is None  # a 404 is nobody's to keep
    with pytest.raises(ValueError, match="line break in Cache-Control"):
        value("broken.txt")
    assert names == [
        *("page.html", "data/index.html", "default.txt", "data/index.html", "broken.txt")
    ]


# Runs on both interpreters: what is read of a part, call by call, is in the part.
_PART = """
from array import array
from io import BytesIO
from pkgres.ranges import Part
whole = b"one\\ntwo\\n\\nfour" * 3
calls = 0
for start in range(len(whole) + 1):
    for count in range(len(whole) - start + 1):
        part = whole[start : start + count]
        for size in (1, 2, 5, 100):
            for read in ("read", "readinto", "readline"):
                stream, found = Part(BytesIO(whole), start, count), b""
                while True:
                    if read == "readinto":
                        buffer = bytearray(size)
                        some = bytes(buffer[: stream.readinto(buffer)])
                    else:
                        some = getattr(stream, read)(size)
                    assert len(some) <= size
                    if not some:
                        break
                    found += some
                    calls += 1
                assert found == part, (start, count, size, read)
                assert stream.read() == b"" and stream.readline() == b""
        assert Part(BytesIO(whole), start, count).read() == part
        assert b"".join(Part(BytesIO(whole), start, count)) == part
        lines = BytesIO(part)
        assert list(Part(BytesIO(whole), start, count)) == [line for line in lines]
with Part(BytesIO(whole), 3, 5) as stream:
    wide = array("H", [0] * 60)
    assert stream.readinto(wide) == 5 and bytes(wide)[:6] == whole[3:8] + b"\\0"
    assert stream.readinto(memoryview(bytearray(4))) == 0
with Part(BytesIO(whole), 3, 5) as stream:
    view = bytearray(4)
    assert stream.readinto(memoryview(view)) == 4 and view == whole[3:7]
    assert stream.read(None) == whole[7:8]
with Part(BytesIO(whole), 3, 5) as stream:
    assert stream.read(3) + stream.read(-1) == whole[3:8]
print(calls)
"""


@pytest.mark.parametrize("run", [runtimes.cpython, runtimes.micropython])
def test_part_of_a_stream(
    tmp_path: Path, run: Callable[[Path, str], subprocess.CompletedProcess[str]]
) -> None:
    app.install_pkgres(tmp_path)
    (tmp_path / "main.py").write_text(_PART)
    result = run(tmp_path, "main.py")
    assert (result.returncode, result.stderr) == (0, "")
    assert int(result.stdout) > 10_000
