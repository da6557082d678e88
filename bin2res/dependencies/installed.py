"""The files of a dependency that pip installed in this environment."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, PackagePath, distribution
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ..errors import Bin2resError, shown
from ..system import is_in
from .local import files_at
from .untrusted import checked_path
from .wanted import INSTALLED

_LEFT_OUT = (".pyc", ".pyi", ".pth", "/py.typed")
_METADATA = (".dist-info", ".egg-info", ".data")
_MACHINE_CODE = (".so", ".pyd", ".dylib", ".dll")


def installed(source: str) -> tuple[str, dict[str, str]]:
    """Return the version of ``pip:NAME``, and the path of each file by its path below lib.

    Those are the modules and packages that can be imported, with their data.

    Raises Bin2resError, naming the source and the fix, where it is not installed as it
    should be.
    """
    name = source.removeprefix(INSTALLED)
    try:
        found = distribution(name)
        version, recorded = found.version, found.files
        top_level = (found.read_text("top_level.txt") or "").split()
        project = _project(found)
    except PackageNotFoundError:
        raise Bin2resError(f"{source}: is not installed; pip install {name}") from None
    except Exception as error:  # of the metadata, which may be anything
        raise _damaged(source, f"{type(error).__name__} in its metadata") from error
    if not isinstance(version, str):
        raise _damaged(source, "its metadata has no version")
    if project is not None:
        files = _edited(top_level, source, project)
    elif recorded is not None:
        files = _recorded(recorded, source)
    else:
        raise _damaged(source, "has no record of its files")
    if not files:
        raise Bin2resError(f"{source}: has nothing that can be imported; drop it")
    return version, dict(sorted(files.items()))


def refuse_machine_code(source: str, files: Iterable[str]) -> None:
    """Raise Bin2resError for a file that no board can run."""
    for path in files:
        if path.endswith(_MACHINE_CODE):
            raise Bin2resError(
                f"{source}: {path} is machine code of this computer; leave it out:"
                f' {{from = "{source}", files = ["!{path}"]}}'
            )


def _recorded(record: Iterable[PackagePath], source: str) -> dict[str, str]:
    """Return the files that the installer recorded."""
    files: dict[str, str] = {}
    for recorded in record:
        try:
            path = checked_path(recorded.as_posix())
        except ValueError:
            continue  # ../../bin/command
        if not is_importable(path):
            continue
        files[path] = os.fspath(recorded.locate())
        if not os.path.isfile(files[path]):
            raise _damaged(source, f"{path} is missing")
    return files


def _edited(top_level: list[str], source: str, project: str) -> dict[str, str]:
    """Return the files of a package that is installed editable, in the folder of its project."""
    names = top_level or [source.removeprefix(INSTALLED).replace("-", "_").replace(".", "_")]
    files: dict[str, str] = {}
    for name in names:
        path = _imported_from(name)
        if path is None or not is_in(path, project):
            raise Bin2resError(
                f"{source}: its code was not found in {shown(project)}; write the path of its"
                " folder instead"
            )
        files |= {
            below: file for below, file in files_at(path, project).items() if is_importable(below)
        }
    return files


def _imported_from(name: str) -> str | None:
    """Return the folder of a top-level package, or the file of a module."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return os.path.realpath(next(iter(spec.submodule_search_locations)))
    return os.path.realpath(spec.origin) if spec.origin else None


def _project(found: Distribution) -> str | None:
    """Return the folder that an editable install refers to, None for another."""
    try:
        origin = json.loads(found.read_text("direct_url.json") or "{}")
        if origin["dir_info"]["editable"] is True:
            return os.path.realpath(url2pathname(urlsplit(origin["url"]).path))
    except (ValueError, KeyError, TypeError, RecursionError, AttributeError):
        pass
    return None


def is_importable(path: str) -> bool:
    """Return whether a file is in a package or is a module, and is no help for tools."""
    top, slash, _ = path.partition("/")
    if "__pycache__" in path.split("/") or path.endswith(_LEFT_OUT) or top.endswith(_METADATA):
        return False
    return bool(slash) or path.endswith((".py", ".mpy"))


def _damaged(source: str, what: str) -> Bin2resError:
    name = source.removeprefix(INSTALLED)
    return Bin2resError(f"{source}: {what}; pip install --force-reinstall {name}")
