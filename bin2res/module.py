"""The resource module: the Python source that holds names and bytes.

The format, which `pkgres` reads, and any reader that knows only a dict::

    # Made by bin2res: resources for pkgres.
    # fmt: off
    # flake8: noqa
    globals().pop('__file__', 0)
    R = {
    'data/page.html': b'...',
    }
    HASHES = b'...'
    DIGEST = '16 hex digits'
    IMMUTABLE = ('assets/app-3f2a91c0.js',)

ASCII, names sorted, one resource a line. Formatters and linters leave the file alone. HASHES has
6 bytes for each resource, in the order of the names: the start of the SHA-256 of its content.
DIGEST is that over all names and contents. IMMUTABLE, which is there only if it is not empty, has
the names of resources that never change, without the .gz of compressed ones. (HASHES takes the
place of ``__file__`` in the RAM of a frozen module.) What is larger than 100 KiB is a tuple of
bytes objects, all but the last of 16 KiB: a firmware build hashes each object in a time that grows
with its square.
"""

from __future__ import annotations

import codecs
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

WHOLE = 100 << 10
"""Bytes of the largest resource that is one object, if it is not to be whole in any case."""
PIECE = 16 << 10
"""Bytes of the pieces of others."""
HASH = 6
"""Bytes of the hash of a resource in HASHES."""
ROOM = b"globals().pop('__file__', 0)\n"
"""The line that makes room for another name in a module; some firmware has no ``__file__``."""
FORMAT = b"# fmt: off\n# flake8: noqa\n"
"""The lines that tell black, ruff and flake8 to leave the file alone."""
_PIECE = 1 << 20  # bytes


class Resource(NamedTuple):
    """What a resource module holds."""

    name: str
    content: bytes
    in_pieces: bool = False
    """Whether it is a tuple of pieces."""


class Module(ABC):
    """The text of a resource module that holds *resources*, made while it is read.

    They are sorted by name. `sizes` (bytes, by name) and `digest` are set once all of it was
    read.
    """

    head: bytes
    """The first line."""

    def __init__(self, resources: Iterable[Resource], immutable: Sequence[str] = ()) -> None:
        self._resources = resources
        self._immutable = immutable
        self.sizes: dict[str, int] = {}
        self.digest = ""

    def __iter__(self) -> Iterator[bytes]:
        digest = Digest()
        yield self.head + FORMAT + ROOM
        yield from self.body(self._noted(digest))
        yield from digest.lines()
        if self._immutable:
            yield b"IMMUTABLE = (%b,)\n" % b", ".join(b"%a" % name for name in self._immutable)
        self.digest = digest.value()

    def _noted(self, digest: Digest) -> Iterator[Resource]:
        for resource in self._resources:
            digest.add(resource.name, resource.content)
            self.sizes[resource.name] = len(resource.content)
            yield resource

    @abstractmethod
    def body(self, resources: Iterable[Resource]) -> Iterator[bytes]:
        """Yield the lines that define R."""


class DictModule(Module):
    """R is a dict; each resource is one line."""

    head = b"# Made by bin2res: resources for pkgres.\n"

    def body(self, resources: Iterable[Resource]) -> Iterator[bytes]:
        """Yield the lines that define R."""
        yield b"R = {\n"
        for resource in resources:
            yield b"%a: " % resource.name
            yield from literal(resource)
            yield b",\n"
        yield b"}\n"


class AliasModule(Module):
    """R is a dict of resources that the top-level R has, under names with a *prefix*."""

    head = DictModule.head

    def __init__(
        self, resources: Iterable[Resource], prefix: str, immutable: Sequence[str] = ()
    ) -> None:
        super().__init__(resources, immutable)
        self._prefix = prefix

    def body(self, resources: Iterable[Resource]) -> Iterator[bytes]:
        """Yield the lines that define R."""
        yield b"from R import R\n\nR = {\n"
        for name, _, _ in resources:
            yield b"%a: R[%a],\n" % (name, self._prefix + name)
        yield b"}\n"


class Digest:
    """HASHES, and DIGEST, which changes with any name and any content."""

    def __init__(self) -> None:
        self._whole = hashlib.sha256()
        self._hashes = bytearray()

    def add(self, name: str, content: bytes) -> None:
        """Add a resource; they must come sorted by name."""
        encoded = name.encode("utf-8")
        found = hashlib.sha256(content).digest()
        # The length says where a name ends.
        self._whole.update(b"%d %b%b" % (len(encoded), encoded, found))
        self._hashes += found[:HASH]

    def value(self) -> str:
        """Return 16 hex digits."""
        return self._whole.hexdigest()[:16]

    def lines(self) -> Iterator[bytes]:
        """Yield the last lines of the module."""
        yield b"HASHES = b'"
        yield from _escaped(bytes(self._hashes))
        yield b"'\nDIGEST = '%b'\n" % self.value().encode("ascii")


def literal(resource: Resource) -> Iterator[bytes]:
    """Yield the content of *resource* as a literal, without a newline."""
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
    # As repr(), in half the time, and bytes. The result may be four times as large.
    for start in range(0, len(content), _PIECE):
        yield codecs.escape_encode(content[start : start + _PIECE])[0]
