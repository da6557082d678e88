"""The resource modules of an app, where there are no files: one for each place of lookup."""

from __future__ import annotations

from ..bundling import Alias, ResourceModule
from ..errors import Bin2resError, shown
from ..form import Form
from ..mpy import too_big_for_firmware
from ..stored import Stored
from .content import Content
from .layout import LIB, Layout, check_place

Sizes = dict[str, int]

MANY = 1000
"""Resources that are too many for a dict: a board builds it in RAM, and the time that
mpy-cross takes for one grows with the square of the number."""


def by_package(layout: Layout) -> dict[str, dict[str, Stored]]:
    """Return what is to be found without files, by the package whose R has it, then by name.

    The resources of an app are in its own R, ``""`` for a flat app. What is no code in a
    dependency is in the R of that dependency's package, with what a flat app has for it in lib.
    """
    found: dict[str, dict[str, Stored]] = {}
    for name, content in layout.needed.items():
        if not name.endswith((".py", ".mpy")) and isinstance(content, Stored):
            package, slash, below = name.partition("/")
            found.setdefault(package if slash else "", {})[below if slash else name] = content
    own = layout.app.config.package
    for name, stored in layout.app.resources.items():
        package, below = own, name
        part, slash, in_part = name.removeprefix(LIB).partition("/")
        if layout.app.config.is_flat and name.startswith(LIB) and slash and part in found:
            package, below = part, in_part
        if found.setdefault(package, {}).setdefault(below, stored) is not stored:
            raise Bin2resError(
                f"{name}: {shown(stored.path)} and {shown(found[package][below].path)} have this"
                " name; leave one out"
            )
    return {package: dict(sorted(found[package].items())) for package in sorted(found)}


def aliases(layout: Layout) -> dict[str, Alias]:
    """Return the modules that find what a flat app has in the folders below lib, by package.

    A board imports ``part`` from lib/part, so its resources are found beside it as well as by
    their path.
    """
    found: dict[str, dict[str, Stored]] = {}
    for name, stored in by_package(layout).get("", {}).items():
        part, _, below = name.removeprefix(LIB).partition("/")
        if layout.app.config.is_flat and name.startswith(LIB) and below:
            found.setdefault(part, {})[below] = stored
    return {part: Alias(stored, f"{LIB}{part}/") for part, stored in found.items()}


def modules(layout: Layout) -> dict[str, Content]:
    """Return the resource modules as source, by their path in the place of import."""
    return {
        _path(layout, package, "R.py"): ResourceModule(stored)
        for package, stored in by_package(layout).items()
    } | _alias_modules(layout)


def frozen_modules(layout: Layout, *, table: bool) -> tuple[dict[str, Content], dict[str, Content]]:
    """Return the resource modules for a firmware build: as source, and compiled.

    Those are compiled here that the build has not enough memory for. They have the form of
    ``bin2res --table`` if *table*, or if they hold many.
    """
    source = _alias_modules(layout)
    compiled: dict[str, Content] = {}
    for package, stored in by_package(layout).items():
        form = Form(table=table or len(stored) > MANY)
        if too_big_for_firmware({name: s.literals() for name, s in stored.items()}):
            form = form._replace(mpy=True, package=package)
            compiled[_path(layout, package, "R.mpy")] = ResourceModule(stored, form)
        else:
            source[_path(layout, package, "R.py")] = ResourceModule(stored, form)
    return source, compiled


def sizes_of(stored: dict[str, Stored]) -> Sizes:
    """Return the size of each resource as it is stored."""
    return {name: resource.stored_size() for name, resource in stored.items()}


def _alias_modules(layout: Layout) -> dict[str, Content]:
    return {_path(layout, part, "R.py"): alias for part, alias in aliases(layout).items()}


def _path(layout: Layout, package: str, module: str) -> str:
    """Return the path of a resource module. Raises Bin2resError if the app has one of its own."""
    prefix = f"{package}/" if package else ""
    check_place(layout.code, prefix)
    if layout.app.config.is_flat:
        check_place(layout.code, LIB + prefix)
    return prefix + module
