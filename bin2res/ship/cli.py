"""The command line of pkgres: arguments in, messages and exit status out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import click

from ..app import load
from ..arguments import PATH
from ..compress import Compressor
from ..config import FILE, WAYS, Config, find, read
from ..errors import Bin2resError, shown
from ..limit import TooLarge, bytes_of
from ..progress import bar, compressing
from ..report import as_json
from .how import How
from .layout import Layout, laid_out
from .shipment import Shipment, described, next_lines, table

_Command = Callable[..., None]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pkgres")
def main() -> None:
    """Take an app with resources to where MicroPython runs it.

    The app is described by the table [tool.pkgres] of pyproject.toml, here or in the nearest
    folder above.

    Exit status: 0 done, 1 over max-size, and nothing was written, or the report cannot be
    shown, 2 refused: nothing was written.
    """


@main.command()
def manifest() -> None:
    """Print the path of the manifest that freezes pkgres, for include() in a board's own."""
    click.echo(os.path.join(os.path.dirname(os.path.dirname(__file__)), "device", "manifest.py"))


_DIRECTORY = click.option(
    "-C",
    "--directory",
    default=".",
    type=PATH,
    metavar="DIR",
    help="Where to look for pyproject.toml, there and above.  [default: the current folder]",
)
_INDEX = click.option(
    "--index",
    metavar="INDEX",
    help="Address of the index for dependencies, or its folder, relative to the current one."
    "  [default: key index, else mip's own]",
)
_JSON = click.option(
    "--json", "json_wanted", is_flag=True, help="Report as JSON on standard output."
)
_NO_CACHE = click.option(
    "--no-cache",
    is_flag=True,
    help="Compress anew what was compressed before, and keep nothing in the user's cache.",
)
_MAX_SIZE = click.option(
    "--max-size",
    metavar="SIZE",
    help="Exit with 1, writing nothing, if the app takes more flash, such as 200000 or '200 KiB'."
    "  [default: key max-size]",
)
_QUIET = click.option(
    "-q", "--quiet", is_flag=True, help="No report and no progress, only warnings and errors."
)


def _command(output: str, what: str) -> Callable[[_Command], _Command]:
    """Add what all ways have: where the app is, the output, how to report."""
    options = (
        _DIRECTORY,
        click.option("-o", "--output", required=True, type=PATH, metavar=output, help=what),
        _INDEX,
        click.option("-n", "--dry-run", "dry", is_flag=True, help="Write nothing; report it all."),
        click.option(
            "--force",
            is_flag=True,
            help="Replace what was changed by hand in the output, and keep what others put there.",
        ),
        _NO_CACHE,
        _MAX_SIZE,
        _JSON,
        _QUIET,
    )

    def add(function: _Command) -> _Command:
        for option in reversed(options):
            function = option(function)
        return main.command()(function)

    return add


@_command("SITE", "The folder of the site; more apps and versions add to it.")
@click.option(
    "--url",
    metavar="BASE",
    help="The address that the site will have: package.json names the files by it, for mip"
    " before 0.4 (MicroPython up to 1.25.0).",
)
def mip(url: str | None, **common: Any) -> None:
    """Add the app to a static SITE from which mip installs."""
    from .mip import publish

    _ship("mip", lambda layout, site, how: publish(layout, site, how, url=url), **common)


@_command("DIST", "The folder for the archive.")
def sdist(**common: Any) -> None:
    """Write NAME-VERSION.tar.gz, for upip."""
    from .sdist import make

    _ship("sdist", make, **common)


@_command("DIR", "The folder to make; an older image is replaced.")
@click.option("--mpy", is_flag=True, help="Compile the code: .mpy for .py.")
def image(mpy: bool, **common: Any) -> None:
    """Make the tree to copy to a board."""
    from .image import make

    _ship("image", lambda layout, output, how: make(layout, output, how, mpy=mpy), **common)


@_command("DIR", "The folder to make; an older one is replaced.")
@click.option("--table", is_flag=True, help="A resource module like that of bin2res --table.")
@click.option(
    "--include",
    multiple=True,
    type=PATH,
    metavar="MANIFEST",
    help="A manifest to include first, such as '$(PORT_DIR)/boards/manifest.py'. Repeatable.",
)
def freeze(table: bool, include: tuple[str, ...], **common: Any) -> None:
    """Stage the app to be frozen, with a manifest for a firmware build."""
    from .freeze import make

    _ship(
        "freeze",
        lambda layout, o, how: make(layout, o, how, table=table, include=include),
        **common,
    )


@_command("FILE", "The image to write.")
def romfs(**common: Any) -> None:
    """Write a ROMFS image."""
    from .romfs import make

    _ship("romfs", make, **common)


@main.command()
@_DIRECTORY
@_INDEX
@click.option("--svg", type=PATH, metavar="FILE", help="Write a picture of it, too: a treemap.")
@click.option(
    "--since",
    type=PATH,
    metavar="OLD",
    help="Tell what grew since the file OLD, which --json wrote for an older app.",
)
@click.option(
    "--way",
    "ways",
    multiple=True,
    type=click.Choice([way for way in WAYS if way != "bin2res"]),
    help="Only this way to a board: its size, and its limit. Repeatable.  [default: all]",
)
@_NO_CACHE
@_MAX_SIZE
@_JSON
@_QUIET
def size(
    directory: str,
    index: str | None,
    svg: str | None,
    since: str | None,
    ways: tuple[str, ...],
    no_cache: bool,
    max_size: str | None,
    json_wanted: bool,
    quiet: bool,
) -> None:
    """Tell what the app costs, in flash and RAM, before it is shipped."""
    from . import size_report
    from .size import check_limits, measure
    from .treemap import check_target, write

    silent = quiet or json_wanted
    compressor = Compressor(not no_cache, compressing(quiet=silent))
    try:
        config = _described(directory)
        limit = _limit(max_size)
        old = None if since is None else size_report.read(since)
        if svg is not None:
            check_target(svg)
        layout, _ = _laid_out(config, index, compressor, svg)
        found = measure(layout, lambda label: bar(label, quiet=silent), ways)
        check_limits(found, config, limit, ways)
        if svg is not None:
            write(found, svg)
    except TooLarge as error:
        _over(error)
    except Bin2resError as error:
        _refuse(error)
    described = size_report.described(found)
    changed = None if old is None else size_report.changes(old, described)
    if json_wanted:
        click.echo(as_json(described if changed is None else {**described, "since": changed}))
    elif not quiet:
        size_report.show(found, changed)
        if svg is not None:
            click.echo(f"made {shown(svg)}", err=True)


@main.command()
@_DIRECTORY
@_INDEX
@_JSON
@_QUIET
def lock(directory: str, index: str | None, json_wanted: bool, quiet: bool) -> None:
    """Write pkgres.lock: which files the dependencies are, by address and SHA-256.

    From then on the other commands take just these, from a cache where they can.
    """
    from ..dependencies.lock import LOCK, write

    try:
        config = _described(directory)
        packages = write(config.dependencies, config.folder, _index(config, index))
    except Bin2resError as error:
        _refuse(error)
    if json_wanted:
        found = [{"name": p.name, "version": p.version, "source": p.source} for p in packages]
        click.echo(as_json({"output": LOCK, "packages": found}))
    elif not quiet:
        for package in packages:
            click.echo(f"{package.name} {package.version} ({package.source})", err=True)
        count = "1 package" if len(packages) == 1 else f"{len(packages)} packages"
        click.echo(f"made {LOCK}: {count}", err=True)


def _ship(
    way: str,
    make: Callable[[Layout, str, How], Shipment],
    *,
    directory: str,
    output: str,
    index: str | None,
    dry: bool,
    force: bool,
    no_cache: bool,
    max_size: str | None,
    json_wanted: bool,
    quiet: bool,
) -> None:
    silent = quiet or json_wanted
    compressor = Compressor(not no_cache, compressing(quiet=silent))
    try:
        config = _described(directory)
        limit = config.limit(way) if max_size is None else _limit(max_size)
        how = How(force, dry, lambda label: bar(label, quiet=silent), limit)
        made = _made(make, config, output, index, how, compressor)
    except TooLarge as error:
        _over(error)
    except Bin2resError as error:
        _refuse(error)
    if json_wanted:
        click.echo(as_json(described(made)))
    elif not quiet:
        click.echo("\n".join(table(made, dry=dry)), err=True)
    for warning in made.warnings:
        click.echo(f"pkgres: warning: {warning}", err=True)
    if not (json_wanted or quiet or dry):
        for line in next_lines(made):
            click.echo(line, err=True)


def _made(
    make: Callable[[Layout, str, How], Shipment],
    config: Config,
    output: str,
    index: str | None,
    how: How,
    compressor: Compressor,
) -> Shipment:
    layout, notes = _laid_out(config, index, compressor, output)
    made = make(layout, output, how)
    return made._replace(left=layout.app.left, notes=(*made.notes, *notes))


def _laid_out(
    config: Config, index: str | None, compressor: Compressor, output: str | None = None
) -> tuple[Layout, list[str]]:
    """Return where the files of an app go, and notes; none of them is in the *output*."""
    from .apart import check_apart

    app = load(config, compressor)
    dependencies, notes = _dependencies(config, index)
    if output is not None:
        check_apart(app, dependencies.values(), output)
    return laid_out(app, dependencies), notes


def _dependencies(config: Config, index: str | None) -> tuple[Mapping[str, str], list[str]]:
    """Return the path of each file of the dependencies by its path below lib, and notes."""
    if not config.dependencies:
        return {}, []
    from ..dependencies.lock import locked
    from ..dependencies.resolve import merged

    return merged(locked(config.dependencies, config.folder, _index(config, index)))


def _index(config: Config, given: str | None) -> str:
    """Return where names are looked up; a folder that was *given* is relative to the current."""
    if given is None:
        return config.index_at
    return given if "://" in given else os.path.abspath(given)


def _described(directory: str) -> Config:
    file = find(directory)
    if file is None:
        raise Bin2resError(
            f"no {FILE} with a table [tool.pkgres] here or above; add it, if only empty"
        )
    return read(file)


def _limit(text: str | None) -> int | None:
    """Return the bytes that --max-size means. Raises Bin2resError."""
    try:
        return None if text is None else bytes_of(text)
    except ValueError as error:
        raise Bin2resError(f"--max-size {error}") from None


def _over(error: TooLarge) -> NoReturn:
    click.echo(f"pkgres: {error}", err=True)
    sys.exit(1)


def _refuse(error: Bin2resError) -> NoReturn:
    click.echo(f"pkgres: {error}", err=True)
    sys.exit(2)
