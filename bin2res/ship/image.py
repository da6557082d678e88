"""The tree to copy to a board: the app, its resources as files, and what it needs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from ..errors import printable
from ..record import read_if_whole
from .compiled import compiled, native_notes
from .how import How
from .layout import Layout
from .published import folders_of
from .quoting import exec_line, literal, quoted
from .shipment import Shipment

_SHOWN = 5  # names in a note
_AT_ONCE = 20  # names in a command: a line of cmd.exe has 8,191 characters
_REMOVE = """\
import os
for n in ({names}):
 for f in os.remove, os.rmdir:
  try: f(n)
  except OSError: pass"""


def make(layout: Layout, output: str, how: How, *, mpy: bool = False) -> Shipment:
    """Make the folder *output* hold the tree, with .mpy for .py if *mpy*.

    Raises Bin2resError, and then what was there is as it was.
    """
    tree = layout.on_board()
    if mpy:
        tree = compiled(tree, layout, how.progress("compiling"))
    sizes = how.board(output, tree)
    record = read_if_whole(os.path.realpath(output))  # after a dry run, that of the older image
    gone = record.gone_after(tree) if record else ()
    tops = sorted({name.split("/")[0] for name in tree})
    copied = " ".join(quoted(os.path.join(output, top)) for top in tops)
    command = f"mpremote cp -r {copied} :"
    then = ("mpremote reset",) if layout.starts else ()
    notes = (*native_notes(tree, layout.app.config), *_notes(gone))
    return Shipment(output, sizes, (*_removing(gone, tree), command, *then), notes=notes)


def _notes(gone: Sequence[str]) -> Iterator[str]:
    if gone:
        more = f" and {len(gone) - _SHOWN:,} more" if len(gone) > _SHOWN else ""
        names = ", ".join(map(printable, gone[:_SHOWN]))
        yield (
            f"no longer in the image: {names}{more};"
            " the commands before mpremote cp remove them from the board"
        )


def _removing(gone: Iterable[str], tree: Iterable[str]) -> Iterator[str]:
    """Yield the commands that remove from a board what is *gone*, if it is there.

    ``mpremote rm`` would end at the first file that is not there, and leave empty folders,
    which hide a module of the same name.
    """
    folders = folders_of(gone) - folders_of(tree)
    names = [*gone, *sorted(folders, reverse=True)]  # what is below a folder comes first
    for start in range(0, len(names), _AT_ONCE):
        listed = "".join(f"{literal(name)}," for name in names[start : start + _AT_ONCE])
        yield exec_line(_REMOVE.format(names=listed))
