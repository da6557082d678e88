"""What an app costs before it is shipped: its resources, its code, and the total of each way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from ..errors import Bin2resError
from ..limit import check
from ..progress import Progress
from .compiled import compiled, native_notes
from .frozen import code_of, frozen, ram_of_dict
from .layout import Layout
from .resources import by_package, modules, sizes_of
from .romfs import check_names, image_size

APP, OURS, OTHERS = "app", "pkgres", "dependencies"
_COMPILING = ("image", "mip", "romfs")  # ways that leave native code as source


class Resource(NamedTuple):
    """A resource; sizes are in bytes."""

    name: str
    """From the place that the app is imported from, as it is stored."""
    stored: int
    inflated: int
    ram: int
    """What a 32-bit board takes to inflate it, 0 if it is not compressed."""
    pieces: int
    """The objects that it is when it is frozen."""

    @property
    def type(self) -> str:
        """The suffix of the file, with its dot."""
        name = self.name.rpartition("/")[2]
        if self.ram:
            name = name.removesuffix(".gz")
        dot = name.rfind(".")
        return name[dot:].lower() if dot > 0 else ""


class Code(NamedTuple):
    """A file of code, as .mpy."""

    name: str
    size: int
    """In bytes."""
    of: str
    """Whose it is: ``"app"``, ``"pkgres"`` or ``"dependencies"``."""


class Way(NamedTuple):
    """A way to ship the app."""

    name: str
    flash: int
    """Bytes that all of it takes."""
    ram: int
    """Bytes that importing the resources takes on a 32-bit board, 0 where they are files."""
    limit: int | None = None
    """Bytes of flash that it may take, None for any number."""
    notes: tuple[str, ...] = ()
    """What the developer should know, one line each."""

    @property
    def command(self) -> str:
        """The command that makes it."""
        return self.name.split()[0]

    @property
    def excess(self) -> int:
        """Bytes over the limit, 0 if it is within it."""
        return 0 if self.limit is None else max(0, self.flash - self.limit)


class Size(NamedTuple):
    """What an app costs."""

    name: str
    version: str
    resources: list[Resource]
    """The largest first."""
    code: list[Code]
    """Likewise."""
    ways: list[Way]
    refused: dict[str, str]
    """Why a way cannot be taken, by its name."""
    notes: tuple[str, ...]
    """What the developer should know, one line each."""


_Step = Callable[[str], Progress]


def measure(
    layout: Layout, progress: _Step, ways: Collection[str] = (), given: int | None = None
) -> Size:
    """Return what an app costs, by these *ways* or all, writing nothing.

    *given* is the limit of each way in bytes, by default that of the description. Raises
    Bin2resError if it cannot be compiled.
    """
    config = layout.app.config
    board = layout.on_board()
    tree = compiled(board, layout, progress("compiling"))
    sizes = {name: _size(content.pieces()) for name, content in tree.items()}
    found: list[Way] = []
    refused: dict[str, str] = {}
    for name, steps in _WAYS.items():
        if ways and name not in ways:
            continue
        try:
            limit = config.limit(name) if given is None else given
            found += [way._replace(limit=limit) for way in steps(layout, sizes)]
        except Bin2resError as error:
            refused[name] = str(error)
    notes = dict.fromkeys(note for way in found for note in way.notes)
    if any(way.name.split()[0] in _COMPILING for way in found):
        notes = {**dict.fromkeys(native_notes(tree, config)), **notes}
    resources = layout.python_resources()
    code = [
        Code(name, size, _owner(layout, name))
        for name, size in sizes.items()
        if _is_code(name) and name not in resources
    ]
    return Size(
        config.name,
        config.version,
        sorted(_resources(layout), key=lambda found: (-found.stored, found.name)),
        sorted(code, key=lambda found: (-found.size, found.name)),
        found,
        refused,
        tuple(notes),
    )


def check_limits(size: Size, asked: Collection[str]) -> None:
    """Raise TooLarge for the first of the commands *asked* that is over its limit.

    If a command has two forms, the smaller one counts. Raises Bin2resError if one of *asked*
    cannot be used.
    """
    for name in asked:
        if name in size.refused:
            raise Bin2resError(f"{name}: {size.refused[name]}")
    sizes = {found.name: found.stored for found in size.resources}
    sizes |= {found.name: found.size for found in size.code}
    for name in asked:
        forms = [way for way in size.ways if way.command == name]
        if forms:
            smallest = min(forms, key=lambda way: way.flash)
            check(sizes, smallest.flash, smallest.limit, smallest.name)


def _frozen(layout: Layout, sizes: Mapping[str, int]) -> Iterator[Way]:
    code = code_of(layout)
    for table in (False, True):
        made = frozen(layout, code, table=table)
        name = "freeze --table" if table else "freeze"
        yield Way(name, made.flash, made.ram, notes=tuple(code.notes()))


def _image(layout: Layout, sizes: Mapping[str, int]) -> Iterator[Way]:
    yield Way("image", sum(_size(c.pieces()) for c in layout.on_board().values()), 0)
    yield Way("image --mpy", sum(sizes.values()), 0)


def _mip(layout: Layout, sizes: Mapping[str, int]) -> Iterator[Way]:
    # A main.py beside a package is installed by a command of its own.
    installed = [n for n in sizes if layout.app.config.is_flat or n.startswith("lib/")]
    yield Way("mip", sum(sizes[name] for name in installed), 0)


def _romfs(layout: Layout, sizes: Mapping[str, int]) -> Iterator[Way]:
    check_names(sizes)
    yield Way("romfs", image_size(sizes), 0)


def _sdist(layout: Layout, sizes: Mapping[str, int]) -> Iterator[Way]:
    code = [c for n, c in layout.imported().items() if _is_code(n)]
    contents = [*code, *modules(layout).values()]
    # R.py is a file there: all that it holds is in RAM when it is imported.
    stored = [size for found in by_package(layout).values() for size in sizes_of(found).values()]
    ram = sum(stored) + (ram_of_dict(len(stored)) if stored else 0)
    yield Way("sdist", sum(_size(content.pieces()) for content in contents), ram)


_WAYS: dict[str, Callable[[Layout, Mapping[str, int]], Iterator[Way]]] = {
    "freeze": _frozen,
    "image": _image,
    "mip": _mip,
    "romfs": _romfs,
    "sdist": _sdist,
}


def _resources(layout: Layout) -> Iterator[Resource]:
    for package, stored in by_package(layout).items():
        for name, found in stored.items():
            yield Resource(
                f"{package}/{name}" if package else name,
                found.stored_size(),
                found.inflated_size(),
                found.ram_to_read(),
                len(found.literals()),
            )


def _owner(layout: Layout, name: str) -> str:
    below = name.removeprefix("lib/").removesuffix(".mpy").removesuffix(".py")
    if below + ".py" not in layout.needed and below + ".mpy" not in layout.needed:
        return APP
    return OURS if below.startswith(("pkgres/", "pkg_resources", "importlib/")) else OTHERS


def _is_code(name: str) -> bool:
    return name.endswith((".py", ".mpy"))


def _size(pieces: Iterable[bytes]) -> int:
    return sum(map(len, pieces))
