"""Read a resource that is stored compressed: NAME answered from NAME.gz.

gzip does not record the window that reading takes, so it would have to be 32 KiB of
RAM. bin2res records it, in an extra field of the header (RFC 1952, 2.3.1.1: ``W``,
``B``, one byte, the bits). Where that is missing the window is made as large as the
content, whose size is in the last four bytes, and at most 32 KiB. A file has one
member: on MicroPython more are an error.

``deflate`` inflates, ``uzlib`` on MicroPython up to 1.20, ``gzip`` on CPython.
"""

import errno
import sys
from io import BytesIO

from pkgres.streams import Stream


class Inflated(Stream):
    """A binary stream of inflated gzip data. To seek back, it inflates again from the start.

    *found* is the data, bytes or a stream that is positioned at its start and can seek;
    *name* is the resource's, for messages. Reading raises OSError with EIO where the data
    are damaged or cut off. Raises NotImplementedError in firmware that cannot inflate.
    """

    # Few functions, as each is RAM when this is loaded.

    def __init__(self, found, name: str):
        self._stream = stream = found if hasattr(found, "read") else BytesIO(found)
        head = stream.read(17)
        older = None
        try:
            from deflate import GZIP, DeflateIO
        except ImportError:
            try:
                # MicroPython up to 1.20
                from uzlib import DecompIO as older  # type: ignore
            except ImportError:
                stream.close()
                raise NotImplementedError("%r is compressed: this firmware has no deflate" % name)
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
                elif not size and stored > 64:
                    size = 1 << 15  # there are zeros behind the end
            bits = 8
            while bits < 15 and 1 << bits < size:
                bits += 1
        bits = 8 if bits < 8 else 15 if bits > 15 else bits
        stream.seek(0)
        self._at = 0
        if not older:
            self._inflater = DeflateIO(stream, GZIP, bits)
            return
        try:
            self._inflater = older(stream, 16 + bits)
        except (EOFError, ValueError) as e:  # it reads the header at once
            stream.close()
            raise OSError(errno.EIO, "damaged gzip data: %r" % e)

    def _call(self, call, wanted, *arguments):
        # wanted: bytes; fewer are the end, and so are all that are left (-1).
        stream = self._stream
        try:
            found = call(*arguments)
            size = found if isinstance(found, int) else len(found)
            # MicroPython stops at the end of the first of several gzip streams in a file,
            # and would lose the rest. Zeros are padding.
            if not 0 <= wanted <= size and stream.read(1) not in (b"", b"\0"):
                raise OSError(errno.EIO, "damaged gzip data: more behind the end")
            self._at += size
            return found
        except (MemoryError, TypeError, ValueError):
            raise
        except Exception as e:
            # EOFError if data are cut off; EINVAL if they are bad.
            if getattr(e, "errno", None) not in (None, errno.EINVAL):
                raise
            raise OSError(errno.EIO, "damaged gzip data: %r" % e)

    def read(self, size: int = -1) -> bytes:
        """Return at most *size* bytes, all that are left by default."""
        return self._call(self._inflater.read, size, size)

    def readinto(self, buffer, size: int | None = None) -> int:
        """Fill *buffer*, or *size* bytes of it, as far as data reach; return the bytes."""
        if size is not None:
            buffer = memoryview(buffer)[:size]
        return self._call(self._inflater.readinto, len(buffer), buffer)

    def readline(self, size: int = -1) -> bytes:  # type: ignore[override]
        """Return the bytes up to the next newline, with it, and at most *size*."""
        return self._call(self._inflater.readline, 1 if size else 0, size)


if hasattr(sys.implementation, "cache_tag"):
    from io import BufferedReader, RawIOBase

    class _Raw(RawIOBase):
        # The raw stream of the one for CPython.

        def __init__(self, found):
            from gzip import GzipFile

            stream = found if hasattr(found, "read") else BytesIO(found)
            self._streams = [stream]
            # GzipFile takes no data at all for an empty file; here they are data that were cut off.
            is_empty = not stream.read(1)
            stream.seek(0)
            self._streams.append(GzipFile(fileobj=BytesIO(b"\x1f") if is_empty else stream))

        def readable(self):
            return True

        def readinto(self, buffer):
            from zlib import error

            try:
                return self._streams[1].readinto(buffer)
            except (EOFError, error, OSError) as e:
                if getattr(e, "errno", None):
                    raise
                raise OSError(errno.EIO, "damaged gzip data: %r" % e)

        def close(self):
            for stream in reversed(self._streams):
                stream.close()
            super().close()

    class Inflated(BufferedReader):  # type: ignore[no-redef]
        """The same on CPython: with all that a stream of io's has."""

        def __init__(self, found, name):
            super().__init__(_Raw(found))
