"""What a person, or a machine, is told about a bundle that was made."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .bundle import Bundle
from .errors import shown


def table(made: Bundle) -> Iterator[str]:
    """Yield the lines of a table: each resource with its size in bytes, the totals."""
    width = len(f"{max(made.total, made.output_size):,}")
    for name, size in made.sizes.items():
        yield f"{size:>{width},}  {shown(name)}"
    resources = "1 resource" if len(made.sizes) == 1 else f"{len(made.sizes):,} resources"
    yield f"{made.total:>{width},}  in {resources}: goes to flash when frozen"
    yield f"{made.output_size:>{width},}  in {shown(made.output or '-')}"


def as_json(made: Bundle) -> str:
    """Return the same as JSON, one object; sizes are in bytes."""
    return json.dumps(
        {
            "output": made.output,
            "output_size": made.output_size,
            "digest": made.digest,
            "total": made.total,
            "resources": [{"name": name, "size": size} for name, size in made.sizes.items()],
        },
        indent=2,
    )
