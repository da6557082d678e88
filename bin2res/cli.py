"""The command line of bin2res: arguments in, messages and exit status out."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import click

from .arguments import DEPFILE, JSON, NO_CACHE, PATH, QUIET
from .bundling import selected, write
from .choice import Rules, choices, patterns, window_from
from .compress import Compressor
from .depfile import check_depfile, write_depfile
from .encode import BEST, WINDOWS
from .ending import exit_status, report
from .form import Form, Target
from .limit import check, limit_of
from .progress import bar, compressing
from .report import described, table
from .stored import Stored


class Asked(NamedTuple):
    """The arguments of the command."""

    paths: tuple[str, ...]
    directory: str
    output: str | None
    exclude: tuple[str, ...]
    gzip: tuple[str, ...]
    gzip_window: str | None
    whole: tuple[str, ...]
    immutable: tuple[str, ...]
    no_cache: bool
    table: bool
    mpy: bool
    compat: str | None
    package: str | None
    check: bool
    max_size: str | None
    depfile: str | None
    json_wanted: bool
    quiet: bool

    @property
    def to_stdout(self) -> bool:
        """Whether the module goes to standard output."""
        return self.output == "-"

    @property
    def file(self) -> str | None:
        """The output, None if it has the default name or is no file."""
        return None if self.to_stdout else self.output

    @property
    def form(self) -> Form:
        """The form of the module."""
        return Form(self.table, self.mpy, self.compat, self.package)

    def check_usage(self) -> None:
        """Raise UsageError for options that contradict each other."""
        if self.to_stdout and (self.check or self.json_wanted):
            raise click.UsageError("-o - takes standard output: --check and --json need a file.")
        if self.depfile is not None and (self.to_stdout or self.check):
            raise click.UsageError("--depfile goes with an output that is a file.")
        if not self.mpy and (self.compat is not None or self.package is not None):
            raise click.UsageError("--compat and --package go with --mpy.")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, type=PATH)
@click.option(
    "-C",
    "--directory",
    default=".",
    type=PATH,
    metavar="DIR",
    help="The package folder: names in R are relative to it, PATHS are looked for in it"
    " first.  [default: the current folder]",
)
@click.option(
    "-o",
    "--output",
    type=PATH,
    metavar="FILE",
    help="The module to write, - for standard output.  [default: R.py in the package folder,"
    " R.mpy with --mpy]",
)
@click.option(
    "-x",
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    help="Leave out what a folder or a pattern of PATHS yields and PATTERN names"
    " (gitignore syntax, relative to the package folder). Repeatable.",
)
@click.option(
    "--gzip",
    multiple=True,
    metavar="PATTERN[=BITS]",
    help="Store resources that PATTERN names compressed, as NAME.gz, if that is smaller"
    " (gitignore syntax, relative to the package folder): as small as can be, or, with BITS from"
    " 9 to 15, for a board that reads them with 2 ** BITS bytes of RAM and little more."
    " Repeatable; the last one that matches counts.",
)
@click.option(
    "--gzip-window",
    type=click.Choice([BEST, *map(str, WINDOWS)]),
    metavar="BITS",
    help="BITS for each PATTERN that names none.  [default: best, as small as can be]",
)
@click.option(
    "--whole",
    multiple=True,
    metavar="PATTERN",
    help="Store resources that PATTERN names as one object, though they are larger than 100 KiB:"
    " resource_string and resource_buffer copy nothing then, but a firmware build takes longer,"
    " a minute for 1 MB. Repeatable.",
)
@click.option(
    "--immutable",
    multiple=True,
    metavar="PATTERN",
    help="Let browsers keep resources that PATTERN names for a year: their names have a hash of the"
    " content, so other content has another name. Repeatable.",
)
@NO_CACHE
@click.option(
    "--table",
    is_flag=True,
    help="A module whose import takes the same RAM however many resources it holds.",
)
@click.option(
    "--mpy",
    is_flag=True,
    help="Compile: write R.mpy. For MicroPython; CircuitPython has an mpy-cross of its own.",
)
@click.option(
    "--compat",
    metavar="VERSION",
    help="With --mpy: for an older MicroPython, such as 1.22.",
)
@click.option(
    "--package",
    metavar="NAME",
    help="With --mpy: the package as firmware knows it, when R.mpy is frozen; '' is the root."
    "  [default: from the folders' names, up to the last with __init__.py]",
)
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; say what would change, and exit with 1 if anything would.",
)
@click.option(
    "--max-size",
    metavar="SIZE",
    help="Exit with 1, writing nothing, if the resources take more flash, such as '200 KiB'."
    "  [default, without PATHS: key max-size]",
)
@DEPFILE
@JSON
@QUIET
@click.version_option(package_name="pkgres")
def main(**arguments: Any) -> None:
    """Turn PATHS (files, folders, patterns) into the resource module R.py of a package.

    \b
      cd my_app && bin2res data      writes my_app/R.py

    Without PATHS: what the table [tool.pkgres] of pyproject.toml names, in the folder DIR
    or the nearest one above it.

    The app finds them by pkg_resources.resource_stream(__name__, "data/page.html").
    Left out of folders and patterns: Python code, names with a dot in front, the output.

    Exit status: 0 done, 1 over max-size, and nothing was written, or with --check if the
    output would change, 2 refused: nothing was written.
    """
    asked = Asked(**arguments)
    asked.check_usage()
    progress = bar("bin2res", quiet=asked.quiet)
    with exit_status("bin2res"):
        stored, directory, limit = _stored(asked)
        _check_limit(stored, limit)
        output = sys.stdout.buffer if asked.to_stdout else asked.output
        target = Target(directory, output, asked.form)
        if asked.check:
            from .differences import differences  # most runs write

            found = differences(stored, target, progress)
            _report(asked, {"differences": found}, found)
            sys.exit(1 if found else 0)
        path = target.path() or ""
        if asked.depfile is not None:
            check_depfile(asked.depfile, path)
        made = write(stored, target, progress)
        if asked.depfile is not None:
            write_depfile(asked.depfile, path, _inputs(asked, stored), [directory])
    _report(asked, described(made), table(made), made.warnings)


def _stored(asked: Asked) -> tuple[Mapping[str, Stored], str, int | None]:
    """Return the resources as they are stored, the package folder, and max-size in bytes."""
    rules = Rules(
        choices(asked.gzip, "--gzip"),
        whole=patterns(asked.whole, "--whole"),
        immutable=patterns(asked.immutable, "--immutable"),
    )
    window = window_from(asked.gzip_window) if asked.gzip_window else None
    compressor = Compressor(not asked.no_cache, compressing(quiet=asked.quiet))
    limit = limit_of(asked.max_size)
    if asked.paths:
        target = Target(asked.directory, asked.file, asked.form)
        rules = rules._replace(window=window or BEST)
        stored = selected(asked.paths, target, asked.exclude, rules, compressor)
        return stored, asked.directory, limit
    from .app import described_resources  # reads TOML, which takes its time to import

    stored, directory, described_limit = described_resources(
        asked.directory, asked.exclude, rules, window, compressor, asked.file
    )
    return stored, directory, described_limit if limit is None else limit


def _inputs(asked: Asked, stored: Mapping[str, Stored]) -> Iterator[str]:
    """Yield the path of each file that the module is made from."""
    yield from (resource.path for resource in stored.values())
    if not asked.paths:
        from .config import find

        yield find(asked.directory) or ""


def _check_limit(stored: Mapping[str, Stored], limit: int | None) -> None:
    """Raise TooLarge if the resources take more flash than *limit* bytes."""
    if limit is None:
        return
    from .flash import flash_of_resource  # few runs have a limit

    sizes = {name: flash_of_resource(name, r.literals()) for name, r in stored.items()}
    check(sizes, sum(sizes.values()), limit)


def _report(
    asked: Asked, data: Mapping[str, object], lines: Iterable[str], warnings: Iterable[str] = ()
) -> None:
    report(
        "bin2res", data, lines, json_wanted=asked.json_wanted, quiet=asked.quiet, warnings=warnings
    )
