"""How an app starts with the board: the main.py that runs it."""

from __future__ import annotations

from ..app import App
from ..errors import Bin2resError, shown

MAIN = "main.py"


def main_py(app: App) -> bytes | None:
    """Return the main.py of the board, None where the description does not say what starts.

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
        return f"from {module} import {first}\n\n{function}()\n".encode()
    return f"import {found}\n".encode()


def _module_of(app: App, module: str) -> str | None:
    """Return the module to import for what is named: of a package its ``__main__``, if any."""
    names = {f"{app.config.package}/{name}" if app.config.package else name for name in app.code}
    names |= {name.removeprefix("lib/") for name in names if app.config.is_flat}
    stems = {name.rpartition(".")[0] for name in names}
    path = module.replace(".", "/")
    for stem, found in (
        (f"{path}/__main__", f"{module}.__main__"),
        (f"{path}/__init__", module),
        (path, module),
    ):
        if stem in stems:
            return found
    return None
