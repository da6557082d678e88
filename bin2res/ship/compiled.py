"""Code as .mpy: files compiled side by side, on all cores."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from ..config import Config
from ..errors import Bin2resError, Problems, printable
from ..mpy import Options, check_architecture, compile_file, compile_for_any
from ..progress import Progress
from ..stored import Stored
from .content import Content, Made
from .layout import Layout

_STARTING = ("boot.py", "main.py")  # what a board runs by itself: it looks for these as source


class NativeCode(NamedTuple):
    """Source that is not compiled: it has native code, for another architecture or for any."""

    source: Content

    def pieces(self) -> Iterable[bytes]:
        """Yield the bytes of the source."""
        return self.source.pieces()


def compiled(
    files: Mapping[str, Content], layout: Layout, progress: Progress = iter
) -> dict[str, Content]:
    """Return *files*, by their path on the board, with .mpy for each .py but main.py and boot.py.

    Where a .py and a .mpy of one name are side by side, it is the .py that a board imports.
    Resources of the *layout* are no code. A file that needs another architecture than that of the
    app is `NativeCode`. Raises Bin2resError with what mpy-cross says of the files that it refuses.
    """
    problems = Problems()
    config = layout.app.config
    resources = {id(resource) for resource in layout.resources.values()}
    if config.compiling.march:
        check_architecture(config.compiling.march, config.key("march"))
    sources = [
        name
        for name, content in sorted(files.items())
        if name.endswith(".py") and name not in _STARTING and id(content) not in resources
    ]
    skipped = set(sources)
    made = {name: content for name, content in files.items() if name not in skipped}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        # The name compiled in is that from which the board imports the file.
        runs = {n: pool.submit(_compile, files[n], n, config.compiling) for n in sources}
        try:
            for name in progress(sources):
                with problems.noted():
                    mpy = runs[name].result()
                    if mpy is None:
                        made[name] = NativeCode(files[name])
                    else:
                        made[name[:-3] + ".mpy"] = Made(mpy)
        finally:
            pool.shutdown(cancel_futures=True)
    problems.check()
    return dict(sorted(made.items()))


def native_notes(files: Mapping[str, Content], config: Config) -> Iterator[str]:
    """Yield a line for each of the *files* that `compiled` left as source."""
    march = config.compiling.march
    for name, content in files.items():
        if isinstance(content, NativeCode):
            why = f"its native code is not for {march}" if march else "it has native code"
            yield f"{printable(name)} stays .py: {why}; name the board's architecture with --march"


def _compile(content: Content, name: str, options: Options) -> bytes | None:
    """Return a .mpy, None if it can be had for another architecture only."""
    source = content.path if isinstance(content, Stored) else b"".join(content.pieces())
    name = name.removeprefix("lib/")
    try:
        return compile_file(source, name, options=options)
    except Bin2resError:
        compile_for_any(source, name, options)
        return None
