"""Check the resource modules that are not the usual case, for `pkgres`: another tool made it,
another thread is importing it, or it is in a package above a folder without code.
"""

import sys

import pkgres


def checked(module, is_of_packages):
    """Return *module*, or None if it is no resource module. It has no DIGEST, at least not yet.

    *is_of_packages* is true for a top-level module ``R`` that a package asks for: there it may be
    a module of the app. Raises ImportError if the module has no ``R``.
    """
    # Another thread may be importing it. bin2res makes modules that have no __file__.
    try:
        import _thread  # noqa: F401
        from time import sleep

        tries = 100
    except ImportError:
        tries = 0
    while tries:
        if hasattr(module, "DIGEST"):
            return module
        if hasattr(module, "__path__") or (hasattr(module, "R") and hasattr(module, "__file__")):
            break
        sleep(0.005)
        tries -= 1
    # MicroPython imports a folder as a module.
    if hasattr(module, "__path__") or is_of_packages:
        return None
    if getattr(module, "R", None) is None:
        raise ImportError("%s has no R: run bin2res" % module.__name__)
    return module


def without_code(package, error):
    """Return the paths of the folders where files of *package* may be, as for a frozen package.

    *error* is the ImportError of importing *package*. It is raised again, unless only this
    package is missing and a resource module above has a folder of this name.
    """
    text = str(error)
    parts = package.split(".")
    names = ["'%s'" % ".".join(parts[: i + 1]) for i in range(len(parts))]
    if text not in ("", "module not found") and not [n for n in names if text.endswith(n)]:
        raise error
    parent = ".".join(parts[:-1])
    is_there = False
    folders = []
    for module, path in pkgres._places(parent):
        path += parts[-1]
        if not module:
            folders.append(path)
        elif parent or hasattr(module, "DIGEST"):
            path += "/"
            for name in module.R:
                is_there = is_there or name.startswith(path)
    if not is_there:
        raise error
    pkgres._known[(package, "R")] = None
    return folders


def check_mpy(folders):
    """Raise ImportError if R.mpy is in one of *folders*. The firmware loads no .mpy."""
    if sys.implementation.name != "micropython":
        return
    for folder in folders:
        if pkgres._mode(folder + "R.mpy"):
            raise ImportError(folder + "R.mpy: firmware loads no .mpy")
