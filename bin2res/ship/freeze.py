"""An app to freeze: its code with the resource modules, and a manifest for a firmware build."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from ..depfile import check_depfile, write_depfile
from ..errors import shown
from ..stored import Stored
from . import manifests
from .content import Content, Made
from .folder import MANIFEST
from .frozen import Code, Frozen, code_of, frozen
from .how import How
from .imports import used
from .layout import Layout
from .manifests import Included
from .quoting import quoted
from .resources import MANY, frozen_modules
from .shipment import Shipment

_ASYNCIO = 'include("$(MPY_DIR)/extmod/asyncio")'
_SECOND = 100_000  # bytes of one object that cost a build a second; the time grows as the square


def make(
    layout: Layout,
    output: str,
    how: How,
    *,
    table: bool = False,
    include: Sequence[str] = (),
    depfile: str | None = None,
) -> Shipment:
    """Make the folder *output* hold what is frozen, and manifest.py, which includes it.

    The resource modules have the form of ``bin2res --table`` if *table*. The manifest
    includes the manifests *include* first: paths, or such as ``"$(PORT_DIR)/boards/manifest.py"``.
    What those are known to freeze is left out here. What the manifest depends on is written to
    *depfile*.

    Raises Bin2resError, and then what was there is as it was.
    """
    product = os.path.join(output, MANIFEST)
    if depfile is not None:
        check_depfile(depfile, product)
    paths = manifests.locate(include, output)
    included = manifests.read(paths, layout.app.config, output)
    code = code_of(layout, how.progress("compiling"))
    lines = [manifests.line(path, output) for path in paths]
    if _needs_asyncio(code.sources, layout.main):
        lines.append(_ASYNCIO)
    code, left = _without(code, included, layout.app.config.package)
    if included.frozen:
        layout, modules = _without_resources(layout, included, table)
        left |= modules
    made = frozen(layout, code, table=table)
    optimize = layout.app.config.compiling.optimize
    lines += _taken(sorted({*code.sources, *made.source}), optimize)
    if made.made:
        lines.append("freeze_mpy('compiled')")
    lines.append("include('once.py')")
    manifest = "".join(line + "\n" for line in lines).encode()
    sizes = {**made.resources, **{name: len(mpy) for name, mpy in code.compiled.items()}}
    overhead = made.flash - sum(sizes.values())
    how.check(sizes, overhead)
    files = {f"code/{name}": c for name, c in {**code.sources, **made.source}.items()}
    files |= {f"compiled/{name}": content for name, content in made.made.items()}
    files |= {MANIFEST: Made(manifest), "once.py": Stored(manifests.ONCE)}
    how.folder(output, files)
    if depfile is not None and not how.dry:
        write_depfile(depfile, product, layout.inputs(), layout.app.config.folders())

    # make takes no other slash, on Windows either.
    path = quoted(os.path.abspath(product).replace(os.sep, "/"))
    return Shipment(
        output,
        sizes,
        (f"make FROZEN_MANIFEST={path}",),
        "the folder of the port",
        notes=(*code.notes(), *_notes(made, table), *included.notes),
        warnings=tuple(_warnings(path)),
        left=left,
        overhead=overhead,
    )


def _needs_asyncio(code: dict[str, Content], main: bytes | None) -> bool:
    tops = {name.split("/")[0].removesuffix(".py") for name in code}
    sources = [(name, c.path) for name, c in code.items() if isinstance(c, Stored)]
    modules = used(sources, ("asyncio", "uasyncio")).modules
    if main is not None and b"asyncio.run(" in main:
        modules.add("asyncio")
    return bool(modules - tops)


def _without(code: Code, included: Included, package: str) -> tuple[Code, dict[str, str]]:
    """Return the code without what the included manifests freeze, and why it is left out.

    Raises Bin2resError if they freeze another file of that name, or the app's own *package*.
    """
    if package:
        included.check_package(package)
    left = _frozen_by(included, code.sources)
    compiled = {name.removesuffix(".py") + ".mpy" for name in left}
    sources = {name: content for name, content in code.sources.items() if name not in left}
    left_out = {*left, *compiled}
    made = {name: mpy for name, mpy in code.compiled.items() if name not in left_out}
    return code._replace(sources=sources, compiled=made), left


def _without_resources(
    layout: Layout, included: Included, table: bool
) -> tuple[Layout, dict[str, str]]:
    """Return the layout without the resources whose module is included, and why.

    Raises Bin2resError like `_without`.
    """
    source, compiled = frozen_modules(layout, table=table)
    left = _frozen_by(included, {**source, **compiled})
    packages = {name.rpartition("/")[0] for name in left}
    needed = {
        name: content
        for name, content in layout.needed.items()
        if name.endswith((".py", ".mpy")) or name.split("/")[0] not in packages
    }
    return layout._replace(needed=needed), left


def _frozen_by(included: Included, files: Mapping[str, Content]) -> dict[str, str]:
    paths = {name: included.match(name, content) for name, content in files.items()}
    return {name: f"frozen by {shown(path)}" for name, path in paths.items() if path}


def _taken(names: Iterable[str], optimize: int | None) -> list[str]:
    """Return the lines of the manifest that freeze what is in the folder ``code``."""
    return [_line(top, optimize) for top in sorted({name.split("/")[0] for name in names})]


def _line(top: str, optimize: int | None) -> str:
    call = "module" if top.endswith(".py") else "package"
    opt = "" if optimize is None else f", opt={optimize}"
    return f"{call}({top!r}, base_path='code'{opt})"


def _notes(made: Frozen, table: bool) -> Iterable[str]:
    if made.resources:
        if made.is_table and not table:
            yield f"more than {MANY:,} resources: found by a table, as with --table"
        yield f"importing the resources takes about {made.ram:,} bytes of RAM on a 32-bit board"
    seconds = sum((size / _SECOND) ** 2 for size in made.literals)
    if seconds >= 10:
        minutes = f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"
        yield f"the firmware build takes about {minutes} longer over large resources"


def _warnings(manifest: str) -> Iterable[str]:
    if any(character in manifest for character in " #$"):
        yield "make takes no path with a space, # or $ in it; move the folder"
