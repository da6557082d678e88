"""Read a compressed resource as text: characters, not bytes. For MicroPython."""

from pkgres.streams import Stream


class Text(Stream):
    """A text stream over a binary one, UTF-8; seek and tell count bytes.

    Ends of lines are left as they are, as in MicroPython's own text streams.
    """

    def __init__(self, stream):
        self._stream = stream

    def read(self, size: int = -1) -> str:
        """Return at most *size* characters, all that are left by default.

        Raises UnicodeError where they are not UTF-8.
        """
        if size is None or size < 0:
            return str(self._stream.read(), "utf-8")
        content, missing, left = b"", size, 0
        while missing:
            more = self._stream.read(missing)
            if not more:
                break
            content += more
            for byte in more:
                # The first byte of a character tells how many are left (RFC 3629, 3).
                left = left - 1 if left else (byte > 0xBF) + (byte > 0xDF) + (byte > 0xEF)
                missing -= not left
        return str(content, "utf-8")

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        """Return the characters up to the next newline, with it, and at most *size*."""
        if size < 0:
            return str(self._stream.readline(), "utf-8")
        line = more = ""
        while len(line) < size and more != "\n":
            more = self.read(1)
            line += more
            if not more:
                break
        return line

    def readinto(self, buffer, *size: int) -> int:
        """Fill *buffer* with bytes, as MicroPython's text streams do; return their number."""
        return self._stream.readinto(buffer, *size)
