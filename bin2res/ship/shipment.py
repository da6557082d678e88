"""What a way of shipping tells of what it made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..errors import printable, shown


class Shipment(NamedTuple):
    """What was made, and what to do with it; sizes are in bytes."""

    output: str
    """The path of the file or folder."""
    sizes: Mapping[str, int]
    """Size of each file on the board, by its path there or, frozen, in flash."""
    next: tuple[str, ...]
    """The commands to type next."""
    place: str = ""
    """Where to type them, ``""`` for the current folder."""
    warnings: tuple[str, ...] = ()
    """What its maker should know, a line each."""

    @property
    def total(self) -> int:
        """Size of it all on the board."""
        return sum(self.sizes.values())


def table(made: Shipment) -> Iterator[str]:
    """Yield the lines of a table: each file with its size, the total, the next commands."""
    width = len(f"{made.total:,}")
    for name, size in sorted(made.sizes.items()):
        yield f"{size:>{width},}  {printable(name)}"
    files = "1 file" if len(made.sizes) == 1 else f"{len(made.sizes):,} files"
    yield f"{made.total:>{width},}  on the board, in {files}; made {shown(made.output)}"
    place = f", in {made.place}" if made.place else ""
    for command in made.next:
        yield f"next{place}: {command}"


def described(made: Shipment) -> dict[str, object]:
    """Return the same for machines."""
    return {
        "output": made.output,
        "total": made.total,
        "files": [{"name": name, "size": size} for name, size in sorted(made.sizes.items())],
        "next": list(made.next),
        "place": made.place,
        "warnings": list(made.warnings),
    }
