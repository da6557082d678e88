"""The steps from files to a resource module, in order: select, store, make the text, write."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO, NamedTuple, cast

from . import checked
from .choice import Rules, choices, patterns
from .compress import Compressor
from .encode import BEST, WINDOWS, Window
from .errors import Bin2resError, reason, shown
from .exclusions import check_exclude
from .form import PLAIN, Form, Target, package_name
from .made_module import check_made
from .module import AliasModule, DictModule, Module, Resource
from .mpy import compile_file, too_big_for_firmware
from .output import replacing
from .progress import Progress
from .select import select
from .stored import Stored, immutable_names, store
from .table import TableModule


class Bundle(NamedTuple):
    """What went into a resource module; sizes are in bytes."""

    output: str | None
    """The path of the module, None where it went to a stream."""
    sizes: Mapping[str, int]
    """Size of each resource as it is stored, by name, in the order of the names."""
    output_size: int
    """Size of the module."""
    digest: str
    """The module's DIGEST."""
    warnings: tuple[str, ...] = ()
    """What the developer should know, one line each."""
    inflated: Mapping[str, int] = {}
    """Size of each compressed resource once it is inflated, by name."""
    ram: Mapping[str, int] = {}
    """RAM that a 32-bit board takes to inflate it, approximately, by name."""
    pieces: Mapping[str, int] = {}
    """Number of pieces of each resource that is stored in pieces, by name."""

    @property
    def total(self) -> int:
        """Size of all resources together."""
        return sum(self.sizes.values())


Path = str | os.PathLike[str]


def bundle(
    paths: Path | Iterable[Path],
    *,
    directory: Path = ".",
    output: Path | BinaryIO | None = None,
    exclude: str | Iterable[str] = (),
    gzip: str | Iterable[str] = (),
    gzip_window: Window = BEST,
    whole: str | Iterable[str] = (),
    immutable: str | Iterable[str] = (),
    form: Form = PLAIN,
    progress: Progress = iter,
    cache: bool = True,
) -> Bundle:
    """Make the resource module of the package whose folder is *directory*.

    *paths* and *exclude* are those of `select`; a single one need not be in a list. *output* is the
    path of the module or a binary stream to write it to; by default it is in *directory*, ``R.py``
    or ``R.mpy`` by its *form*. Resources whose names match the patterns *gzip* and become smaller
    are stored compressed, with ``.gz`` at the end of the name. A pattern may end in ``=`` and the
    window that the reader has: 9 to 15 bits, or ``best`` for the smallest data for any window;
    *gzip_window* is that of patterns without one. With *cache*, data that were compressed before
    come from the user's cache. A resource of more than 100 KiB is
    stored in pieces, unless one of the patterns *whole* matches it. The module lists those that the
    patterns *immutable* match: browsers keep them for a year. *progress* is called with the
    names and yields them, one as each is bundled.

    The file is written as a whole or not at all; one resource at a time is in memory, unless
    the module is compiled. Raises Bin2resError, and leaves an old output as it was.
    """
    target = Target(checked.path(directory, "directory"), checked.output(output), form)
    if gzip_window != BEST and not (type(gzip_window) is int and gzip_window in WINDOWS):
        raise Bin2resError(f"gzip_window: is {gzip_window!a}; give 9 to 15 or 'best'")
    rules = Rules(
        choices(checked.texts(gzip, "gzip"), "gzip"),
        gzip_window,
        patterns(checked.texts(whole, "whole"), "whole"),
        patterns(checked.texts(immutable, "immutable"), "immutable"),
    )
    excluded = checked.texts(exclude, "exclude")
    stored = selected(
        checked.paths(paths, "paths"), target, excluded, rules, Compressor(cache), "exclude"
    )
    return write(stored, target, progress)


def selected(
    paths: Iterable[str],
    target: Target,
    exclude: Sequence[str],
    rules: Rules,
    compressor: Compressor,
    option: str = "-x",
) -> dict[str, Stored]:
    """Return what `bundle` takes, as the *rules* have it stored, by name.

    *option* gave *exclude*. Raises Bin2resError for what cannot be a resource.
    """
    path = target.path()
    check_exclude(patterns(exclude, option), target.directory)
    files = select(paths, target.directory, exclude, [path] if path else [])
    return store(files, rules, compressor)


def write(stored: Mapping[str, Stored], target: Target, progress: Progress = iter) -> Bundle:
    """Write the resource module of what is stored. Raises Bin2resError."""
    path = target.path()
    module = module_of(stored, target.form, progress)
    pieces = in_form(module, target)
    if path is None:
        try:
            size = _write(pieces, cast(BinaryIO, target.output))
        except BrokenPipeError:
            raise  # the reader closed the pipe
        except OSError as error:
            raise Bin2resError(f"the output cannot be written: {reason(error)}") from error
    else:
        check_made(path)
        with replacing(path) as stream:
            size = _write(pieces, stream)
    return _described(stored, target, module, size)


class ResourceModule(NamedTuple):
    """The resource module of what is stored, outside any folder, for ``form.package``."""

    stored: Mapping[str, Stored]
    form: Form = PLAIN

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes of the module, a resource at a time. Raises Bin2resError."""
        yield from in_form(module_of(self.stored, self.form), Target(form=self.form))


class Alias(NamedTuple):
    """The resource module of what the top-level R stores, under names with a *prefix*."""

    stored: Mapping[str, Stored]
    prefix: str

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes of the module. Raises Bin2resError."""
        yield from AliasModule(_read(self.stored, iter), self.prefix, immutable_names(self.stored))


def module_of(stored: Mapping[str, Stored], form: Form, progress: Progress = iter) -> Module:
    """Return the text of a module; what is stored is read while the text is read."""
    return text_of(_read(stored, progress), form, immutable_names(stored))


def text_of(resources: Iterable[Resource], form: Form, immutable: Sequence[str] = ()) -> Module:
    """Return the text of the module of *resources*, sorted by name."""
    return (TableModule if form.table else DictModule)(resources, immutable)


def in_form(module: Module, target: Target) -> Iterable[bytes]:
    """Return the bytes of a module as they are written: its text, or compiled."""
    if not target.form.mpy:
        return module
    return _compiled(module, target)


def _read(stored: Mapping[str, Stored], progress: Progress) -> Iterator[Resource]:
    for name in progress(list(stored)):
        content = stored[name].content()
        yield Resource(name, content, len(content) > stored[name].whole)


def _compiled(module: Module, target: Target) -> Iterator[bytes]:
    name = target.source_name()
    yield compile_file(b"".join(module), name, target.form.compat)


def _write(pieces: Iterable[bytes], stream: BinaryIO) -> int:
    size = 0
    for piece in pieces:
        stream.write(piece)
        size += len(piece)
    stream.flush()
    return size


def _described(stored: Mapping[str, Stored], target: Target, module: Module, size: int) -> Bundle:
    compressed = {name: s for name, s in stored.items() if s.gzip is not None}
    literals = {name: s.literals(module.sizes[name]) for name, s in stored.items()}
    return Bundle(
        target.path(),
        module.sizes,
        size,
        module.digest,
        tuple(_warnings(target, literals)),
        inflated={name: s.inflated_size() for name, s in compressed.items()},
        ram={name: s.ram_to_read() for name, s in compressed.items()},
        pieces={name: len(found) for name, found in literals.items() if len(found) > 1},
    )


def _warnings(target: Target, literals: Mapping[str, Sequence[int]]) -> Iterator[str]:
    path, form = target.path(), target.form
    if path is not None and os.path.basename(path) == form.module_name:
        source, compiled = (os.path.join(os.path.dirname(path), n) for n in ("R.py", "R.mpy"))
        if os.path.exists(source) and os.path.exists(compiled):
            yield f"{shown(source)} hides {shown(compiled)}: MicroPython imports R.py; remove one"
        in_package = os.path.normpath(os.path.join(target.directory, "R.py"))
        elsewhere = os.path.abspath(in_package) != os.path.abspath(source)
        if form.mpy and elsewhere and os.path.exists(in_package):
            yield f"{shown(in_package)} is there as well; remove it, or both would be frozen"
    if form.mpy and form.package is None and not package_name(target.directory):
        yield "the folder's name is no package's; to freeze R.mpy name the package with --package"
    if not form.mpy and too_big_for_firmware(literals):
        yield (
            "too big for a firmware build to compile by itself: freeze R.mpy, made with"
            " --mpy, by freeze_mpy() in the manifest"
        )
