"""Compress resources with gzip, so that a board can read them with little RAM."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .errors import Bin2resError
from .read import content_of
from .select import patterns_spec

DEFAULT_WINDOW = 10  # bits

# Formats that are compressed by themselves; gzip would save a few bytes at most.
_COMPRESSED = (
    *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".ico", ".woff", ".woff2"),
    *(".gz", ".tgz", ".zip", ".xz", ".bz2", ".br", ".zst", ".7z"),
    *(".mp3", ".mp4", ".m4a", ".ogg", ".opus", ".webm", ".aac"),
)


def compress(content: bytes, window: int) -> bytes:
    """Return *content* as gzip, like `compressed`."""
    return b"".join(compressed([content], window))


def compressed(pieces: Iterable[bytes], window: int) -> Iterator[bytes]:
    """Yield *pieces* as one gzip file (RFC 1952), made with a window of *window* bits, 9 to 15.

    The window is recorded in an extra field of the header (2.3.1.1: SI1 ``W``, SI2
    ``B``, one byte, the bits), which other readers skip. No time, no name: the same
    content gives the same bytes with the same zlib.
    """
    compressor = zlib.compressobj(9, zlib.DEFLATED, -window, 9)
    fextra, best, unknown = 4, 2, 255
    header = struct.pack("<4BI2B", 0x1F, 0x8B, zlib.DEFLATED, fextra, 0, best, unknown)
    extra = struct.pack("<2sHB", b"WB", 1, window)
    yield header + struct.pack("<H", len(extra)) + extra
    check = size = 0
    for piece in pieces:
        check, size = zlib.crc32(piece, check), size + len(piece)
        yield compressor.compress(piece)
    yield compressor.flush() + struct.pack("<2I", check, size & 0xFFFFFFFF)


def to_compress(
    files: Mapping[str, str], patterns: Sequence[str], window: int, option: str
) -> set[str]:
    """Return the names in *files* (name to path) that become smaller by compressing.

    *patterns* have gitignore syntax, relative to the package folder. Raises Bin2resError,
    naming *option*, for a pattern that matches nothing.
    """
    names: set[str] = set()
    for pattern in patterns:
        spec = patterns_spec(option, [pattern])
        found = [name for name in files if spec.match_file(name)]
        if not found and not pattern.startswith("!"):
            raise Bin2resError(f"{option} {pattern}: matches no resource; fix or drop it")
    if patterns:
        spec = patterns_spec(option, patterns)
        for name in files:
            if spec.match_file(name) and not name.lower().endswith(_COMPRESSED):
                content = content_of(files[name])
                if len(compress(content, window)) < len(content):
                    names.add(name)
    return names
