"""The command line of pkgres: arguments in, messages and exit status out."""

from __future__ import annotations

import os
from typing import Any

import click

from ..arguments import DEPFILE, JSON, NO_CACHE, PATH, QUIET
from ..ending import exit_status
from ..errors import shown
from ..keys import WAYS
from ..limit import limit_of
from .options import DIRECTORY, INDEX, MARCH, MAX_SIZE, VERSION, Asked, of_a_way
from .run import description, index_of, layout_of, ship


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


@main.command()
@of_a_way("SITE", "The folder of the site; more apps and versions add to it.")
@VERSION
@MARCH
@click.option(
    "--url",
    metavar="BASE",
    help="The address that the site will have: package.json names the files by it, for mip"
    " before 0.4 (MicroPython up to 1.25.0).",
)
def mip(url: str | None, **options: Any) -> None:
    """Add the app to a static SITE from which mip installs."""
    from .mip import publish

    ship("mip", lambda layout, site, how: publish(layout, site, how, url=url), **options)


@main.command()
@of_a_way("DIST", "The folder for the archive.")
@VERSION
def sdist(**options: Any) -> None:
    """Write NAME-VERSION.tar.gz, for upip."""
    from .sdist import make

    ship("sdist", make, **options)


@main.command()
@of_a_way("DIR", "The folder to make; an older image is replaced.")
@click.option("--mpy", is_flag=True, help="Compile the code: .mpy for .py.")
@MARCH
def image(mpy: bool, **options: Any) -> None:
    """Make the tree to copy to a board."""
    from .image import make

    if options["march"] is not None and not mpy:
        raise click.UsageError("--march goes with --mpy.")
    ship("image", lambda layout, output, how: make(layout, output, how, mpy=mpy), **options)


@main.command()
@of_a_way("DIR", "The folder to make; an older one is replaced.")
@MARCH
@click.option("--table", is_flag=True, help="A resource module like that of bin2res --table.")
@click.option(
    "--include",
    multiple=True,
    type=PATH,
    metavar="MANIFEST",
    help="A manifest to include first, such as '$(PORT_DIR)/boards/manifest.py'; what it freezes"
    " is left out. Repeatable.",
)
@DEPFILE
def freeze(table: bool, include: tuple[str, ...], depfile: str | None, **options: Any) -> None:
    """Stage the app to be frozen, with a manifest for a firmware build."""
    from .freeze import make

    ship(
        "freeze",
        lambda layout, o, how: make(layout, o, how, table=table, include=include, depfile=depfile),
        **options,
    )


@main.command()
@of_a_way("FILE", "The image to write.")
@MARCH
def romfs(**options: Any) -> None:
    """Write a ROMFS image."""
    from .romfs import make

    ship("romfs", make, **options)


@main.command()
@DIRECTORY
@INDEX
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
@MARCH
@NO_CACHE
@MAX_SIZE
@JSON
@QUIET
def size(svg: str | None, since: str | None, ways: tuple[str, ...], **options: Any) -> None:
    """Show what the app costs, in flash and RAM, before it is shipped.

    It shows which ways are over max-size. Exit status: 1 if one of them was named by --way or in
    a table max-size, or if --max-size is given.
    """
    from . import size_report
    from .size import check_limits, measure
    from .treemap import check_target, write

    asked = Asked(**options)
    with exit_status("pkgres"):
        config = description(asked.directory)
        limit = limit_of(asked.max_size)
        old = None if since is None else size_report.read(since)
        if svg is not None:
            check_target(svg)
        layout, _ = layout_of(config, asked, svg)
        found = measure(layout, asked.bar, ways, limit)
        if svg is not None:
            write(found, svg)
    data = size_report.described(found)
    changed = None if old is None else size_report.changes(old, data)
    if not asked.silent:
        size_report.show(found, changed)
    made = [] if svg is None else [f"made {shown(svg)}"]
    asked.report(data if changed is None else {**data, "since": changed}, made)
    named = ways or [way for way in WAYS if limit is not None or way in config.max_size]
    with exit_status("pkgres"):
        check_limits(found, named)


@main.command()
@DIRECTORY
@INDEX
@JSON
@QUIET
def lock(**options: Any) -> None:
    """Write pkgres.lock: which files the dependencies are, by address and SHA-256.

    From then on the other commands take just these, from a cache where they can.
    """
    from ..dependencies.lock import LOCK, moving, write

    asked = Asked(**options)
    with exit_status("pkgres"):
        config = description(asked.directory)
        packages = write(config.dependencies, config.folder, index_of(config, asked.index_given))
    found = [{"name": p.name, "version": p.version, "source": p.source} for p in packages]
    lines = [f"{package.name} {package.version} ({package.source})" for package in packages]
    count = "1 package" if len(packages) == 1 else f"{len(packages)} packages"
    lines.append(f"made {LOCK}: {count}")
    notes = moving(config.dependencies)
    asked.report({"output": LOCK, "packages": found, "notes": notes}, [*lines, *notes])
