"""Show how far a long run has come."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

Progress = Callable[[Sequence[str]], Iterable[str]]
"""Is handed names, and hands them on, one as each is done."""

_MANY = 100  # names that are worth a bar


def bar(label: str, *, quiet: bool = False) -> Progress:
    """Return what shows a bar on standard error, where that is a terminal and names are many."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        return iter

    def show(names: Sequence[str]) -> Iterator[str]:
        if len(names) < _MANY:
            yield from names
            return
        import click

        with click.progressbar(names, label=label, file=sys.stderr) as shown:
            yield from shown

    return show
