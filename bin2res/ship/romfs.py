"""A ROMFS image: code compiled, resources as files, read where they are in flash."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from importlib.util import find_spec

from ..errors import Bin2resError
from .compiled import compiled
from .content import Tree, written
from .how import How
from .layout import Layout
from .shipment import Shipment
from .single import check_file, put_file
from .staging import Staging, staging

_START_FLAT = "import os; os.chdir('/rom'); exec(open('main.py').read())"
_START = "exec(open('/rom/main.py').read())"


def make(layout: Layout, output: str, how: How) -> Shipment:
    """Write the image to the file *output*, by mpremote's own writer.

    Raises Bin2resError, and then an older image is as it was.
    """
    if find_spec("mpremote") is None:
        raise Bin2resError("mpremote is not installed; pip install mpremote")
    tree = compiled(layout.on_board(), how.progress("compiling"))
    for name in tree:
        if not name.isascii():
            raise Bin2resError(f"{name!a}: ROMFS takes names in ASCII only; rename it")
    path = os.path.realpath(output)
    check_file(path, force=how.force)
    overhead = 0  # not known before the image is made
    if how.dry:
        sizes = how.folder(output, tree)
    else:
        with staging(path) as place:
            check_file(path, force=how.force)  # again, now that no other run writes it
            os.mkdir(place.new)
            sizes, _ = written(tree, place.new, how.progress("writing"))
            image = _built(place, tree)
            overhead = os.path.getsize(image) - sum(sizes.values())
            put_file(place, image, path)
    return Shipment(output, sizes, tuple(_next(layout, output)), overhead=overhead)


def _built(place: Staging, tree: Tree) -> str:
    """Have mpremote make the image of the folder *place*.new; return its path."""
    # In a folder of a new name: mpremote may outlive a run that is killed, and goes on writing.
    image = os.path.join(tempfile.mkdtemp(dir=place.path), "image")
    # Compiled already, with names that do not depend on this folder.
    command = ["romfs", "--no-mpy", "--output", image, "build", place.new]
    result = subprocess.run(
        [sys.executable, "-m", "mpremote", *command],
        cwd=place.path,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if result.returncode or not os.path.exists(image):
        said = (result.stderr.strip() or result.stdout.strip()).splitlines() or ["no reason given"]
        raise Bin2resError(f"mpremote made no image: {said[-1]}")
    return image


def _next(layout: Layout, output: str) -> list[str]:
    commands = [f"mpremote romfs deploy {shlex.quote(output)}"]
    if layout.starts:
        # Firmware runs no main.py of a ROMFS, but one on the board's filesystem.
        start = _START_FLAT if layout.app.config.is_flat else _START
        line = f'open("main.py", "w").write({start!a})'
        commands += [f"mpremote exec {shlex.quote(line)}", "mpremote reset"]
    return commands
