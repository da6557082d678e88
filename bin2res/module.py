"""The resource module: the Python source that holds names and bytes.

The format, which `pkgres` reads, and any reader that knows only a dict::

    # Made by bin2res: resources for pkgres.
    R = {
    'data/page.html': b'...',
    }
    DIGEST = '16 hex digits'

ASCII, names sorted, one resource a line. DIGEST is the start of the SHA-256 over
all names and contents. What is larger than 100 KiB is a tuple of bytes objects, all but the
last of 16 KiB: a firmware build hashes each object in a time that grows with its square.
"""

from __future__ import annotations

import codecs
import contextlib
import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

WHOLE = 100 << 10
"""Bytes of the largest resource that is one object, if it is not to be whole in any case."""
PIECE = 16 << 10
"""Bytes of the pieces of others."""
_HEAD = b"# Made by bin2res: resources for pkgres.\n"
_PIECE = 1 << 20  # bytes
# The line of a resource, or in a table the comment that stands on the line before.
_RESOURCE_LINE = re.compile(rb"""(?:# )?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(: \(?b'|$)""")


class Resource(NamedTuple):
    """What a resource module holds."""

    name: str
    content: bytes
    in_pieces: bool = False
    """Whether it is a tuple of pieces."""


class DictModule:
    """The text of a resource module that holds *resources*, as it is made.

    They are sorted by name; each is one line. `digest` is known when all has been read.
    """

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._resources = resources
        self.digest = ""

    def __iter__(self) -> Iterator[bytes]:
        digest = Digest()
        yield _HEAD + b"R = {\n"
        for resource in self._resources:
            digest.add(resource.name, resource.content)
            yield b"%a: " % resource.name
            yield from literal(resource)
            yield b",\n"
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


def literal(resource: Resource) -> Iterator[bytes]:
    """Yield the content of *resource* as it stands in the module, without a newline."""
    content = resource.content
    if not resource.in_pieces:
        yield b"b'"
        yield from _escaped(content)
        yield b"'"
        return
    yield b"("
    for start in range(0, len(content), PIECE):
        yield b"b'"
        yield from _escaped(content[start : start + PIECE])
        yield b"',"
    yield b")"


def _escaped(content: bytes) -> Iterator[bytes]:
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
