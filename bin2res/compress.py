"""Compress files in parallel on all cores, each content once, or take them from the cache."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from . import cache
from .encode import BEST, Window, compress
from .read import content_of

if TYPE_CHECKING:
    from concurrent.futures import Future

    _Names = dict[Future[bytes], list[tuple[str, int, Window]]]

_SOON = 0.2  # seconds; for less no progress is shown


class Compressed(NamedTuple):
    """A file that was compressed; sizes are in bytes."""

    name: str
    size: int
    """Before it was compressed."""
    data: bytes
    """The gzip data."""
    window: Window = BEST
    """What they were made for."""


Watch = Callable[[Iterable[Compressed], int], Iterable[Compressed]]
"""Called with the files, each as it is done, and the size of all; yields the files."""


def _unwatched(files: Iterable[Compressed], size: int) -> Iterable[Compressed]:
    return files


class Compressor(NamedTuple):
    """How files are compressed."""

    uses_cache: bool = True
    """Whether to read and write the user's cache."""
    watch: Watch = _unwatched

    def compressed(
        self, files: Mapping[str, str], windows: Mapping[str, Window]
    ) -> list[Compressed]:
        """Return those of *files*, path by name, that *windows* has, compressed for these.

        Raises Bin2resError for a file that cannot be read.
        """
        # Not at the top: it is slow to import, and most runs do not compress.
        from concurrent.futures import ThreadPoolExecutor, wait

        runs: dict[str, Future[bytes]] = {}
        names: _Names = {}
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            try:
                for name, window in windows.items():
                    content = content_of(files[name])
                    key = cache.key_of(content, window)
                    if key not in runs:
                        runs[key] = pool.submit(self._data, key, content, window)
                    names.setdefault(runs[key], []).append((name, len(content), window))
                watch = self.watch if wait(names, _SOON).not_done else _unwatched
                size = sum(size for found in names.values() for _, size, _ in found)
                return list(watch(_each(names), size))
            finally:
                pool.shutdown(cancel_futures=True)

    def _data(self, key: str, content: bytes, window: Window) -> bytes:
        data = cache.kept(key) if self.uses_cache else None
        if data is None:
            data = compress(content, window)
            if self.uses_cache:
                cache.keep(key, data)
        return data


def _each(names: _Names) -> Iterator[Compressed]:
    from concurrent.futures import as_completed

    for run in as_completed(names):
        for name, size, window in names[run]:
            yield Compressed(name, size, run.result(), window)
