"""Read a resource that bin2res stored in pieces: a large one, as a tuple of bytes.

All pieces but the last are of one size. (A firmware build takes minutes over a bytes object of
a megabyte, seconds over pieces of it; and where a resource module is loaded into RAM, pieces
find a place in a heap that has no room for the whole.)
"""

import sys
from io import BytesIO

from pkgres.streams import Stream


class Pieces(Stream):
    """A binary stream over *pieces*, a tuple of bytes; len() of it is the size in bytes."""

    # Few functions, as each is RAM when this is loaded.

    def __init__(self, pieces):
        self._pieces = pieces
        self._number, self._stream = 0, BytesIO(pieces[0])

    def __len__(self):
        pieces = self._pieces
        return len(pieces[0]) * (len(pieces) - 1) + len(pieces[-1])

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to *offset* bytes from the start, with 1 from where this is, with 2 from the end."""
        here = self.tell()
        if whence:
            offset = max(0, offset + (len(self) if whence == 2 else here))
        each = len(self._pieces[0])
        number = max(0, min(offset // each, len(self._pieces) - 1))
        stream = BytesIO(self._pieces[number])
        stream.seek(offset - number * each)
        self._number, self._stream = number, stream
        return offset

    def tell(self) -> int:
        """Return the bytes from the start to where this is."""
        return self._number * len(self._pieces[0]) + self._stream.tell()

    def _next(self):
        # Go on to the next piece, if there is one.
        number = self._number + 1
        is_more = number < len(self._pieces)
        if is_more:
            self._number, self._stream = number, BytesIO(self._pieces[number])
        return is_more

    def read(self, size: int = -1) -> bytes:
        """Return at most *size* bytes, all that are left by default."""
        found = self._stream.read(size)
        rest = self._pieces[self._number + 1 :]
        if size < 0 and rest:
            found = b"".join((found,) + rest)
            self.seek(0, 2)
        while len(found) < size and self._next():
            found += self._stream.read(size - len(found))
        return found

    def readinto(self, buffer, size: int | None = None) -> int:
        """Fill *buffer*, or *size* bytes of it, as far as there are bytes; return their number."""
        if size is not None:
            buffer = memoryview(buffer)[:size]
        start, size = self.tell(), len(buffer)
        count = self._stream.readinto(buffer)
        is_end = self._stream.tell() == len(self._pieces[self._number])
        if is_end and not isinstance(buffer, bytearray):
            # The items of an array are larger than a byte, and so are slices of it.
            size = len(bytes(buffer))
            if size > len(buffer):
                self.seek(start)
                return BytesIO(self.read(size)).readinto(buffer)
        while count < size and self._next():
            count += self._stream.readinto(memoryview(buffer)[count:])
        return count

    def readline(self, size: int = -1) -> bytes:  # type: ignore[override]
        """Return the bytes up to the next newline, with it, and at most *size*."""
        line = self._stream.readline(size)
        while line[-1:] != b"\n" and len(line) != size and self._next():
            line += self._stream.readline(size - len(line) if size > 0 else -1)
        return line


if hasattr(sys.implementation, "cache_tag"):

    class Pieces(BytesIO):  # type: ignore[no-redef]
        """The same on CPython, where RAM is no matter: with all that a stream of io's has."""

        def __init__(self, pieces):
            super().__init__(b"".join(pieces))

        def __len__(self):
            return self.getbuffer().nbytes
