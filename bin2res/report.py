"""The report on a bundle, for people and for machines."""

from __future__ import annotations

from collections.abc import Iterator

from .bundling import Bundle
from .errors import printable, shown


def table(made: Bundle) -> Iterator[str]:
    """Yield the lines of a table: each resource with its size in bytes, the totals."""
    width = len(f"{max(made.total, made.output_size):,}")
    for name, size in made.sizes.items():
        of = ""
        if name in made.inflated:
            of = f", {made.inflated[name]:,} inflated, with {made.ram[name]:,} of RAM"
        if name in made.pieces:
            of += f", in {made.pieces[name]:,} pieces"
        yield f"{size:>{width},}  {printable(name)}{of}"
    resources = "1 resource" if len(made.sizes) == 1 else f"{len(made.sizes):,} resources"
    yield f"{made.total:>{width},}  in {resources}: goes to flash when frozen"
    yield f"{made.output_size:>{width},}  in {shown(made.output or '-')}"


def described(made: Bundle) -> dict[str, object]:
    """Return the same for machines; sizes are in bytes."""
    return {
        "output": made.output,
        "output_size": made.output_size,
        "digest": made.digest,
        "total": made.total,
        "warnings": list(made.warnings),
        "resources": [
            {
                "name": name,
                "size": size,
                "inflated": made.inflated.get(name, size),
                "ram": made.ram.get(name, 0),
                "pieces": made.pieces.get(name, 1),
            }
            for name, size in made.sizes.items()
        ],
    }
