"""An app as it is shipped: the code of its package, and its resources as they are stored."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .config import EVERYTHING, FILE, Config, find, read
from .errors import Bin2resError, NothingFound, printable, reason, shown
from .select import patterns_spec, select
from .stored import Stored, store

MODULES = ("R.py", "R.mpy")  # made from the resources, so they are never taken as code


class App(NamedTuple):
    """What is in a package; names are relative to its folder, with ``/``."""

    config: Config
    code: dict[str, str]
    """Path of each file of code, by name, sorted."""
    resources: dict[str, Stored]
    """What each resource is stored as, by the name it is stored under, sorted."""
    warnings: tuple[str, ...]
    """What its developer should know, a line each."""


def load(config: Config, output: str) -> App:
    """Return the app that *config* describes, to be shipped to the path *output*.

    Raises Bin2resError, naming the file and the key, for what matches nothing; and where
    the output would lie in the package, and be shipped with it the next time.
    """
    folder = os.path.realpath(config.directory)
    is_project = folder == os.path.realpath(os.path.dirname(config.file) or ".")
    if not is_project and os.path.join(os.path.realpath(output), "").startswith(folder + os.sep):
        raise Bin2resError(
            f"{shown(output)}: is in the package {shown(config.directory)}; name another with -o"
        )
    warnings: list[str] = []
    code = dict(sorted(_code(config, config.directory, "", warnings)))
    return App(config, code, resources(config), tuple(warnings))


def resources(config: Config) -> dict[str, Stored]:
    """Return what each resource is stored as, by the name it is stored under, sorted.

    Raises Bin2resError like `load`.
    """
    files: dict[str, str] = {}
    for pattern in config.resources:
        try:
            files |= select([pattern], config.directory, config.exclude)
        except Bin2resError as error:
            if config.resources == EVERYTHING and isinstance(error, NothingFound):
                break  # no app must have resources
            raise Bin2resError(f"{config.key('resources')}: {error}") from error
    return store(files, config.gzip, config.gzip_window, config.key("gzip")) if files else {}


def described_resources(
    folder: str, exclude: Sequence[str], gzip: Sequence[str], window: int | None
) -> tuple[dict[str, Stored], str]:
    """Return the resources of the app described in *folder* or above, and its package folder.

    The patterns *exclude* and *gzip* come on top of those of the description, *window* in
    the place of its. Raises Bin2resError where there is no description, and like `load`.
    """
    file = find(folder)
    if file is None:
        raise Bin2resError(
            f"no PATHS, and no {FILE} with a table [tool.pkgres] here or above; name the files"
        )
    config = read(file)
    config = config._replace(
        exclude=(*config.exclude, *exclude),
        gzip=(*config.gzip, *gzip),
        gzip_window=window or config.gzip_window,
    )
    found = resources(config)
    if not found:
        raise Bin2resError(f"{config.key('resources')}: there is none in {shown(config.directory)}")
    return found, config.directory


def _code(
    config: Config, folder: str, prefix: str, warnings: list[str]
) -> Iterator[tuple[str, str]]:
    """Yield the code in a folder of the package and in the packages below it."""
    excluded = patterns_spec(config.key("exclude"), config.exclude) if config.exclude else None
    try:
        entries = sorted(os.listdir(folder))
    except OSError as error:
        raise Bin2resError(f"{shown(folder)}: cannot be read: {reason(error)}") from error
    for entry in entries:
        path, name = os.path.join(folder, entry), prefix + entry
        if entry.startswith(".") or entry in (*MODULES, "__pycache__"):
            continue
        if excluded is not None and excluded.match_file(name + "/" * os.path.isdir(path)):
            continue
        if os.path.isfile(path) and entry.endswith((".py", ".mpy")):
            yield printable(name), path
        elif os.path.isfile(os.path.join(path, "__init__.py")):
            yield from _code(config, path, name + "/", warnings)
        elif (
            os.path.isdir(path)
            and _holds_code(path)
            and config.directory != os.path.dirname(config.file)
        ):
            warnings.append(f"{shown(path)} holds code, but no __init__.py: left out")


def _holds_code(folder: str) -> bool:
    return any(entry.endswith((".py", ".mpy")) for entry in os.listdir(folder))
