"""Turn files into the Python module from which `pkgres` serves them.

import bin2res
bin2res.bundle(["data"], directory="my_app")      # writes my_app/R.py
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from .bundling import Bundle, bundle
    from .errors import Bin2resError
    from .form import Form

__all__ = ["Bin2resError", "Bundle", "Form", "bundle"]

_MODULES = {"Bin2resError": "errors", "Bundle": "bundling", "Form": "form", "bundle": "bundling"}


def __getattr__(name: str) -> Any:
    # Loaded when first asked for: the commands handle signals before that.
    if name == "__version__":
        from importlib.metadata import version

        return version("pkgres")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_MODULES[name]}", __name__), name)
