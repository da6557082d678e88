"""A range of a resource's bytes, as a request asks for it: RFC 9110, section 14."""

import sys
from io import BytesIO

from pkgres.streams import Stream

# No min() and max(): small firmware has none.


def asked(given, etag, size):
    """Return the range that a request asks for, as (start, count), both in bytes.

    *given* maps the names of its headers, in small letters, to their values: ``range``, and
    ``if-range`` where the request has one; *etag* is that of the resource or None, *size*
    its bytes. The count is 0 for a range past the end. None for a request that is answered
    with the whole: one for another ETag (or for a date, as none of ours proves anything),
    for several ranges or another unit, a malformed one, and of a resource that is empty.
    """
    if "if-range" in given and not (etag == given["if-range"] and etag[0] == '"'):
        return None
    asked = given["range"].split("=")
    ends = asked[-1].strip().split("-")
    if len(asked) != 2 or asked[0].lower() != "bytes" or len(ends) != 2 or not size:
        return None
    for c in ends[0] + ends[1]:
        if not "0" <= c <= "9":
            return None
    try:
        first, last = [int(end) if end else -1 for end in ends]
    except OverflowError:  # a board without large integers
        return None
    if first < 0:  # the last so many bytes
        if last < 0:
            return None
        return (0, size) if last > size else (size - last, last)
    if 0 <= last < first:
        return None
    if first >= size:
        return size, 0
    return first, (size if last < 0 or last >= size else last + 1) - first


class Part(Stream):
    """A binary stream over *count* bytes of *stream* from *start* on."""

    # Few functions, as each is RAM when this is loaded.

    def __init__(self, stream, start: int, count: int):
        stream.seek(start)
        self._stream = stream
        self._left = self._count = count

    def tell(self) -> int:
        """Return the bytes from the start of the range to where this is."""
        self._stream.tell()  # raises if this is closed
        return self._count - self._left

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to *offset* bytes from the start, with 1 from where this is, with 2 from the end."""
        here = self.tell()
        offset += (0, here, self._count)[whence]
        offset = 0 if offset < 0 else self._count if offset > self._count else offset
        self._stream.seek(offset - here, 1)
        self._left = self._count - offset
        return offset

    def read(self, size: int = -1) -> bytes:
        """Return at most *size* bytes, all that are left by default."""
        return self._call(self._stream.read, size)

    def readline(self, size: int = -1) -> bytes:  # type: ignore[override]
        """Return the bytes up to the next newline, with it, and at most *size*."""
        return self._call(self._stream.readline, size)

    def _call(self, call, size):
        if size is None or size < 0 or size > self._left:
            size = self._left
        found = call(size)
        self._left -= len(found)
        return found

    def readinto(self, buffer, size: int | None = None) -> int:
        """Fill *buffer*, or *size* bytes of it, as far as the range reaches; return the bytes."""
        if size is not None:
            buffer = memoryview(buffer)[:size]
        if not isinstance(buffer, bytearray):  # its items may be larger than a byte
            return BytesIO(self.read(len(buffer))).readinto(buffer)
        if len(buffer) > self._left:
            buffer = memoryview(buffer)[: self._left]
        count = self._stream.readinto(buffer)
        self._left -= count
        return count


if hasattr(sys.implementation, "cache_tag"):
    from io import BufferedReader, RawIOBase

    class _Raw(RawIOBase):
        # The raw stream of the one for CPython.

        def __init__(self, stream, start, count):
            stream.seek(start)
            self._stream = stream
            self._left = count

        def readable(self):
            return True

        def readinto(self, buffer):
            count = self._stream.readinto(memoryview(buffer)[: self._left])
            self._left -= count
            return count

        def close(self):
            self._stream.close()
            super().close()

    class Part(BufferedReader):  # type: ignore[no-redef]
        """The same on CPython: with all that a stream of io's has."""

        def __init__(self, stream, start, count):
            super().__init__(_Raw(stream, start, count))
