"""How resources are stored: under which name, compressed or as they are."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from .choice import Rules, chosen, matching
from .compress import Compressed, Compressor
from .encode import window_of
from .errors import Bin2resError, reason, shown
from .module import PIECE, WHOLE
from .read import content_of

_SQUARES = 20 * 100_000**2  # bytes squared: a build takes a second for an object of 100,000 bytes
_BESIDE = 1440  # bytes of RAM that an inflating stream takes on a 32-bit board besides its window


class Stored(NamedTuple):
    """A resource as it is to be stored."""

    path: str
    """The file that it is made from."""
    gzip: Compressed | None = None
    """The compressed data that are stored, None if the file is stored as it is."""
    whole: int = WHOLE
    """Bytes up to which a resource module holds it as one object, and not in pieces."""
    is_immutable: bool = False
    """Whether other content would have another name."""

    def content(self) -> bytes:
        """Return the bytes that are stored. Raises Bin2resError where the file cannot be read."""
        return content_of(self.path) if self.gzip is None else self.gzip.data

    def pieces(self) -> Iterator[bytes]:
        """Yield `content`, as one piece."""
        yield self.content()

    def stored_size(self) -> int:
        """Return the size in bytes as it is stored. Raises Bin2resError where it is gone."""
        if self.gzip is not None:
            return len(self.gzip.data)
        try:
            return os.stat(self.path).st_size
        except OSError as error:
            raise Bin2resError(f"{shown(self.path)}: cannot be read: {reason(error)}") from error

    def inflated_size(self) -> int:
        """Return the size of the file in bytes. Raises Bin2resError where it is gone."""
        return self.stored_size() if self.gzip is None else self.gzip.size

    def literals(self, size: int | None = None) -> list[int]:
        """Return the sizes in bytes of the objects that hold it in a resource module.

        *size* is its `stored_size`, if that is known. Raises Bin2resError like that.
        """
        size = self.stored_size() if size is None else size
        if size <= self.whole:
            return [size]
        return [min(PIECE, size - start) for start in range(0, size, PIECE)]

    def ram_to_read(self) -> int:
        """Return about how many bytes of RAM inflating it takes on a board, 0 if none."""
        return 0 if self.gzip is None else _BESIDE + (1 << window_of(self.gzip.data))


def store(
    files: Mapping[str, str],
    rules: Rules = Rules(),  # noqa: B008 - it is immutable
    compressor: Compressor = Compressor(),  # noqa: B008 - likewise
) -> dict[str, Stored]:
    """Return what is stored by the name it is stored under, sorted.

    *files* are those of `select`. What the *rules* name and *compressor* makes smaller is
    compressed, and has ``.gz`` at the end of its name.

    Raises Bin2resError for a pattern that matches nothing, and where two resources would get
    one name.
    """
    asked = matching(files, rules.whole)
    immutable = matching(files, rules.immutable)
    smaller: dict[str, Compressed] = {}
    windows = chosen(files, rules)
    if windows:
        done = compressor.compressed(files, windows)
        smaller = {one.name: one for one in done if len(one.data) < one.size}
    stored: dict[str, Stored] = {}
    for name, path in files.items():
        under = name + ".gz" if name in smaller else name
        if name in smaller and under in files:
            raise Bin2resError(
                f"{shown(path)}: compressed it has the name of {shown(files[under])};"
                " rename one, or exclude one with -x"
            )
        whole = sys.maxsize if name in asked else WHOLE
        stored[under] = Stored(path, smaller.get(name), whole, name in immutable)
    limit = _whole(found for found in stored.values() if found.whole == WHOLE)
    if limit < WHOLE:
        for name, found in stored.items():
            stored[name] = found._replace(whole=limit if found.whole == WHOLE else found.whole)
    return dict(sorted(stored.items()))


def immutable_names(stored: Mapping[str, Stored]) -> list[str]:
    """Return the names by which immutable resources are asked for, without .gz, sorted."""
    return sorted(name.removesuffix(".gz") for name, r in stored.items() if r.is_immutable)


def _whole(stored: Iterable[Stored]) -> int:
    """Return the size in bytes up to which resources are one object.

    A firmware build should not take many seconds for those of them that are.
    """
    limit = WHOLE
    sizes = [found.stored_size() for found in stored]
    found = [size for size in sizes if size > PIECE]
    while limit > PIECE and sum(size * size for size in found if size <= limit) > _SQUARES:
        limit //= 2
    return limit
