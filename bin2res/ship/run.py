"""A run of a command that ships: from the description of the app to the report."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from ..app import load
from ..config import FILE, Config, find, read
from ..ending import exit_status
from ..errors import Bin2resError
from ..hashed_names import hint_at_hashes
from ..limit import limit_of
from ..mpy import check_architecture
from .how import How
from .layout import Layout, laid_out
from .options import Asked
from .shipment import Shipment, described, next_lines, table


def ship(way: str, make: Callable[[Layout, str, How], Shipment], **options: Any) -> None:
    """Ship the app by *make*, the command named *way*, and report."""
    asked = Asked(**options)
    with exit_status("pkgres"):
        config = description(asked.directory)
        if asked.version is not None:
            config = config._replace(version=asked.version)
        limit = config.limit(way) if asked.max_size is None else limit_of(asked.max_size)
        layout, notes = layout_of(config, asked, asked.output)
        made = make(layout, asked.output, How(asked.force, asked.dry, asked.bar, limit))
    left = {**layout.app.left, **made.left}
    made = made._replace(left=left, notes=(*made.notes, *notes), python=layout.python_resources())
    asked.report(described(made), table(made, dry=asked.dry), made.warnings)
    if not (asked.silent or asked.dry):
        for line in next_lines(made):
            click.echo(line, err=True)


def description(directory: str) -> Config:
    """Return the description of the app in *directory* or above. Raises Bin2resError."""
    file = find(directory)
    if file is None:
        raise Bin2resError(
            f"no {FILE} with a table [tool.pkgres] here or above; add it, if only empty"
        )
    return read(file)


def layout_of(config: Config, asked: Asked, output: str | None = None) -> tuple[Layout, list[str]]:
    """Return where the files of an app go, and notes; none of them is in the *output*.

    Raises Bin2resError.
    """
    from .apart import check_apart

    if asked.march is not None:
        check_architecture(asked.march, "--march")
        config = config._replace(compiling=config.compiling._replace(march=asked.march))
    app = load(config, asked.compressor())
    dependencies, notes = _dependencies(config, index_of(config, asked.index_given))
    if output is not None:
        check_apart(app, dependencies.values(), output)
    layout = laid_out(app, dependencies)
    if "pkgres/static.py" in layout.needed and not config.immutable:
        notes += hint_at_hashes(app.resources)
    return layout, notes


def index_of(config: Config, given: Sequence[str]) -> tuple[str, ...]:
    """Return where names are looked up; folders that were *given* are relative to the current."""
    if not given:
        return config.indexes
    return tuple(index if "://" in index else os.path.abspath(index) for index in given)


def _dependencies(config: Config, index: Sequence[str]) -> tuple[Mapping[str, str], list[str]]:
    """Return the path of each file of the dependencies by its path below lib, and notes."""
    if not config.dependencies:
        return {}, []
    from ..dependencies.lock import locked
    from ..dependencies.resolve import merged

    return merged(locked(config.dependencies, config.folder, index))
