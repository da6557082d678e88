"""The streams of pkgres itself, on CPython: of text, of a part, of what is inflated."""

from __future__ import annotations

import array
import csv
import errno
import io
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from folders import write

import pkgres
from bin2res import bundle
from bin2res.encode import compress
from pkgres import text
from pkgres.static import respond

CSV = b"name,value\r\n" + b"".join(b"row %d,%d\r\n" % (i, i * i) for i in range(10_000))
assert len(CSV) > 100 << 10  # so it is held in pieces
Text: Any = text.Text  # as it is on a device, without types
TEXT = "Zażółć gęślą jaźń 🎉\n日本語"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_text_by_characters(size: int) -> None:
    stream = Text(io.BytesIO(TEXT.encode()))
    read = list(iter(lambda: stream.read(size), ""))
    assert read == [TEXT[i : i + size] for i in range(0, len(TEXT), size)]


def test_lines_of_a_size() -> None:
    stream = Text(io.BytesIO(TEXT.encode()))
    assert list(iter(lambda: stream.readline(7), "")) == [
        "Zażółć ",
        "gęślą j",
        "aźń 🎉\n",
        "日本語",
    ]


@pytest.fixture
def streamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a package with a plain resource and a compressed one."""
    packed = compress(b"<p>packed" * 100, 10)
    package = write(
        tmp_path / "streamed", {"__init__.py": "", "plain": b"plain", "packed.gz": packed}
    )
    write(package, {"a.csv": CSV, "b.csv.gz": compress(CSV, 10)})
    bundled = {"held.csv": CSV, "packed.csv": CSV, "pieces.csv": CSV}
    write(tmp_path / "bundle", bundled)
    bundle(
        ["."],
        directory=str(tmp_path / "bundle"),
        output=str(package / "R.py"),
        gzip=["packed.csv"],
    )
    monkeypatch.syspath_prepend(tmp_path)
    pkgres.invalidate_caches()
    yield "streamed"
    pkgres.invalidate_caches()


@pytest.mark.parametrize("which", ["plain", "packed", "part", "text"])
def test_with_closes(streamed: str, which: str) -> None:
    openers: dict[str, Callable[[], Any]] = {
        "plain": lambda: pkgres.resource_stream(streamed, "plain"),
        "packed": lambda: pkgres.resource_stream(streamed, "packed"),
        "part": lambda: respond(streamed, "plain", {"Range": "bytes=1-3"})[0],
        "text": lambda: Text(pkgres.resource_stream(streamed, "plain")),
    }
    stream = openers[which]()
    with stream as same:
        assert same.read(2)
    with pytest.raises(ValueError, match="closed"):
        stream.read(1)


STORAGES = {
    "file": "a.csv",
    "compressed file": "b.csv",
    "in R, in pieces": "pieces.csv",
    "in R, compressed": "packed.csv",
    "a part": "",
}


@pytest.mark.parametrize("storage", STORAGES)
def test_every_stream_is_one_of_io(streamed: str, storage: str) -> None:
    """What takes a binary stream of the standard library takes those of pkgres."""

    def opened() -> Any:
        if storage == "a part":
            body, status, _ = respond(streamed, "a.csv", {"Range": f"bytes=0-{len(CSV) - 1}"})
            assert status == 206
            return body
        return pkgres.resource_stream(streamed, STORAGES[storage])

    rows = [row.split(",") for row in CSV.decode().split("\r\n")][:-1]
    with io.TextIOWrapper(opened(), newline="") as text_stream:
        assert list(csv.reader(text_stream)) == rows
    with opened() as stream:
        assert isinstance(stream, io.BufferedIOBase)
        assert (stream.readable(), stream.closed) == (True, False)
        assert stream.read(None) == CSV
        assert stream.read() == b""
    assert stream.closed
    with opened() as stream:
        assert stream.readlines() == CSV.splitlines(keepends=True)
    with opened() as stream:
        target = io.BytesIO()
        shutil.copyfileobj(stream, target)
        assert target.getvalue() == CSV
    with opened() as stream:
        assert CSV.startswith(stream.read1(10))
        wide = array.array("H", bytes(8))
        count = stream.readinto(wide)
        assert count == 8
        assert wide.tobytes() in CSV[:30]
    with io.BufferedReader(opened()) as buffered:
        assert buffered.read() == CSV


def test_a_document_in_a_compressed_resource(tmp_path: Path, monkeypatch: Any) -> None:
    content = json.dumps({"rows": [*range(5000)]}).encode()
    write(tmp_path / "documents", {"__init__.py": "", "a.json.gz": compress(content, 10)})
    monkeypatch.syspath_prepend(tmp_path)
    pkgres.invalidate_caches()
    with pkgres.resource_stream("documents", "a.json") as stream:
        assert json.load(stream) == json.loads(content)
    (tmp_path / "documents/a.json.gz").write_bytes(compress(content, 10)[:-200])
    with (
        pkgres.resource_stream("documents", "a.json") as stream,
        pytest.raises(OSError, match="damaged gzip data") as raised,
    ):
        json.load(io.TextIOWrapper(stream))
    assert raised.value.errno == errno.EIO
