"""The streams of pkgres itself, on CPython: of text, of a part, of what is inflated."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from folders import write

import pkgres
from bin2res.encode import compress
from pkgres import text
from pkgres.static import respond

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
    write(tmp_path / "streamed", {"__init__.py": "", "plain": b"plain", "packed.gz": packed})
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
