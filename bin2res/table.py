"""The resource module whose import takes the same RAM however many resources it holds.

Frozen, constant tuples stay in flash, where a dict is built in RAM. A few names are
compared one by one, which MicroPython does in C. Many are hashed here into buckets of
a constant tuple, by three of their bytes, which are chosen so that the buckets
are small. The module's R finds a name as a dict does: ``R[name]``, ``name in R``,
``for name in R``. `pkgres.folder` reads N and V themselves, to list a folder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from .module import Module, Resource, literal

_FEW = """\
class R:
    def __getitem__(self, name):
        try:
            return V[N.index(name)]
        except ValueError:
            raise KeyError(name)

    def __iter__(self):
        return iter(N)


R = R()
"""
_MANY = """\
class R:
    def __getitem__(self, name):
        try:
            e = name.encode() or b'-'
            n = len(e)
            b = N[(e[%d %% n] * 61 + e[%d %% n] * 7 + e[%d %% n]) %% %d]
            return V[b[b.index(name) + 1]]
        except ValueError:
            raise KeyError(name)

    def __iter__(self):
        for b in N:
            for i in range(0, len(b), 2):
                yield b[i]


R = R()
"""
_AT_MOST_FEW = 24  # names; up to here comparing takes no more ticks than hashing
_FARTHEST = 64  # byte of a name that is looked at
_SAMPLE = 2000  # names that are enough to choose the bytes by
_FULL = 2  # names a bucket holds, on average


class TableModule(Module):
    """R is a table; each resource is two lines, its name in a comment and its content."""

    head = b"# Made by bin2res --table: resources for pkgres.\n"

    def body(self, resources: Iterable[Resource]) -> Iterator[bytes]:
        """Yield the lines that define V, the contents, N, the names, and R."""
        names: list[str] = []
        yield b"V = (\n"
        for resource in resources:
            names.append(resource.name)
            yield b"# %a\n" % resource.name
            yield from literal(resource)
            yield b",\n"
        yield b")\nN = (\n"
        if len(names) <= _AT_MOST_FEW:
            for name in names:
                yield b"%a,\n" % name
            lookup = _FEW
        else:
            positions, buckets = _hashed(names)
            for bucket in buckets:
                yield b"(%b),\n" % b"".join(b"%a, %d, " % (names[i], i) for i in bucket)
            lookup = _MANY % (*positions, len(buckets))
        yield b")\n\n\n" + lookup.encode("ascii")


def _hashed(names: Sequence[str]) -> tuple[tuple[int, int, int], list[list[int]]]:
    """Return three positions of bytes, and the numbers of the names in each bucket."""
    encoded = [name.encode("utf-8") for name in names]
    some = encoded[:: len(encoded) // _SAMPLE + 1]
    positions: list[int] = []
    for _ in range(3):
        # The one that tells most names apart, given those before; the first of equals.
        positions.append(
            max(
                range(_FARTHEST),
                key=lambda p: len({tuple(e[q % len(e)] for q in (*positions, p)) for e in some}),
            )
        )
    first, second, third = positions
    sums = [e[first % len(e)] * 61 + e[second % len(e)] * 7 + e[third % len(e)] for e in encoded]
    least = len(names) // _FULL or 1
    count = min(range(least, least + 16), key=lambda m: _comparisons(s % m for s in sums))
    buckets: list[list[int]] = [[] for _ in range(count)]
    for number, value in enumerate(sums):
        buckets[value % count].append(number)
    return (first, second, third), buckets


def _comparisons(hashes: Iterable[int]) -> int:
    return sum(size * size for size in Counter(hashes).values())
