"""Code as .mpy: files compiled side by side, on all cores."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from ..mpy import compile_file
from ..progress import Progress
from ..stored import Stored
from .content import Content, Made

_STARTING = ("boot.py", "main.py")  # what a board runs by itself: it looks for these as source


def compiled(files: Mapping[str, Content], progress: Progress = iter) -> dict[str, Content]:
    """Return *files*, by their path on the board, with .mpy for each .py but main.py and boot.py.

    Where a .py and a .mpy of one name are side by side, it is the .py that a board imports.
    Raises Bin2resError with what mpy-cross says of the first file that it refuses.
    """
    sources = [name for name in sorted(files) if name.endswith(".py") and name not in _STARTING]
    skipped = set(sources)
    made = {name: content for name, content in files.items() if name not in skipped}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        # The name compiled in is that from which the board imports the file.
        runs = {name: pool.submit(_compile, files[name], name) for name in sources}
        try:
            for name in progress(sources):
                made[name[:-3] + ".mpy"] = Made(runs[name].result())
        finally:
            pool.shutdown(cancel_futures=True)
    return dict(sorted(made.items()))


def _compile(content: Content, name: str) -> bytes:
    source = content.path if isinstance(content, Stored) else b"".join(content.pieces())
    return compile_file(source, name.removeprefix("lib/"))
