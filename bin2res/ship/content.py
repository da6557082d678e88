"""The content of files of an output, read only when it is written."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from ..names import check
from ..progress import Progress
from .nested import make_folders


class Content(Protocol):
    """The bytes of a file; `Stored` and the resource modules are others."""

    def pieces(self) -> Iterable[bytes]:
        """Yield the bytes, in pieces. Raises Bin2resError where they cannot be read."""


Tree = Mapping[str, Content]  # by path below the output, with /


class Made(NamedTuple):
    """Bytes in memory."""

    content: bytes

    def pieces(self) -> Iterable[bytes]:
        """Yield the bytes."""
        yield self.content


def written(
    tree: Tree, folder: str, progress: Progress = iter
) -> tuple[dict[str, int], dict[str, str]]:
    """Write *tree* below a new *folder*; return size and SHA-256 of each file, by its name.

    One file at a time is in memory, and what has several names is read once. Raises OSError,
    or Bin2resError, for names that cannot be on the disk, too.
    """
    check(tree, folder)
    names: dict[int, list[str]] = {}
    for name in sorted(tree):
        names.setdefault(id(tree[name]), []).append(name)
    sizes: dict[str, int] = {}
    hashes: dict[str, str] = {}
    made = {""}
    for first in progress([same[0] for same in names.values()]):
        content = tree[first]
        same = names[id(content)]
        for name in same:
            above, _, _ = name.rpartition("/")
            if above not in made:
                make_folders(f"{folder}/{above}")  # Windows takes either slash
                made.add(above)
        size, found = _write(content, [f"{folder}/{name}" for name in same])
        sizes |= dict.fromkeys(same, size)
        hashes |= dict.fromkeys(same, found)
    return sizes, hashes


def _write(content: Content, paths: Sequence[str]) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(open(path, "xb")) for path in paths]
        for piece in content.pieces():
            digest.update(piece)
            size += len(piece)
            for stream in streams:
                stream.write(piece)
    return size, digest.hexdigest()
