"""Show the progress of a long run."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from . import stop
from .errors import printable
from .system import IS_WINDOWS

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

    from .compress import Compressed, Watch

Progress = Callable[[Sequence[str]], Iterable[str]]
"""Called with names; yields them, one as each is done."""

_SHOW_CURSOR = b"\x1b[?25h"
_MANY = 100  # names from which on a bar is shown


def bar(label: str, *, quiet: bool = False) -> Progress:
    """Return what shows a bar on standard error for many names, if that is a terminal."""
    if quiet or not _is_terminal():
        return iter

    def show(names: Sequence[str]) -> Iterator[str]:
        if len(names) < _MANY:
            yield from names
            return
        import click

        with click.progressbar(names, label=label, file=sys.stderr) as shown:
            yield from shown

    return show


def compressing(*, quiet: bool = False) -> Watch:
    """Return what shows each file as it is compressed, and what was saved, on a terminal."""

    def show(files: Iterable[Compressed], size: int) -> Iterable[Compressed]:
        if quiet or not _is_terminal():
            yield from files
            return
        # Not at the top: few runs compress for long enough to show it.
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

        columns = (
            TextColumn("compressing", markup=False),
            BarColumn(),
            DownloadColumn(),
            TextColumn("{task.fields[saved]}  {task.description}", markup=False),
        )
        saved = seen = 0
        console = Console(stderr=True)
        progress = Progress(*columns, console=console, transient=True)
        with progress, stop.cleaning(lambda: _end(progress)):
            task = progress.add_task("", total=size, saved="")
            for file in files:
                seen += file.size
                saved += max(0, file.size - len(file.data))
                progress.update(
                    task,
                    completed=seen,
                    description=printable(file.name),
                    saved=f"{saved / (seen or 1):.0%} saved",
                )
                yield file

    return show


def _end(progress: RichProgress) -> None:
    """Show the cursor again, when a signal ends the program."""
    try:
        progress.stop()
    finally:
        # The signal may have come within a write to standard error, which cannot be entered again.
        if not IS_WINDOWS:
            os.write(sys.stderr.fileno(), _SHOW_CURSOR)


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()
