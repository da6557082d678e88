"""The command line of bin2res: arguments in, messages and exit status out."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from .arguments import PATH
from .bundling import Form, bundle_stored, differences_stored, selected
from .choice import Rules, choices, window_from
from .compress import Compressor
from .encode import BEST, WINDOWS, Window
from .errors import Bin2resError
from .limit import TooLarge, bytes_of
from .limit import check as check_size
from .progress import bar, compressing
from .report import as_json, described
from .report import table as report_table
from .stored import Stored


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
    help="BITS for each PATTERN without.  [default: best, as small as can be]",
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
    "--no-cache",
    is_flag=True,
    help="Compress anew what was compressed before, and keep nothing in the user's cache.",
)
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
@click.option("--json", "json_wanted", is_flag=True, help="Report as JSON on standard output.")
@click.option("-q", "--quiet", is_flag=True, help="No report, no progress bar.")
@click.version_option(package_name="pkgres")
def main(
    paths: tuple[str, ...],
    directory: str,
    output: str | None,
    exclude: tuple[str, ...],
    gzip: tuple[str, ...],
    gzip_window: str | None,
    whole: tuple[str, ...],
    no_cache: bool,
    table: bool,
    mpy: bool,
    compat: str | None,
    package: str | None,
    check: bool,
    max_size: str | None,
    json_wanted: bool,
    quiet: bool,
) -> None:
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
    to_stdout = output == "-"
    if to_stdout and (check or json_wanted):
        raise click.UsageError("-o - takes standard output: --check and --json need a file.")
    if not mpy and (compat is not None or package is not None):
        raise click.UsageError("--compat and --package go with --mpy.")
    form = Form(table, mpy, compat, package)
    progress = bar("bin2res", quiet=quiet)
    compressor = Compressor(not no_cache, compressing(quiet=quiet))
    window = window_from(gzip_window) if gzip_window else None
    limit = None
    try:
        rules = Rules(choices(gzip, "--gzip"), whole=whole)
        if paths:
            stored = selected(
                paths,
                directory=directory,
                output=None if to_stdout else output,
                exclude=exclude,
                rules=rules._replace(window=window or BEST),
                form=form,
                compressor=compressor,
            )
        else:
            stored, directory, limit = _described(directory, exclude, rules, window, compressor)
        if max_size is not None:
            limit = _bytes(max_size)
        if limit is not None:
            from .flash import flash_of_resource  # few runs have a limit

            sizes = {name: flash_of_resource(name, r.literals()) for name, r in stored.items()}
            check_size(sizes, sum(sizes.values()), limit)
        if check:
            found = differences_stored(
                stored, directory=directory, output=output, form=form, progress=progress
            )
            if json_wanted:
                click.echo(as_json({"differences": found}))
            elif found and not quiet:
                click.echo("\n".join(found), err=True)
            sys.exit(1 if found else 0)
        made = bundle_stored(
            stored,
            directory=directory,
            output=sys.stdout.buffer if to_stdout else output,
            form=form,
            progress=progress,
        )
    except TooLarge as error:
        click.echo(f"bin2res: {error}", err=True)
        sys.exit(1)
    except Bin2resError as error:
        click.echo(f"bin2res: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)  # as a shell has it; 1 is for --check
    for warning in made.warnings:
        click.echo(f"bin2res: warning: {warning}", err=True)
    if json_wanted:
        click.echo(as_json(described(made)))
    elif not quiet:
        click.echo("\n".join(report_table(made)), err=True)


def _bytes(max_size: str) -> int:
    try:
        return bytes_of(max_size)
    except ValueError as error:
        raise Bin2resError(f"--max-size {error}") from None


def _described(
    folder: str,
    exclude: Sequence[str],
    rules: Rules,
    window: Window | None,
    compressor: Compressor,
) -> tuple[dict[str, Stored], str, int | None]:
    from .app import described_resources  # reads TOML, which takes its time to import

    return described_resources(folder, exclude, rules, window, compressor)
