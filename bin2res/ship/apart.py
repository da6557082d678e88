"""See that an output and the sources of an app do not contain each other."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache

from ..app import App
from ..dependencies.wanted import is_local
from ..errors import Bin2resError, shown
from ..system import Identity, identity, is_in


def check_apart(app: App, others: Iterable[str], output: str) -> None:
    """Raise Bin2resError if the *output* contains a source of *app*, or a source contains it.

    *others* are the paths of further files that are taken. Where the code is in the folder
    of pyproject.toml, an output may be in that folder, too, but in no folder of it from
    which anything is taken.
    """
    if not output:
        raise Bin2resError("-o: is empty; name the output")
    real = os.path.realpath(output)
    if is_in(os.path.realpath(app.config.file), real):
        raise Bin2resError(f"{shown(output)}: holds {shown(app.config.file)}; name another with -o")
    project = os.path.realpath(app.config.directory)
    if not app.config.is_project and is_in(real, project):
        raise Bin2resError(
            f"{shown(output)}: is in the package {shown(app.config.directory)};"
            " name another with -o"
        )
    stored = [stored.path for stored in app.resources.values()]
    taken = {*app.code.values(), *stored, *others}
    folders = {os.path.dirname(path) for path in taken}
    real_folders = {os.path.realpath(folder) for folder in folders}
    real_folders |= {os.path.dirname(os.path.realpath(p)) for p in taken if os.path.islink(p)}
    for folder in sorted(real_folders):
        if is_in(folder, real):
            raise Bin2resError(
                f"{shown(output)}: holds sources of the app ({shown(folder)});"
                " name another folder with -o"
            )
    if os.path.exists(real) and any(_identity(path) == _identity(real) for path in taken):
        raise Bin2resError(f"{shown(output)}: is a source of the app; name another with -o")
    own = {os.path.realpath(os.path.dirname(path)) for path in (*app.code.values(), *stored)}
    needed = {os.path.realpath(folder) for folder in _local_folders(app)}
    _check_not_below(output, real, (own - {project}) | needed)


def _local_folders(app: App) -> Iterator[str]:
    """Yield the folders on this host of which all is taken: dependencies, and resources."""
    yield from app.config.folders()[1:]
    for dependency in app.config.dependencies:
        path = os.path.join(app.config.folder, dependency.source)
        if is_local(dependency.source) and os.path.isdir(path):
            yield path


def _check_not_below(output: str, real: str, folders: Iterable[str]) -> None:
    """Refuse an output in a folder that things are taken from, or that holds one."""
    for folder in sorted(folders):
        if is_in(real, folder):
            raise Bin2resError(
                f"{shown(output)}: is in {shown(folder)}, which is shipped; name another with -o"
            )


@lru_cache(maxsize=100_000)
def _identity(path: str) -> Identity | None:
    try:
        return identity(path)
    except OSError:
        return None
