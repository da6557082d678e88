"""The resource module: the Python source that holds names and bytes.

The format, which `pkgres` reads, and any reader that knows only a dict::

    # Made by bin2res: resources for pkgres.
    R = {
    'data/page.html': b'...',
    }
    DIGEST = '16 hex digits'

ASCII, names sorted, one resource a line. DIGEST is the start of the SHA-256 over
all names and contents.
"""

from __future__ import annotations

import codecs
import contextlib
import hashlib
import re
from collections.abc import Iterable, Iterator

_HEAD = b"# Made by bin2res: resources for pkgres.\n"
_PIECE = 1 << 20  # bytes
# The line of a resource, or in a table the comment that stands on the line before.
_RESOURCE_LINE = re.compile(rb"""(?:# )?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(: b'|$)""")


class DictModule:
    """The text of a resource module that holds *resources*, in pieces, as it is made.

    *resources* are names and contents, sorted by name; each is one line. `digest` is
    known when all pieces have been read.
    """

    def __init__(self, resources: Iterable[tuple[str, bytes]]) -> None:
        self._resources = resources
        self.digest = ""

    def __iter__(self) -> Iterator[bytes]:
        digest = Digest()
        yield _HEAD + b"R = {\n"
        for name, content in self._resources:
            digest.add(name, content)
            yield b"%a: b'" % name
            yield from escaped(content)
            yield b"',\n"
        self.digest = digest.value()
        yield b"}\nDIGEST = '%b'\n" % self.digest.encode("ascii")


class Digest:
    """The DIGEST of a module: it changes with any name and any content."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, name: str, content: bytes) -> None:
        """Take in a resource; they come sorted by name."""
        encoded = name.encode("utf-8")
        # The lengths tell ("ab", "c") from ("a", "bc").
        self._hash.update(b"%d %d %b" % (len(encoded), len(content), encoded))
        self._hash.update(content)

    def value(self) -> str:
        """Return 16 hex digits."""
        return self._hash.hexdigest()[:16]


def escaped(content: bytes) -> Iterator[bytes]:
    """Yield *content* as it stands in a bytes literal, between single quotes."""
    # What repr() does, in half the time, and not as a str. It may be four times the content.
    for start in range(0, len(content), _PIECE):
        yield codecs.escape_encode(content[start : start + _PIECE])[0]


def fingerprints(pieces: Iterable[bytes]) -> dict[str, bytes]:
    """Return a hash of each resource's bytes by name, and of the whole module by ``""``.

    *pieces* are those of a module, or the lines of its file.
    """
    import ast  # as much to import as the rest of this package, and only needed here

    found: dict[str, bytes] = {}
    whole = hashlib.sha256()
    lines = _lines(pieces)
    for line in lines:
        whole.update(line)
        match = _RESOURCE_LINE.match(line)
        if not match:
            continue
        if match[2]:
            line = line[match.start(2) + 2 :]
        else:
            line = next(lines, b"")
            whole.update(line)
        # Any text may be in a file that is not ours.
        with contextlib.suppress(SyntaxError, UnicodeDecodeError):
            name = ast.literal_eval(match[1].decode("ascii"))
            found[name] = hashlib.sha256(line).digest()
    found[""] = whole.digest()
    return found


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    line: list[bytes] = []
    for piece in pieces:
        line.append(piece)
        if piece.endswith(b"\n"):
            yield from b"".join(line).splitlines(keepends=True)
            line.clear()
    yield b"".join(line)
