"""The files of an app, and those of pkgres, as they lie in the lib folder of a board."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import version

from ..app import App
from ..mpy import compile_file
from ..read import content_of

Tree = dict[str, bytes]  # content by path below lib, with /

_LIBRARY = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(__file__))), "pkgres")
LIBRARY_PACKAGE, LIBRARY_MODULE = "pkgres", "pkg_resources.py"


def code(app: App, *, mpy: bool) -> Tree:
    """Return the code of the app, compiled if *mpy*. Raises Bin2resError where that fails."""
    return _taken({f"{app.config.package}/{name}": path for name, path in app.code.items()}, mpy)


def data(app: App) -> Tree:
    """Return the resources of the app as files, those that are stored compressed so."""
    package = app.config.package
    return {f"{package}/{name}": stored.content() for name, stored in app.resources.items()}


def library(*, mpy: bool) -> Tree:
    """Return pkgres itself, and the module by whose name an app imports it."""
    files = {
        f"{LIBRARY_PACKAGE}/{entry}": os.path.join(_LIBRARY, entry)
        for entry in sorted(os.listdir(_LIBRARY))
        if entry.endswith(".py") and entry != LIBRARY_MODULE
    }
    files[LIBRARY_MODULE] = os.path.join(_LIBRARY, LIBRARY_MODULE)
    return _taken(files, mpy)


def library_version() -> str:
    """Return the version of pkgres."""
    return version("pkgres")


def sizes(files: Mapping[str, bytes], prefix: str = "") -> dict[str, int]:
    """Return the size of each file, by its path with *prefix* in front."""
    return {prefix + name: len(content) for name, content in files.items()}


def _taken(files: Mapping[str, str], mpy: bool) -> Tree:
    taken: Tree = {}
    for name, path in files.items():
        if mpy and name.endswith(".py"):
            taken[name[:-3] + ".mpy"] = compile_file(path, name)
        else:
            taken[name] = content_of(path)
    return taken
