"""How resources are stored: under which name, compressed or as they are."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from .compress import compress, to_compress
from .errors import Bin2resError, reason, shown
from .read import content_of


class Stored(NamedTuple):
    """A resource as it is to be stored."""

    path: str
    """The file that it is made from."""
    window: int | None
    """Bits of the window that it is compressed for, None where it is not."""

    def content(self) -> bytes:
        """Return the bytes that are stored. Raises Bin2resError where the file cannot be read."""
        content = content_of(self.path)
        return content if self.window is None else compress(content, self.window)

    def pieces(self) -> Iterator[bytes]:
        """Yield the same, as one piece."""
        yield self.content()

    def stored_size(self) -> int:
        """Return the size in bytes as it is stored. Raises Bin2resError where it is gone."""
        return self.inflated_size() if self.window is None else len(self.content())

    def inflated_size(self) -> int:
        """Return the size of the file in bytes. Raises Bin2resError where it is gone."""
        try:
            return os.path.getsize(self.path)
        except OSError as error:
            raise Bin2resError(f"{shown(self.path)}: cannot be read: {reason(error)}") from error


def store(
    files: Mapping[str, str], gzip: Sequence[str], window: int, option: str = "--gzip"
) -> dict[str, Stored]:
    """Return what is stored by the name it is stored under, sorted.

    *files* are those of `select`. What the patterns *gzip* name and compression makes
    smaller is compressed for a window of *window* bits, and has ``.gz`` at the end of its
    name. *option* is where the patterns come from, for messages.

    Raises Bin2resError for a pattern that matches nothing, and where a name is taken.
    """
    smaller = to_compress(files, gzip, window, option) if gzip else set()
    stored: dict[str, Stored] = {}
    for name, path in files.items():
        under = name + ".gz" if name in smaller else name
        if name in smaller and under in files:
            raise Bin2resError(
                f"{shown(path)}: compressed it has the name of {shown(files[under])};"
                " rename one, or exclude one with -x"
            )
        stored[under] = Stored(path, window if name in smaller else None)
    return dict(sorted(stored.items()))
