"""How an app starts with the board: the main.py that runs it."""

from __future__ import annotations

from collections.abc import Mapping

from ..app import App
from ..errors import Bin2resError, shown
from .definitions import Definitions
from .imports import used

MAIN = "main.py"


def main_py(app: App, dependencies: Mapping[str, str]) -> bytes | None:
    """Return the main.py of the board, None where the description does not say what starts.

    A function is run by asyncio if it is defined by ``async def``, as far as the text of the app
    and of its *dependencies*, paths of files by path below lib, tells.

    Raises Bin2resError where no file of the app's code is what ``start`` names, and where
    the app has a main.py of its own.
    """
    module, _, function = app.config.start.partition(":")
    if not module:
        return None
    key = app.config.key("start")
    if app.config.is_flat and MAIN in app.code:
        raise Bin2resError(f"{key}: {shown(app.code[MAIN])} starts already; remove one of the two")
    found = _module_of(app, module)
    if found is None:
        raise Bin2resError(f"{key}: {module} is not a module of the app; name one that is")
    if function:
        first, _, _ = function.partition(".")
        imported = f"from {module} import {first}\n"
        loop = _loop_of({**_files_of(app), **dependencies}, module, function)
        if loop:
            return f"import {loop}\n{imported}\n{loop}.run({function}())\n".encode()
        return f"{imported}\n{function}()\n".encode()
    return f"import {found}\n".encode()


def _loop_of(files: Mapping[str, str], module: str, function: str) -> str:
    """Return the module that runs a coroutine function, ``""`` for any other function.

    It is ``uasyncio``, as up to MicroPython 1.20, if just that one is imported beside the function.
    """
    found = Definitions(files).find(module, function)
    if found is None or not found.is_async:
        return ""
    stem = found.module.replace(".", "/")
    sources = [(n, files[n]) for n in (f"{stem}.py", f"{stem}/__init__.py") if n in files]
    imported = used(sources, ("asyncio", "uasyncio")).modules
    return "uasyncio" if imported == {"uasyncio"} else "asyncio"


def _files_of(app: App) -> dict[str, str]:
    """Return the path of each file of code, by its path in the place of import."""
    prefix = f"{app.config.package}/" if app.config.package else ""
    files = {prefix + name: path for name, path in app.code.items()}
    if app.config.is_flat:
        files |= {name.removeprefix("lib/"): path for name, path in files.items()}
    return files


def _module_of(app: App, module: str) -> str | None:
    """Return the module to import for what is named: of a package its ``__main__``, if any."""
    stems = {name.rpartition(".")[0] for name in _files_of(app)}
    path = module.replace(".", "/")
    for stem, found in (
        (f"{path}/__main__", f"{module}.__main__"),
        (f"{path}/__init__", module),
        (path, module),
    ):
        if stem in stems:
            return found
    return None
