"""Turn files into the Python module from which `pkgres` serves them.

import bin2res
bin2res.bundle(["data"], directory="my_app")      # writes my_app/R.py
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from .bundling import Bundle, Form, bundle, differences
    from .errors import Bin2resError

__all__ = ["Bin2resError", "Bundle", "Form", "bundle", "differences"]


def __getattr__(name: str) -> Any:
    # Loaded when first asked for: the commands are to heed a signal before that.
    if name == "__version__":
        from importlib.metadata import version

        return version("pkgres")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import bundling as module
    from . import errors

    return getattr(errors if name == "Bin2resError" else module, name)
