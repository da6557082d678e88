"""Read a resource that is stored compressed: NAME answered from NAME.gz.

gzip does not record the window that reading takes, so it would have to be 32 KiB of
RAM. bin2res records it, in an extra field of the header (RFC 1952, 2.3.1.1: ``W``,
``B``, one byte, the bits). Where that is missing the window is made as large as the
content, whose size is in the last four bytes, and at most 32 KiB.
"""

import errno
from io import BytesIO


def inflated(found, name: str):
    """Return a stream of what is in *found*, a gzip stream or its bytes.

    *name* is the resource's.
    """
    return Inflated(found if hasattr(found, "read") else BytesIO(found), name)


class Inflated:
    """A binary stream of what is in a gzip stream. It has no seek and no tell.

    *stream* is positioned at its start and can seek; *name* is for messages. Reading
    raises OSError with EIO where the data are damaged or cut off. Raises NotImplementedError
    in firmware that cannot inflate.
    """

    def __init__(self, stream, name: str):
        self._stream = stream
        self._inflater = _inflater(stream, name)

    def _call(self, call, *arguments):
        try:
            return call(*arguments)
        except (MemoryError, TypeError):
            raise
        except Exception as e:
            # EOFError where data are cut off; EINVAL where they are bad, on CPython an
            # error without a number.
            if getattr(e, "errno", None) not in (None, errno.EINVAL):
                raise
            raise OSError(errno.EIO, "damaged gzip data: %r" % e)

    def _ended(self, read):
        # MicroPython stops at the end of the first of several gzip streams in a file, and
        # would lose the rest. Zeros are padding.
        if self._stream.read(1) not in (b"", b"\0"):
            raise OSError(errno.EIO, "damaged gzip data: more behind the end")
        return read

    def read(self, size: int = -1) -> bytes:
        """Return at most *size* bytes, all that are left by default."""
        data = self._call(self._inflater.read, size)
        return data if 0 <= size <= len(data) else self._ended(data)

    def readinto(self, buffer) -> int:
        """Fill *buffer* as far as data reach; return the number of bytes."""
        n = self._call(self._inflater.readinto, buffer)
        return n if n == len(buffer) else self._ended(n)

    def readline(self) -> bytes:
        """Return the bytes up to the next newline, with it."""
        line = self._call(self._inflater.readline)
        return line if line else self._ended(line)

    def close(self) -> None:
        """Close this stream and the one it reads."""
        self._inflater.close()
        self._stream.close()

    def __iter__(self):
        return self

    def __next__(self) -> bytes:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def __enter__(self):
        return self

    def __exit__(self, *arguments):
        self.close()


def _inflater(stream, name):
    try:
        from deflate import GZIP, DeflateIO
    except ImportError:
        try:
            from gzip import GzipFile  # CPython
        except ImportError:
            raise NotImplementedError("%r is compressed: this firmware has no deflate" % name)
        # It takes no data at all for a file of nothing; here it is one that was cut off.
        empty = not stream.read(1)
        stream.seek(0)
        return GzipFile(fileobj=BytesIO(b"\x1f") if empty else stream)
    head = stream.read(17)
    if len(head) == 17 and head[3] & 4 and head[12:16] == b"WB\1\0":
        bits = head[16]
    else:
        size = 0
        if len(head) == 17:
            stored = stream.seek(-4, 2) + 4
            size = int.from_bytes(stream.read(4), "little")
            # deflate makes nothing 1032 times smaller: what says so is damaged, and
            # reading it will tell. No window for that.
            if size > 1032 * stored:
                size = 0
        bits = 8
        while bits < 15 and 1 << bits < size:
            bits += 1
    stream.seek(0)
    return DeflateIO(stream, GZIP, min(max(bits, 8), 15))
