"""gzip data as small as possible, and the window that reading them needs.

The window is recorded in an extra field of the header (RFC 1952, 2.3.1.1: SI1 ``W``, SI2
``B``, one byte, the bits), which other readers skip. No time, no name: the same content
gives the same bytes, with the same zopfli and zlib.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Literal

Window = int | Literal["best"]
"""Bits of the window that a reader has, 9 to 15; "best" is the smallest data, for any window."""

BEST: Literal["best"] = "best"
WINDOWS = range(9, 16)
"""Bits of the windows that can be asked for."""
_SMALLEST, _LARGEST = 8, 15  # bits, of deflate (RFC 1951) as its readers support it
_HEAD = 17  # bytes, with the extra field
_MEMORY = range(1, zlib.DEF_MEM_LEVEL + 2)
_STRATEGIES = (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED, zlib.Z_RLE, zlib.Z_HUFFMAN_ONLY)
_STEP = 64  # bytes
_SEARCHED = 256 << 10  # bytes of content; for more the search is slow, and rarely helps


def compress(content: bytes, window: Window) -> bytes:
    """Return *content* as the smallest gzip data for *window*.

    The window that is recorded is as small as the data allow. Tries the settings of zlib
    and, where any window will do, zopfli, which takes seconds for a megabyte.
    """
    limit = _LARGEST if window == BEST else window
    made = []
    strategies: tuple[int, ...] = _STRATEGIES
    if len(content) <= 1 << limit or window == BEST:
        made.append(_by_zopfli(content))
        strategies = _STRATEGIES[:1]  # the only one that is ever smaller, where text repeats
    made += [_by_zlib(content, limit, memory, how) for memory in _MEMORY for how in strategies]
    deflated = min(made, key=len)
    return _framed(deflated, content, min(limit, _window_for(deflated, len(content))))


def compressed(pieces: Iterable[bytes], window: int) -> Iterator[bytes]:
    """Yield *pieces* as one gzip file, made by zlib with a window of *window* bits, 9 to 15."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -window, zlib.DEF_MEM_LEVEL + 1)
    yield _header(window)
    check = size = 0
    for piece in pieces:
        check, size = zlib.crc32(piece, check), size + len(piece)
        yield compressor.compress(piece)
    yield compressor.flush() + _trailer(check, size)


def window_of(data: bytes) -> int:
    """Return the bits of the window that reading *data*, made here, needs."""
    return data[_HEAD - 1]


def versions() -> str:
    """Return what the bytes depend on besides content and window: the encoders, and this code."""
    import zopfli

    # The first number is this module's: raise it when a change here changes the bytes.
    return f"3 zopfli {zopfli.__version__} zlib {zlib.ZLIB_RUNTIME_VERSION}"


def _by_zopfli(content: bytes) -> bytes:
    # Not at the top: few runs compress what is not in the cache.
    import zopfli.gzip

    made: bytes = zopfli.gzip.compress(content)
    return made[10:-8]  # the rest is the header and trailer of RFC 1952


def _by_zlib(content: bytes, window: int, memory: int, strategy: int) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -window, memory, strategy)
    return compressor.compress(content) + compressor.flush()


def _window_of_size(size: int) -> int:
    """Return the bits of a window that covers *size* bytes, or of the largest."""
    return min(max(_SMALLEST, (size - 1).bit_length()), _LARGEST)


def _window_for(deflated: bytes, size: int) -> int:
    """Return the bits of the smallest window that inflates data to their *size* bytes."""
    bits = _window_of_size(size)
    if size > _SEARCHED:
        return bits
    while bits > _SMALLEST and _reads(deflated, bits - 1):
        bits -= 1
    return bits


def _reads(deflated: bytes, bits: int) -> bool:
    """Whether a window is enough for raw deflate data: zlib refuses references to before it.

    Reads a byte at a time, or zlib would find them in its output buffer.
    """
    inflater = zlib.decompressobj(-bits)
    try:
        for start in range(0, len(deflated), _STEP):
            inflater.decompress(deflated[start : start + _STEP], 1)
            while inflater.unconsumed_tail:
                inflater.decompress(inflater.unconsumed_tail, 1)
        while not inflater.eof and inflater.decompress(b"", 1):
            pass
    except zlib.error:
        return False
    return True


def _framed(deflated: bytes, content: bytes, window: int) -> bytes:
    return _header(window) + deflated + _trailer(zlib.crc32(content), len(content))


def _header(window: int) -> bytes:
    fextra, best, unknown = 4, 2, 255
    header = struct.pack("<4BI2B", 0x1F, 0x8B, zlib.DEFLATED, fextra, 0, best, unknown)
    extra = struct.pack("<2sHB", b"WB", 1, window)
    return header + struct.pack("<H", len(extra)) + extra


def _trailer(check: int, size: int) -> bytes:
    return struct.pack("<2I", check, size & 0xFFFFFFFF)
