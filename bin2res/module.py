"""The resource module: the Python source that holds names and bytes.

The format, which `pkgres` reads, and any reader that knows only the dict::

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
_RESOURCE_LINE = re.compile(rb"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"): b'""")


class DictModule:
    """The text of a resource module that holds *resources*, in pieces, as it is made.

    *resources* are names and contents, sorted by name; each is one line. `digest` is
    known when all pieces have been read.
    """

    def __init__(self, resources: Iterable[tuple[str, bytes]]) -> None:
        self._resources = resources
        self.digest = ""

    def __iter__(self) -> Iterator[bytes]:
        digest = hashlib.sha256()
        yield _HEAD + b"R = {\n"
        for name, content in self._resources:
            encoded = name.encode("utf-8")
            # The lengths tell ("ab", "c") from ("a", "bc").
            digest.update(b"%d %d %b" % (len(encoded), len(content), encoded))
            digest.update(content)
            yield b"%a: b'" % name
            # What repr() puts between its quotes, in half the time, and not as a str.
            yield codecs.escape_encode(content)[0]
            yield b"',\n"
        self.digest = digest.hexdigest()[:16]
        yield b"}\nDIGEST = '%b'\n" % self.digest.encode("ascii")


def fingerprints(pieces: Iterable[bytes]) -> dict[str, bytes]:
    """Return a hash of each resource's line by name, and of the whole module by ``""``.

    *pieces* are those of a module, or the lines of its file.
    """
    import ast  # as much to import as the rest of this package, and only needed here

    found: dict[str, bytes] = {}
    whole = hashlib.sha256()
    for line in _lines(pieces):
        whole.update(line)
        match = _RESOURCE_LINE.match(line)
        if match:
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
