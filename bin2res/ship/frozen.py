"""What a firmware build makes of an app: constants in flash, and objects in RAM when imported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..errors import Bin2resError, Problems, printable, shown
from ..flash import flash_of
from ..mpy import compile_for_any, is_native
from ..progress import Progress
from ..stored import Stored
from .compiled import compiled
from .content import Content, Made
from .layout import Layout
from .resources import MANY, Sizes, aliases, by_package, frozen_modules, sizes_of

_TABLE, _DICT, _SLOT = 240, 80, 8  # bytes of RAM: of a table; of a dict, and each name in it


class Code(NamedTuple):
    """The code of an app with all that it needs, by its path in the place of import."""

    sources: dict[str, Content]
    compiled: dict[str, bytes]
    """As .mpy; names end in .mpy, but for what starts a board, and native code."""

    def notes(self) -> Iterator[str]:
        """Yield a line for each file whose size is an estimate."""
        for name, mpy in self.compiled.items():
            if is_native(mpy):
                yield f"{printable(name)}: has native code; its size is an estimate"


class Frozen(NamedTuple):
    """What is frozen of an app; sizes are in bytes."""

    source: dict[str, Content]
    """The resource modules that the build compiles."""
    made: dict[str, Made]
    """Those that it has not enough memory for, compiled here."""
    resources: Sizes
    """Size of each resource as it is stored."""
    literals: list[int]
    """Size of each object that a resource is, or a piece of one."""
    is_table: bool
    """Whether they are found by a table."""
    flash: int
    """What code and resources take."""
    ram: int
    """What importing the resources takes on a 32-bit board."""


def code_of(layout: Layout, progress: Progress = iter) -> Code:
    """Return the code to freeze. Raises Bin2resError for what cannot be frozen."""
    code = {name: c for name, c in layout.imported().items() if name.endswith((".py", ".mpy"))}
    problems = Problems()
    for name, content in code.items():
        if name.endswith(".mpy") and name[:-4] + ".py" not in code:
            where = f" ({shown(content.path)})" if isinstance(content, Stored) else ""
            why = "a firmware build takes no .mpy of others; leave it out"
            problems.add(Bin2resError(f"{name}{where}: {why}"))
    problems.check()
    config = layout.app.config
    sources = {name: content for name, content in code.items() if name.endswith(".py")}
    made = {name: _joined(c) for name, c in compiled(sources, layout, progress).items()}
    for name, source in made.items():
        if name.endswith(".py"):  # native code, and what starts a board: frozen compiled, too
            made[name] = compile_for_any(source, name, config.compiling)
    return Code(sources, made)


def frozen(layout: Layout, code: Code, *, table: bool) -> Frozen:
    """Return what is frozen, the resources found by a table if *table*. Raises Bin2resError."""
    source, compiled_here = frozen_modules(layout, table=table)
    made = {name: Made(_joined(content)) for name, content in compiled_here.items()}
    resources: Sizes = {}
    literals: list[int] = []
    ram = 0
    is_table = table
    for package, stored in by_package(layout).items():
        below = f"{package}/" if package else ""
        resources |= {below + name: size for name, size in sizes_of(stored).items()}
        literals += [size for resource in stored.values() for size in resource.literals()]
        is_table = table or len(stored) > MANY
        ram += _TABLE if is_table else ram_of_dict(len(stored))
    ram += sum(ram_of_dict(len(alias.stored)) for alias in aliases(layout).values())
    modules = [content.content for content in made.values()]
    modules += [_joined(content) for content in compiled(source, layout).values()]
    flash = flash_of([*code.compiled.values(), *modules])
    return Frozen(source, made, resources, literals, is_table, flash, ram)


def ram_of_dict(count: int) -> int:
    """Return the bytes of RAM of the dict of *count* resources on a 32-bit board, about."""
    return _DICT + _SLOT * count


def _joined(content: Content) -> bytes:
    return b"".join(content.pieces())
