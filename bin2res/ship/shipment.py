"""The report of a way of shipping: what was made, and what to do next."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..errors import printable, shown

_CODE = (".py", ".mpy")


class Shipment(NamedTuple):
    """What was made, and what to do with it; sizes are in bytes."""

    output: str
    """The path of the file or folder."""
    sizes: Mapping[str, int]
    """Size of each file on the board, by its path there or, frozen, in flash."""
    next: tuple[str, ...]
    """The commands to type next, one after the other."""
    place: str = ""
    """Where to type them, ``""`` for the current folder."""
    notes: tuple[str, ...] = ()
    """What the developer should know, one line each."""
    warnings: tuple[str, ...] = ()
    """What the developer should act on, one line each."""
    left: Mapping[str, str] = {}
    """Why something was left out, by name."""
    overhead: int = 0
    """What the form of the output takes beside the files; less than 0 if they share more."""
    python: Collection[str] = ()
    """The resources that have the suffix of code."""

    @property
    def total(self) -> int:
        """Size of it all on the board."""
        return sum(self.sizes.values()) + self.overhead


def table(made: Shipment, *, dry: bool = False) -> Iterator[str]:
    """Yield the lines of a table: each file with its size, the totals, and what was left out.

    Resources and code are apart, the largest first.
    """
    width = len(f"{max(made.total, sum(made.sizes.values())):,}")
    code = {
        name: size
        for name, size in made.sizes.items()
        if name.endswith(_CODE) and name not in made.python
    }
    others = {name: size for name, size in made.sizes.items() if name not in code}
    for what, files in (("resources", others), ("code", code)):
        if files:
            for name, size in sorted(files.items(), key=lambda item: (-item[1], item[0])):
                yield f"{size:>{width},}  {printable(name)}"
            yield f"{sum(files.values()):>{width},}  {what}, in {_files(files)}"
    if made.overhead > 0:
        yield f"{made.overhead:>{width},}  names, headers and tables"
    elif made.overhead:
        yield f"{-made.overhead:>{width},}  less: equal pieces and names are stored once"
    end = "nothing was written" if dry else f"made {shown(made.output)}"
    yield f"{made.total:>{width},}  on the board, in {_files(made.sizes)}; {end}"
    for name, why in made.left.items():
        yield f"left out: {printable(name)} ({why})"
    yield from made.notes


def next_lines(made: Shipment) -> Iterator[str]:
    """Yield the commands to type next."""
    place = f", in {made.place}" if made.place else ""
    for command in made.next:
        yield f"next{place}: {command}"


def _files(files: Mapping[str, int] | Sequence[str]) -> str:
    return "1 file" if len(files) == 1 else f"{len(files):,} files"


def described(made: Shipment) -> dict[str, object]:
    """Return the same for machines."""
    return {
        "output": made.output,
        "total": made.total,
        "overhead": max(0, made.overhead),
        "shared": max(0, -made.overhead),
        "files": [{"name": name, "size": size} for name, size in sorted(made.sizes.items())],
        "left_out": [{"name": name, "why": why} for name, why in made.left.items()],
        "next": list(made.next),
        "place": made.place,
        "notes": list(made.notes),
        "warnings": list(made.warnings),
    }
