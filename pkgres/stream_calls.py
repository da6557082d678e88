"""The calls of the streams of pkgres that few programs make; `pkgres.streams` loads them."""

import sys


def write(self, data):
    """Raise OSError with EBADF."""
    raise OSError(9, "open for reading")


def readlines(self):
    """Return the lines that are left."""
    return list(self)


def flush(self):
    """Do nothing."""


def tell(self):
    """Return the bytes from the start to where this is."""
    here = self._stream.tell()
    return getattr(self, "_at", here)


def seek(self, offset, whence=0):
    """Go to *offset* bytes from the start, with 1 from where this is, with 2 from the end.

    What is inflated is read up to there, from the start again to go back.
    """
    if not hasattr(self, "_at"):
        return self._stream.seek(offset, whence)
    here = tell(self)
    buffer = bytearray(64)
    if whence == 2:
        while self.readinto(buffer):
            pass
    if whence:
        offset += self._at if whence == 2 else here
    if offset < self._at:
        self._stream.seek(0)
        self.__init__(self._stream, "")
    while self._at < offset and self.readinto(buffer, min(64, offset - self._at)):
        pass
    return self._at


def ioctl(self, request, argument):
    """Answer C code, by the numbers of MicroPython's py/stream.h; return 0 or -errno."""
    if request == 4:  # MP_STREAM_CLOSE
        self.close()
    elif request == 3:  # MP_STREAM_POLL: of what is asked for, reading never waits
        return argument & 1
    elif request == 2:  # MP_STREAM_SEEK: argument is the address of an offset and a whence
        import uctypes  # type: ignore

        word, kind = (8, uctypes.INT64) if sys.maxsize >> 32 else (4, uctypes.INT32)
        place = uctypes.struct(argument, {"offset": kind, "whence": uctypes.INT32 | word})
        place.offset = self.seek(place.offset, place.whence)
    elif request != 1:  # MP_STREAM_FLUSH
        return -22
    return 0
