"""The options of the commands that ship, and their values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import click

from ..arguments import JSON, NO_CACHE, PATH, QUIET
from ..compress import Compressor
from ..ending import report
from ..progress import Progress, bar, compressing

Command = Callable[..., None]

DIRECTORY = click.option(
    "-C",
    "--directory",
    default=".",
    type=PATH,
    metavar="DIR",
    help="Where to look for pyproject.toml, there and above.  [default: the current folder]",
)
INDEX = click.option(
    "--index",
    "index_given",
    multiple=True,
    metavar="INDEX",
    help="Address of the index for dependencies, or its folder, relative to the current one."
    " Repeatable; the first that has a package is used.  [default: key index, otherwise mip's own]",
)
MARCH = click.option(
    "--march",
    metavar="ARCH",
    help="The board's architecture, such as armv7m: compile native code for it."
    "  [default: key march, else native code stays source]",
)
MAX_SIZE = click.option(
    "--max-size",
    metavar="SIZE",
    help="Exit with 1, writing nothing, if the app takes more flash, such as 200000 or '200 KiB'."
    "  [default: key max-size]",
)


VERSION = click.option(
    "--version",
    metavar="VERSION",
    help="The version to publish.  [default: key version, otherwise that of the project]",
)


def of_a_way(output: str, what: str) -> Callable[[Command], Command]:
    """Return what adds the options that all ways to a board have.

    *output* is what ``-o`` takes, as help shows it, and *what* that is.
    """
    options = (
        DIRECTORY,
        click.option("-o", "--output", required=True, type=PATH, metavar=output, help=what),
        INDEX,
        click.option("-n", "--dry-run", "dry", is_flag=True, help="Write nothing; report it all."),
        click.option(
            "--force",
            is_flag=True,
            help="Replace what was changed by hand in the output, and keep what others put there.",
        ),
        NO_CACHE,
        MAX_SIZE,
        JSON,
        QUIET,
    )

    def add(function: Command) -> Command:
        for option in reversed(options):
            function = option(function)
        return function

    return add


class Asked(NamedTuple):
    """The values of the options; the defaults are for commands without them."""

    directory: str
    index_given: tuple[str, ...]
    json_wanted: bool
    quiet: bool
    no_cache: bool = False
    max_size: str | None = None
    march: str | None = None
    output: str = ""
    dry: bool = False
    force: bool = False
    version: str | None = None

    @property
    def silent(self) -> bool:
        """Whether no progress is to be shown."""
        return self.quiet or self.json_wanted

    def compressor(self) -> Compressor:
        """Return what compresses resources."""
        return Compressor(not self.no_cache, compressing(quiet=self.silent))

    def bar(self, label: str) -> Progress:
        """Return what shows the progress of a step."""
        return bar(label, quiet=self.silent)

    def report(
        self, data: Mapping[str, object], lines: Iterable[str], warnings: Iterable[str] = ()
    ) -> None:
        """Report, as `ending.report` does."""
        report(
            "pkgres",
            data,
            lines,
            json_wanted=self.json_wanted,
            quiet=self.quiet,
            warnings=warnings,
        )
