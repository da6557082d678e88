"""The tree to copy to a board: the app, its resources as files, and pkgres."""

from __future__ import annotations

import os
import shlex

from ..app import App
from .folder import replace_folder
from .shipment import Shipment
from .tree import LIBRARY_PACKAGE, Tree, code, data, library, sizes


def files(app: App, *, mpy: bool) -> Tree:
    """Return what a board gets, by path from its root; code compiled if *mpy*."""
    below = {**code(app, mpy=mpy), **data(app), **library(mpy=mpy)}
    return {f"lib/{name}": content for name, content in sorted(below.items())}


def make(app: App, output: str, *, mpy: bool = False) -> Shipment:
    """Make the folder *output* hold the tree, with .mpy for .py if *mpy*.

    Raises Bin2resError, and then what was there is as it was.
    """
    tree = files(app, mpy=mpy)
    owned = (
        f"lib/{app.config.package}/",
        f"lib/{LIBRARY_PACKAGE}/",
        "lib/pkg_resources.py",
        "lib/pkg_resources.mpy",
    )
    replace_folder(output, tree, owned)
    command = f"mpremote cp -r {shlex.quote(os.path.join(output, 'lib'))} :"
    return Shipment(output, sizes(tree), (command,), warnings=app.warnings)
