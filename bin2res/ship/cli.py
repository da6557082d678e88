"""The command line of pkgres: arguments in, messages and exit status out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from ..app import App, load
from ..config import FILE, read
from ..errors import Bin2resError
from ..report import as_json
from .shipment import Shipment, described, table

_Command = Callable[..., None]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pkgres")
def main() -> None:
    """Take an app with resources to where MicroPython runs it.

    The app is described by the table [tool.pkgres] of pyproject.toml, in the current folder.

    Exit status: 0 done, 2 refused: nothing was written.
    """


def _command(output: str, what: str) -> Callable[[_Command], _Command]:
    """Add what all commands have: where the app is, the output, how to report."""
    options = (
        click.option(
            "-C",
            "--directory",
            default=".",
            metavar="DIR",
            help="The folder of pyproject.toml.  [default: the current one]",
        ),
        click.option("-o", "--output", required=True, metavar=output, help=what),
        click.option(
            "--json", "json_wanted", is_flag=True, help="Report as JSON on standard output."
        ),
        click.option("-q", "--quiet", is_flag=True, help="No report."),
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

    _ship(lambda app, site: publish(app, site, url=url), **common)


@_command("DIST", "The folder for the archive.")
def sdist(**common: Any) -> None:
    """Write NAME-VERSION.tar.gz, for upip."""
    from .sdist import make

    _ship(make, **common)


@_command("DIR", "The folder to make; an older image is replaced.")
@click.option("--mpy", is_flag=True, help="Compile the code: .mpy for .py.")
def image(mpy: bool, **common: Any) -> None:
    """Make the tree to copy to a board."""
    from .image import make

    _ship(lambda app, output: make(app, output, mpy=mpy), **common)


@_command("DIR", "The folder to make; an older one is replaced.")
@click.option("--table", is_flag=True, help="A resource module like that of bin2res --table.")
@click.option(
    "--include",
    multiple=True,
    metavar="MANIFEST",
    help="A manifest to include first, such as '$(PORT_DIR)/boards/manifest.py'. Repeatable.",
)
def freeze(table: bool, include: tuple[str, ...], **common: Any) -> None:
    """Stage the app to be frozen, with a manifest for a firmware build."""
    from .freeze import make

    _ship(lambda app, output: make(app, output, table=table, include=include), **common)


@_command("FILE", "The image to write.")
def romfs(**common: Any) -> None:
    """Write a ROMFS image."""
    from .romfs import make

    _ship(make, **common)


def _ship(
    make: Callable[[App, str], Shipment],
    *,
    directory: str,
    output: str,
    json_wanted: bool,
    quiet: bool,
) -> None:
    import os

    try:
        config = read(os.path.normpath(os.path.join(directory, FILE)))
        made = make(load(config, output), output)
    except Bin2resError as error:
        click.echo(f"pkgres: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    for warning in made.warnings:
        click.echo(f"pkgres: warning: {warning}", err=True)
    if json_wanted:
        click.echo(as_json(described(made)))
    elif not quiet:
        click.echo("\n".join(table(made)), err=True)
