"""The way of the data, top to bottom: select files, compress, write, compile."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO, NamedTuple, cast

from .choice import Rules, choices
from .compress import Compressor
from .encode import BEST, Window
from .errors import Bin2resError, reason, shown
from .module import DictModule, Resource, fingerprints
from .mpy import compile_file, too_big_for_firmware
from .output import replacing
from .progress import Progress
from .select import select
from .stored import Stored, store
from .table import TableModule


class Form(NamedTuple):
    """The form of the module to make."""

    table: bool = False
    """Find names in constant tuples: the import takes the same RAM for any number."""
    mpy: bool = False
    """Compile it: R.mpy, not R.py."""
    compat: str | None = None
    """Compile for this version of MicroPython, such as ``"1.22"``."""
    package: str | None = None
    """Dotted name under which R.mpy can be frozen; None is found from the folders."""

    @property
    def module_name(self) -> str:
        """The file name that the module is imported from."""
        return "R.mpy" if self.mpy else "R.py"


PLAIN = Form()


class Bundle(NamedTuple):
    """What went into a resource module; sizes are in bytes."""

    output: str | None
    """The path of the module, None where it went to a stream."""
    sizes: dict[str, int]
    """Size of each resource as it is stored, by name, in the order of the names."""
    output_size: int
    """Size of the module."""
    digest: str
    """The module's DIGEST."""
    warnings: tuple[str, ...] = ()
    """What its maker should know, a line each."""
    inflated: Mapping[str, int] = {}
    """Size of what is in each resource that was compressed, by its name."""
    ram: Mapping[str, int] = {}
    """RAM that a 32-bit board takes to inflate it, about, likewise."""
    pieces: Mapping[str, int] = {}
    """Number of pieces of each resource that is stored in some, by its name."""

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
    gzip: Sequence[str] = (),
    gzip_window: Window = BEST,
    whole: Sequence[str] = (),
    form: Form = PLAIN,
    progress: Progress = iter,
    cache: bool = True,
) -> Bundle:
    """Make the resource module of the package whose folder is *directory*.

    *paths* and *exclude* are those of `select`. *output* is the path of the module
    or a binary stream to write it to; by default it lies in *directory*, ``R.py`` or
    ``R.mpy`` by its *form*. Resources whose names match the patterns *gzip* and become
    smaller are stored compressed, with ``.gz`` at the end of the name. A pattern may end in
    ``=`` and the window that the reader has: 9 to 15 bits, or ``best`` for the smallest data,
    whatever they take to read; by default that is *gzip_window*. With *cache* what was
    compressed before is taken from the user's cache. A resource of more than 100 KiB is
    stored in pieces, if the patterns *whole* do not name it. *progress* is handed the names and
    hands them on, one as each is bundled.

    A file appears whole or not at all; one resource at a time is in memory, unless it
    is compiled. Raises Bin2resError, and then the old output is as it was.
    """
    stored = selected(
        paths,
        directory=directory,
        output=output,
        exclude=exclude,
        rules=Rules(choices(gzip, "--gzip"), gzip_window, whole),
        form=form,
        compressor=Compressor(cache),
    )
    return bundle_stored(stored, directory=directory, output=output, form=form, progress=progress)


def bundle_stored(
    stored: Mapping[str, Stored],
    *,
    directory: str = ".",
    output: str | os.PathLike[str] | BinaryIO | None = None,
    form: Form = PLAIN,
    progress: Progress = iter,
) -> Bundle:
    """Make the resource module of resources that were selected, by the names they get.

    Arguments and errors are those of `bundle`.
    """
    path = output_path(directory, output, form)
    sizes: dict[str, int] = {}
    module = _module(form, list(stored), _contents(stored, sizes, progress))
    pieces = _compiled(module, directory, form) if form.mpy else module
    if path is None:
        try:
            size = _write(pieces, cast(BinaryIO, output))
        except BrokenPipeError:
            raise  # the reader has seen enough
        except OSError as error:
            raise Bin2resError(f"the output cannot be written: {reason(error)}") from error
    else:
        with replacing(path) as stream:
            size = _write(pieces, stream)
    compressed = {name: s for name, s in stored.items() if s.gzip is not None}
    inflated = {name: s.inflated_size() for name, s in compressed.items()}
    ram = {name: s.ram_to_read() for name, s in compressed.items()}
    literals = {name: s.literals(sizes[name]) for name, s in stored.items()}
    in_pieces = {name: len(found) for name, found in literals.items() if len(found) > 1}
    warnings = tuple(_warnings(path, directory, literals, form))
    return Bundle(path, sizes, size, module.digest, warnings, inflated, ram, in_pieces)


class ResourceModule(NamedTuple):
    """The resource module of what is stored; one in no folder, by ``form.package``."""

    stored: Mapping[str, Stored]
    form: Form = PLAIN

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes of the module, a resource at a time. Raises Bin2resError."""
        module = _module(self.form, list(self.stored), _contents(self.stored, {}, iter))
        yield from _compiled(module, ".", self.form) if self.form.mpy else module


def differences(
    paths: Iterable[str],
    *,
    directory: str = ".",
    output: str | os.PathLike[str] | None = None,
    exclude: Sequence[str] = (),
    gzip: Sequence[str] = (),
    gzip_window: Window = BEST,
    whole: Sequence[str] = (),
    form: Form = PLAIN,
    progress: Progress = iter,
    cache: bool = True,
) -> list[str]:
    """Return what `bundle` would change in its output, a line each, writing nothing.

    Arguments and errors are those of `bundle`. The list is empty if the output would
    stay the same, byte for byte.
    """
    stored = selected(
        paths,
        directory=directory,
        output=output,
        exclude=exclude,
        rules=Rules(choices(gzip, "--gzip"), gzip_window, whole),
        form=form,
        compressor=Compressor(cache),
    )
    return differences_stored(
        stored, directory=directory, output=output, form=form, progress=progress
    )


def differences_stored(
    stored: Mapping[str, Stored],
    *,
    directory: str = ".",
    output: str | os.PathLike[str] | None = None,
    form: Form = PLAIN,
    progress: Progress = iter,
) -> list[str]:
    """Return what `bundle_stored` would change in its output, as `differences` does."""
    path = output_path(directory, output, form)
    assert path is not None
    module = _module(form, list(stored), _contents(stored, {}, progress))
    try:
        with open(path, "rb") as stream:
            if form.mpy:
                new = b"".join(_compiled(module, directory, form))
                return [] if stream.read() == new else [f"{shown(path)}: has changed"]
            old = fingerprints(stream)
    except FileNotFoundError:
        return [f"{shown(path)}: does not exist"]
    except OSError as error:
        raise Bin2resError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    return [f"{shown(path)}: {line}" for line in _compared(old, fingerprints(module))]


def selected(
    paths: Iterable[str],
    *,
    directory: str = ".",
    output: str | os.PathLike[str] | BinaryIO | None = None,
    exclude: Sequence[str] = (),
    rules: Rules = Rules(),  # noqa: B008 - it is immutable
    form: Form = PLAIN,
    compressor: Compressor = Compressor(),  # noqa: B008 - likewise
) -> dict[str, Stored]:
    """Return what `bundle` takes, as it is stored, by name.

    *rules* and *compressor* say how; the other arguments and the errors are those of `bundle`.
    """
    path = output_path(directory, output, form)
    files = select(paths, directory, exclude, [path] if path else [])
    return store(files, rules, compressor)


def output_path(directory: str, output: object, form: Form) -> str | None:
    """Return the path of the module to make, None where *output* is a stream.

    Raises Bin2resError for a path that MicroPython would take for the other form.
    """
    if output is None:
        return os.path.normpath(os.path.join(directory, form.module_name))
    if not isinstance(output, (str, os.PathLike)):
        return None
    path = os.fspath(output)
    if path.endswith(".mpy") and not form.mpy:
        raise Bin2resError(f"{shown(path)}: is the name of a compiled module; add --mpy")
    if form.mpy and not path.endswith(".mpy"):
        raise Bin2resError(f"{shown(path)}: a compiled module needs a name that ends in .mpy")
    return path


def package_name(directory: str) -> str:
    """Return the dotted name of the package in a folder, as its ``__init__.py`` tell.

    It is ``""`` where a folder has a name that no package can have.
    """
    folder, base = os.path.split(os.path.realpath(directory))
    parts = [base]
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, base = os.path.split(folder)
        parts.append(base)
    return ".".join(reversed(parts)) if all(part.isidentifier() for part in parts) else ""


def _module(
    form: Form, names: Sequence[str], resources: Iterable[Resource]
) -> DictModule | TableModule:
    return TableModule(names, resources) if form.table else DictModule(resources)


def _compiled(pieces: Iterable[bytes], directory: str, form: Form) -> Iterator[bytes]:
    package = package_name(directory) if form.package is None else form.package
    if package and not all(part.isidentifier() for part in package.split(".")):
        raise Bin2resError(f"--package {package!a}: is not a dotted name such as my_app.inner")
    name = "/".join([*package.split("."), "R.py"]) if package else "R.py"
    yield compile_file(b"".join(pieces), name, form.compat)


def _warnings(
    path: str | None, directory: str, literals: Mapping[str, Sequence[int]], form: Form
) -> Iterator[str]:
    if path is not None:
        hiding = os.path.join(os.path.dirname(path), "R.py") if form.mpy else path
        hidden = path if form.mpy else os.path.join(os.path.dirname(path), "R.mpy")
        if os.path.basename(path) == form.module_name:
            if os.path.exists(hiding) and os.path.exists(hidden):
                yield (
                    f"{shown(hiding)} hides {shown(hidden)}: MicroPython imports R.py; remove one"
                )
            source = os.path.normpath(os.path.join(directory, "R.py"))
            if (
                form.mpy
                and os.path.exists(source)
                and os.path.abspath(source) != (os.path.abspath(hiding))
            ):
                yield f"{shown(source)} is there as well; remove it, or both would be frozen"
    if form.mpy and form.package is None and not package_name(directory):
        yield "the folder's name is no package's; to freeze R.mpy name the package with --package"
    if not form.mpy and too_big_for_firmware(literals):
        yield (
            "too big for a firmware build to compile by itself: freeze R.mpy, made with"
            " --mpy, by freeze_mpy() in the manifest"
        )


def _contents(
    stored: Mapping[str, Stored], sizes: dict[str, int], progress: Progress
) -> Iterator[Resource]:
    for name in progress(list(stored)):
        content = stored[name].content()
        sizes[name] = len(content)
        yield Resource(name, content, len(content) > stored[name].whole)


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
