"""The tree to copy to a board: the app, its resources as files, and what it needs."""

from __future__ import annotations

import os

from .compiled import compiled, native_notes
from .how import How
from .layout import Layout
from .quoting import quoted
from .shipment import Shipment


def make(layout: Layout, output: str, how: How, *, mpy: bool = False) -> Shipment:
    """Make the folder *output* hold the tree, with .mpy for .py if *mpy*.

    Raises Bin2resError, and then what was there is as it was.
    """
    tree = layout.on_board()
    if mpy:
        tree = compiled(tree, layout.app.config, how.progress("compiling"))
    sizes = how.board(output, tree)
    tops = sorted({name.split("/")[0] for name in tree})
    copied = " ".join(quoted(os.path.join(output, top)) for top in tops)
    command = f"mpremote cp -r {copied} :"
    then = ("mpremote reset",) if layout.starts else ()
    notes = tuple(native_notes(tree, layout.app.config))
    return Shipment(output, sizes, (command, *then), notes=notes)
