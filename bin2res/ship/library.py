"""Which parts of pkgres are shipped with an app: those that it uses."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence

from ..errors import Bin2resError
from ..stored import Stored
from .imports import used

_FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(__file__))), "pkgres")
# Modules that are next to the package on a device, by their names in the folder.
_BESIDE = {"pkg_resources": "pkg_resources.py", "importlib.resources": "importlib/resources.py"}
_CORE, _INFO, _GZ, _FILES, _TEXT = "__init__", "info", "gz", "files", "text"
_PIECES, _STREAMS, _MODULES = "pieces", "streams", "modules"
_MOUNT, _ROOT = "mount", "root"
_INFO_CALLS = (
    "resource_buffer",
    "resource_exists",
    "resource_filename",
    "resource_isdir",
    "resource_listdir",
)

# Each part, and the modules that it needs. (manifest.py knows them, too.)
_PARTS: dict[str, tuple[str, ...]] = {
    _FILES: ("folder", _INFO, "where"),
    _GZ: (_STREAMS,),
    _INFO: (),
    _MOUNT: ("folder", "mounted", "where"),
    _PIECES: (_STREAMS,),
    _ROOT: (_MOUNT, "folder", "mounted", _STREAMS, "where"),
    "static": ("ranges", _STREAMS, "where"),
}
_AS_TEXT = (_FILES, _MOUNT)  # these read as text what is compressed or in pieces


def parts() -> list[str]:
    """Return the names of all optional parts, sorted."""
    return sorted(_PARTS)


def library(
    code: Iterable[tuple[str, str]], stored: Iterable[str], named: Sequence[str], key: str
) -> dict[str, Stored]:
    """Return the files of pkgres that an app needs, by their path below lib.

    *code* are name and path of its code and of its dependencies' code, *stored* the names that
    its resources are stored under, *named* the parts that its description names by *key*.
    Empty if nothing imports pkgres. Raises Bin2resError for a part that does not exist.
    """
    for part in named:
        if part not in _PARTS:
            raise Bin2resError(
                f"{key}: {part!a} is not a part of pkgres; the parts are {', '.join(parts())}"
            )
    modules = ("pkgres", *_BESIDE, *(f"pkgres.{part}" for part in _PARTS))
    found = used(code, modules, (*_INFO_CALLS, _ROOT))
    if not named and not found.modules:
        return {}
    taken = {*named, *(part for part in _PARTS if f"pkgres.{part}" in found.modules)}
    if found.names - {_ROOT}:
        taken.add(_INFO)
    if _MOUNT in taken and _ROOT in found.names:
        taken.add(_ROOT)  # pkgres.mount.root()
    if any(name.endswith(".gz") for name in stored):
        taken.add(_GZ)  # the core loads it when it meets such a resource
    beside = [path for module, path in _BESIDE.items() if module in found.modules]
    if _BESIDE["importlib.resources"] in beside:
        taken.add(_FILES)
    return {path: _stored(path) for path in (*modules_of(taken), *beside)}


def modules_of(taken: Collection[str]) -> list[str]:
    """Return the files of the core and of these parts, by their path below lib, sorted."""
    names = {_CORE, _MODULES, *taken}
    for part in taken:
        names.update(_PARTS[part])
    if _STREAMS in names:
        names.add("stream_calls")
    if not names.isdisjoint((_GZ, _PIECES)) and not names.isdisjoint(_AS_TEXT):
        names.add(_TEXT)
    return [f"pkgres/{name}.py" for name in sorted(names)]


def for_pieces(files: Collection[str]) -> dict[str, Stored]:
    """Return what is to be added to *files* to read resources in pieces, likewise by path.

    Nothing, if pkgres is not among them.
    """
    taken = {part for part in _PARTS if f"pkgres/{part}.py" in files}
    wanted = modules_of({*taken, _PIECES}) if f"pkgres/{_CORE}.py" in files else []
    return {path: _stored(path) for path in wanted if path not in files}


def _stored(path: str) -> Stored:
    return Stored(os.path.join(_FOLDER, path.removeprefix("pkgres/")))
