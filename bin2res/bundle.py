"""The way of the data, top to bottom: select files, read them, write the module."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO, NamedTuple, cast

from .errors import Bin2resError, reason, shown
from .module import DictModule, fingerprints
from .output import replacing
from .select import select

Progress = Callable[[Sequence[str]], Iterable[str]]


class Bundle(NamedTuple):
    """What went into a resource module; sizes are in bytes."""

    output: str | None
    """The path of the module, None where it went to a stream."""
    sizes: dict[str, int]
    """Size of each resource, by name, in the order of the names."""
    output_size: int
    """Size of the module."""
    digest: str
    """The module's DIGEST."""

    @property
    def total(self) -> int:
        """Size of all resources together."""
        return sum(self.sizes.values())


def bundle(
    paths: Iterable[str],
    *,
    directory: str = ".",
    output: str | os.PathLike[str] | BinaryIO | None = None,
    exclude: Sequence[str] = (),
    progress: Progress = iter,
) -> Bundle:
    """Make the resource module of the package whose folder is *directory*.

    *paths* and *exclude* are those of `select`. *output* is the path of the module
    or a binary stream to write it to; by default ``R.py`` in *directory*.
    *progress* is handed the names and hands them on, one as each is bundled.

    A file appears whole or not at all; one resource at a time is in memory.
    Raises Bin2resError, and then the old output is as it was.
    """
    path = output_path(directory, output)
    files = select(paths, directory, exclude, [path] if path else [])
    sizes: dict[str, int] = {}
    module = DictModule(_contents(files, sizes, progress))
    if path is None:
        try:
            size = _write(module, cast(BinaryIO, output))
        except BrokenPipeError:
            raise  # the reader has seen enough
        except OSError as error:
            raise Bin2resError(f"the output cannot be written: {reason(error)}") from error
    else:
        with replacing(path) as stream:
            size = _write(module, stream)
    return Bundle(path, sizes, size, module.digest)


def differences(
    paths: Iterable[str],
    *,
    directory: str = ".",
    output: str | os.PathLike[str] | None = None,
    exclude: Sequence[str] = (),
    progress: Progress = iter,
) -> list[str]:
    """Return what `bundle` would change in its output, a line each, writing nothing.

    Arguments and errors are those of `bundle`. The list is empty if the output would
    stay the same, byte for byte.
    """
    path = output_path(directory, output)
    assert path is not None
    files = select(paths, directory, exclude, [path])
    new = fingerprints(DictModule(_contents(files, {}, progress)))
    try:
        with open(path, "rb") as stream:
            old = fingerprints(stream)
    except FileNotFoundError:
        return [f"{shown(path)}: does not exist"]
    except OSError as error:
        raise Bin2resError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    return [f"{shown(path)}: {line}" for line in _compared(old, new)]


def output_path(directory: str, output: object) -> str | None:
    """Return the path of the module to make, None where *output* is a stream."""
    if output is None:
        return os.path.normpath(os.path.join(directory, "R.py"))
    return os.fspath(output) if isinstance(output, (str, os.PathLike)) else None


def _contents(
    files: Mapping[str, str], sizes: dict[str, int], progress: Progress
) -> Iterator[tuple[str, bytes]]:
    for name in progress(list(files)):
        try:
            with open(files[name], "rb", buffering=0) as stream:
                content = stream.readall()
        except OSError as error:
            raise Bin2resError(f"{shown(files[name])}: cannot be read: {reason(error)}") from error
        except MemoryError:
            raise Bin2resError(f"{shown(files[name])}: is larger than the memory") from None
        sizes[name] = len(content)
        yield name, content


def _write(pieces: Iterable[bytes], stream: BinaryIO) -> int:
    size = 0
    for piece in pieces:
        stream.write(piece)
        size += len(piece)
    stream.flush()
    return size


def _compared(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Iterator[str]:
    if old[""] == new[""]:
        return
    changed = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    for name in changed[1:]:
        if name not in old:
            yield f"lacks {name!a}"
        elif name not in new:
            yield f"holds {name!a}, which is no more"
        else:
            yield f"{name!a} has changed"
    if changed == [""]:
        yield "holds the same resources in another form"
