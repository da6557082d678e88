"""An app to freeze: its code with the resource modules, and a manifest for a firmware build."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Sequence

from ..errors import Bin2resError, shown
from ..stored import Stored
from .compiled import compiled
from .content import Content, Made
from .how import How
from .imports import used
from .layout import Layout
from .resources import MANY, by_package, frozen_modules, sizes_of
from .shipment import Shipment

_ASYNCIO = 'include("$(MPY_DIR)/extmod/asyncio")'
_SECOND = 100_000  # bytes of one object that cost a build a second; the time grows as the square


def make(
    layout: Layout, output: str, how: How, *, table: bool = False, include: Sequence[str] = ()
) -> Shipment:
    """Make the folder *output* hold what is frozen, and manifest.py that takes it in.

    The resource modules have the form of ``bin2res --table`` if *table*. The manifest
    includes the manifests *include* first, such as ``"$(PORT_DIR)/boards/manifest.py"``.
    Raises Bin2resError, and then what was there is as it was.
    """
    code = {name: c for name, c in layout.imported().items() if name.endswith((".py", ".mpy"))}
    for name, content in code.items():
        if name.endswith(".mpy") and name[:-4] + ".py" not in code:
            where = f" ({shown(content.path)})" if isinstance(content, Stored) else ""
            raise Bin2resError(
                f"{name}{where}: a firmware build takes no .mpy of others; leave it out"
            )
    code = {name: content for name, content in code.items() if name.endswith(".py")}
    source, made = frozen_modules(layout, table=table)
    lines = [f"include({name!r})" for name in include]
    if _needs_asyncio(code):
        lines.append(_ASYNCIO)
    lines += _taken(sorted({*code, *source}))
    if made:
        lines.append("freeze_mpy('compiled')")
    manifest = "".join(line + "\n" for line in lines).encode()
    in_flash = compiled(code, how.progress("compiling"))  # as the build will
    sizes = {name: sum(map(len, content.pieces())) for name, content in in_flash.items()}
    files: dict[str, Content] = {f"code/{name}": content for name, content in code.items()}
    files |= {f"code/{name}": content for name, content in source.items()}
    files |= {f"compiled/{name}": content for name, content in made.items()}
    how.folder(output, {**files, "manifest.py": Made(manifest)})

    resources: dict[str, int] = {}
    literals: list[int] = []
    for package, stored in by_package(layout).items():
        below = f"{package}/" if package else ""
        resources |= {below + name: size for name, size in sizes_of(stored).items()}
        literals += [size for resource in stored.values() for size in resource.literals()]
    path = shlex.quote(os.path.abspath(os.path.join(output, "manifest.py")))
    return Shipment(
        output,
        {**resources, **sizes},
        (f"make FROZEN_MANIFEST={path}",),
        "the folder of the port",
        notes=tuple(_notes(resources, literals, table)),
        warnings=tuple(_warnings(path)),
    )


def _needs_asyncio(code: dict[str, Content]) -> bool:
    tops = {name.split("/")[0].removesuffix(".py") for name in code}
    sources = [(name, c.path) for name, c in code.items() if isinstance(c, Stored)]
    return bool(used(sources, ("asyncio", "uasyncio")).modules - tops)


def _taken(names: Iterable[str]) -> list[str]:
    """Return the lines of the manifest that take in what is in the folder code."""
    tops = sorted({name.split("/")[0] for name in names})
    return [
        f"module({top!r}, base_path='code')"
        if top.endswith(".py")
        else f"package({top!r}, base_path='code')"
        for top in tops
    ]


def _notes(resources: dict[str, int], literals: list[int], table: bool) -> Iterable[str]:
    if resources:
        if len(resources) > MANY and not table:
            yield f"more than {MANY:,} resources: found by a table, as with --table"
        ram = 240 if table or len(resources) > MANY else 80 + 8 * len(resources)
        yield f"importing the resources takes about {ram:,} bytes of RAM on a 32-bit board"
    seconds = sum((size / _SECOND) ** 2 for size in literals)
    if seconds >= 10:
        minutes = f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"
        yield f"the firmware build takes about {minutes} longer over large resources"


def _warnings(manifest: str) -> Iterable[str]:
    if any(character in manifest for character in " #$"):
        yield "make takes no path with a space, # or $ in it; move the folder"
