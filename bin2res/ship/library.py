"""Which parts of pkgres go along with an app: those that it uses."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from ..errors import Bin2resError
from ..stored import Stored
from .imports import used

_FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(__file__))), "pkgres")
_MODULE = "pkg_resources.py"  # is beside the package on a device
_CORE, _INFO, _GZ = "__init__", "info", "gz"
_INFO_CALLS = ("resource_exists", "resource_isdir", "resource_listdir", "resource_filename")


def parts() -> list[str]:
    """Return the names of all optional parts, sorted."""
    names = [entry[:-3] for entry in os.listdir(_FOLDER) if entry.endswith(".py")]
    return sorted(set(names) - {_CORE, _MODULE[:-3]})


def library(
    code: Iterable[tuple[str, str]], stored: Iterable[str], named: Sequence[str], key: str
) -> dict[str, Stored]:
    """Return the files of pkgres that an app needs, by their path below lib.

    *code* are name and path of its code and of its dependencies' code, *stored* the names that
    its resources are stored under, *named* the parts that its description names by *key*.
    Empty if nothing imports pkgres. Raises Bin2resError for a part that there is not.
    """
    optional = parts()
    for part in named:
        if part not in optional:
            raise Bin2resError(f"{key}: {part!a} is no part of pkgres; they are {optional}")
    modules = ("pkgres", "pkg_resources", *(f"pkgres.{part}" for part in optional))
    found = used(code, modules, _INFO_CALLS)
    if not named and not found.modules:
        return {}
    taken = {_CORE, *named, *(part for part in optional if f"pkgres.{part}" in found.modules)}
    if found.names:
        taken.add(_INFO)
    if any(name.endswith(".gz") for name in stored):
        taken.add(_GZ)  # the core loads it when it meets such a resource
    files = {f"pkgres/{part}.py": _stored(f"{part}.py") for part in sorted(taken)}
    if "pkg_resources" in found.modules:
        files[_MODULE] = _stored(_MODULE)
    return files


def _stored(name: str) -> Stored:
    return Stored(os.path.join(_FOLDER, name), None)
