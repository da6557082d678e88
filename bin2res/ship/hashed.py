"""Names of files in an index for mip: the start of their SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from .content import Content

_DIGITS = 8  # as micropython-lib has it; among 100,000 files two are likely to share so many
_MORE = 16  # mip compares as many digits as it is given


class Measured(NamedTuple):
    """What was found when a content was read."""

    hash: str
    """SHA-256, in hex."""
    size: int
    """In bytes."""


def measured(contents: Iterable[Content]) -> dict[int, Measured]:
    """Return hash and size of each content, by its ``id()``."""
    found: dict[int, Measured] = {}
    for content in contents:
        if id(content) not in found:
            digest, size = hashlib.sha256(), 0
            for piece in content.pieces():
                digest.update(piece)
                size += len(piece)
            found[id(content)] = Measured(digest.hexdigest(), size)
    return found


def short_hashes(
    contents: Mapping[str, Content],
    found: Mapping[int, Measured],
    taken: Callable[[str], str | None],
) -> dict[str, str]:
    """Return the short hash of each file, by its path, sorted.

    *taken* returns the SHA-256 of the file of a site that has a short hash, None where there
    is none. One that another file has is made longer.
    """
    owners: dict[str, str] = {}
    shorts: dict[str, str] = {}
    for path in sorted(contents):
        whole = found[id(contents[path])].hash
        short = whole[:_DIGITS]
        if short not in owners:
            owners[short] = taken(short) or whole
        shorts[path] = short if owners[short] == whole else whole[:_MORE]
    return shorts


def file_path(short: str) -> str:
    """Return where mip asks for the file of a short hash, below the index."""
    return f"file/{short[:2]}/{short}"
