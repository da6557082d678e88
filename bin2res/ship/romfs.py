"""A ROMFS image: code compiled, resources as files, read where they are in flash."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from importlib.util import find_spec

from .. import system
from ..errors import Bin2resError, Problems, shown
from .compiled import compiled, native_notes
from .content import written
from .how import How
from .layout import Layout
from .quoting import quoted
from .shipment import Shipment
from .single import check_file, put_file
from .staging import staging

_HEADER = 3  # bytes
_START_FLAT = "import os; os.chdir('/rom'); exec(open('main.py').read())"
_START = "exec(open('/rom/main.py').read())"


def make(layout: Layout, output: str, how: How) -> Shipment:
    """Write the image to the file *output*, by mpremote's own writer.

    Raises Bin2resError, and then an older image is as it was.
    """
    if output.endswith(("/", os.sep)):
        raise Bin2resError(f"{shown(output)}: is the name of a folder; name a file with -o")
    if find_spec("mpremote") is None:
        raise Bin2resError("mpremote is not installed; pip install mpremote")
    tree = compiled(layout.on_board(), layout, how.progress("compiling"))
    check_names(tree)
    path = os.path.realpath(output)
    check_file(path, force=how.force)
    if how.dry:
        sizes = how.sizes(tree)
        overhead = image_size(sizes) - sum(sizes.values())
        how.check(sizes, overhead)
    else:
        with staging(path) as place:
            check_file(path, force=how.force)  # again, now that no other run writes it
            os.mkdir(place.new)
            sizes, _ = written(tree, place.new, how.progress("writing"))
            image = _built(place.new, place.path)
            overhead = os.path.getsize(image) - sum(sizes.values())
            how.check(sizes, overhead)
            put_file(place, image, path)
    notes = tuple(native_notes(tree, layout.app.config))
    return Shipment(output, sizes, tuple(_next(layout, output)), notes=notes, overhead=overhead)


def check_names(paths: Iterable[str]) -> None:
    """Raise Bin2resError for paths that an image cannot hold."""
    problems = Problems()
    for path in paths:
        if not path.isascii():
            why = "ROMFS takes names in ASCII only; rename it"
            problems.add(Bin2resError(f"{path!a}: {why}"))
    problems.check()


def image_size(sizes: Mapping[str, int]) -> int:
    """Return the bytes of an image that holds files of these *sizes*, by their path.

    The format is described in MicroPython's source, extmod/vfs_rom.c: records of a kind, a
    length and a payload.
    """
    payloads = {"": 0}  # of folders
    for path in sizes:
        above = path.rpartition("/")[0]
        while above not in payloads:
            payloads[above] = 0
            above = above.rpartition("/")[0]
    for path, size in sizes.items():
        folder, _, name = path.rpartition("/")
        payloads[folder] += _record(_named(name) + _record(size))
    for path in sorted(payloads, key=lambda path: -path.count("/")):
        if path:  # those below come first
            folder, _, name = path.rpartition("/")
            payloads[folder] += _record(_named(name) + payloads[path])
    size = _HEADER + _number(payloads[""]) + payloads[""]
    return size + size % 2


def _record(payload: int) -> int:
    return 1 + _number(payload) + payload


def _named(name: str) -> int:
    return _number(len(name)) + len(name)


def _number(value: int) -> int:
    """Return the bytes of a number: seven bits each."""
    return max(1, -(-value.bit_length() // 7))


def _built(source: str, folder: str) -> str:
    """Have mpremote make the image of the folder *source*; return its path, below *folder*."""
    # In a folder of a new name: mpremote may outlive a run that is killed, and goes on writing.
    image = os.path.join(tempfile.mkdtemp(dir=folder), "image")
    # Compiled already, with names that do not depend on this folder.
    command = ["romfs", "--no-mpy", "--output", image, "build", source]
    result = subprocess.run(
        [sys.executable, "-m", "mpremote", *command],
        cwd=folder,
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
    commands = [f"mpremote romfs deploy {quoted(output)}"]
    if layout.starts:
        # Firmware runs no main.py of a ROMFS, but one on the board's filesystem.
        start = _START_FLAT if layout.app.config.is_flat else _START
        line = f'open("main.py", "w").write({start!a})'
        if system.IS_WINDOWS:  # PowerShell takes no double quote in an argument
            line = line.replace("'", "\\'").replace('"', "'")
        commands += [f"mpremote exec {quoted(line)}", "mpremote reset"]
    return commands
