"""pkgres.static beyond the case table: what depends on the storage, and who may ask what."""

from __future__ import annotations

import email.utils
import os
import re
import sys
from collections.abc import Iterator
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


def bundled(folder: Path) -> str:
    """Bundle the page as gzip and take it away; return the DIGEST of the module."""
    bin2res.bundle(["page.html"], directory=str(folder), gzip=["*"])
    (folder / "page.html").unlink()
    forget()
    found = re.search("DIGEST = \"?'?([0-9a-f]{16})", (folder / "R.py").read_text())
    assert found
    return found[1]


def headers_of(
    request_headers: dict[str, str], cache_control: str | None = "no-cache"
) -> dict[str, str]:
    body, _, headers = respond(
        "site_app", "page.html", request_headers, cache_control=cache_control
    )
    body.close()
    return dict(headers)


def test_etag_of_a_module_is_its_digest(site: Path) -> None:
    digest = bundled(site)
    assert headers_of({"Accept-Encoding": "gzip"})["ETag"] == f'"{digest}-gzip"'
    assert headers_of({})["ETag"] == f'"{digest}"'


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
print(respond("site_app", "page.html", {}, "HEAD")[1])
for call in (respond, pkgres.resource_stream):
    try:
        call("site_app", "page.html", *([{}] if call is respond else []))
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
    assert (result.stdout, result.stderr) == ("True 200 True 200\n" + 2 * message, "")
