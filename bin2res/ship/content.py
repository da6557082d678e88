"""What a file of an output is made of, read only when it is written."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from ..progress import Progress
from .nested import make_folders


class Content(Protocol):
    """The bytes of a file; `Stored` and the resource modules are others."""

    def pieces(self) -> Iterable[bytes]:
        """Yield the bytes, in pieces. Raises Bin2resError where they cannot be read."""


Tree = Mapping[str, Content]  # by path below the output, with /


class Made(NamedTuple):
    """Bytes that are at hand."""

    content: bytes

    def pieces(self) -> Iterable[bytes]:
        """Yield the bytes."""
        yield self.content


def written(
    tree: Tree, folder: str, progress: Progress = iter
) -> tuple[dict[str, int], dict[str, str]]:
    """Write *tree* below a new *folder*; return size and SHA-256 of each file, by its name.

    One file at a time is in memory. Raises OSError, or Bin2resError.
    """
    sizes: dict[str, int] = {}
    hashes: dict[str, str] = {}
    made = {""}
    for name in progress(sorted(tree)):
        above, _, _ = name.rpartition("/")
        path = os.path.join(folder, *name.split("/"))
        if above not in made:
            make_folders(os.path.dirname(path))
            made.add(above)
        digest, size = hashlib.sha256(), 0
        with open(path, "xb") as stream:
            for piece in tree[name].pieces():
                digest.update(piece)
                size += len(piece)
                stream.write(piece)
        sizes[name], hashes[name] = size, digest.hexdigest()
    return sizes, hashes
