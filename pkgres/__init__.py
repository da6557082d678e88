"""Find the resources of a package by name: files first, frozen bytes else.

    import pkg_resources
    pkg_resources.resource_stream(__name__, "data/page.html")

The same line works on a PC, on a board's filesystem and frozen into firmware,
where there are no files and the bytes come from the module ``R`` that ``bin2res``
makes. `resource_stream` says what the arguments may be and where it looks.
"""

# At the top: MicroPython looks for these on the filesystem at every import.
import errno
import os
from io import BytesIO

# What was learned, kept until invalidate_caches():
#   package         its R, where no folder can come before it
#   (package,)      its own name, and the folders to look in, each with a / at the end
#   (package, "R")  its resource module, None where there is none
_known = {}


def resource_stream(package: str | None, resource: str):
    """Return a readable binary stream over a resource, positioned at its start.

    *package* is a package (``"my_app"``), a module in one (``"my_app.utils"``),
    ``"__main__"``, or, ``""`` or None, the root: the folder of the script that
    runs, else the current one, and the top-level module ``R``.

    *resource* is a relative path with ``/``; ``./`` and ``//`` are folded.

    The first of these that has it is taken: the package's folder (of a frozen
    package ``<entry>/<package path>`` for each entry of ``sys.path``), the dict
    ``R`` of the module ``R`` in the package, that of the packages above it, with the
    path in front (``"inner/data/x"``), last that of the top-level module ``R``. In each
    a resource stored as ``NAME.gz`` answers for ``NAME``, too, with what is inflated.

    Raises ValueError, before anything is touched, for a resource that is empty,
    absolute, or holds ``..``, a backslash or a NUL; ImportError where there is no
    such package, or no ``pkgres.gz`` for a compressed resource, as a firmware may do
    without; OSError with ENOENT where there is no such resource, with EISDIR where it
    is a folder.
    """
    try:
        return BytesIO(_known[package][resource])
    except KeyError:
        pass
    # Few names and a shallow stack: MicroPython takes a larger frame from the heap.
    package = _find(package, resource, _open, None)
    return package if hasattr(package, "read") else BytesIO(package)  # type: ignore[arg-type]


def resource_string(package: str | None, resource: str) -> bytes:
    """Return the bytes of a resource; from a resource module its object, no copy.

    Arguments and errors are those of `resource_stream`.
    """
    found = _find(package, resource, _open, None)
    if not hasattr(found, "read"):
        return found
    with found:
        return found.read()


def invalidate_caches() -> None:
    """Forget where packages are and which folders exist: the next call looks again."""
    _known.clear()


def __getattr__(name: str):
    # The calls that tell of resources without opening them; few apps load them.
    import pkgres.info

    return getattr(pkgres.info, name)


def _find(package, resource, at_path, inflated):
    # What at_path(path) gives for the first path where that is not None, or the
    # bytes from a resource module; of a NAME.gz, inflated(that, name), by default
    # a stream of what is in it.
    name = _normal(resource)
    if not name:
        raise ValueError("no resource named: %r" % resource)
    own_name, folders = _place(package)
    for folder in folders:
        for suffix in ("", ".gz"):
            found = at_path(folder + name + suffix)
            if found is not None:
                if suffix:
                    if not inflated:
                        from pkgres.gz import Inflated as inflated
                    found = inflated(found, name)
                return found
    is_folder = False
    for module, prefix in _resource_modules(own_name):
        table = module.R
        for suffix in ("", ".gz"):
            try:
                found = table[prefix + name + suffix]
            except KeyError:
                continue
            # bin2res writes legal names only, so its names need no second look.
            if not folders and not prefix and hasattr(module, "DIGEST"):
                _known[package] = table
            if suffix:
                if not inflated:
                    from pkgres.gz import Inflated as inflated
                found = inflated(found, name)
            return found
        start = prefix + name + "/"
        for key in table:
            if key.startswith(start):
                is_folder = True
    for folder in folders:
        if _mode(folder + name) == 0x4000:
            is_folder = True
    if is_folder:
        raise OSError(errno.EISDIR, "%r in package %r is a folder" % (name, package))
    raise OSError(errno.ENOENT, "no resource %r in package %r" % (name, package))


def _normal(resource):
    parts = resource.split("/")
    if resource[:1] == "/" or ".." in parts or "\\" in resource or "\0" in resource:
        raise ValueError("not a path inside the package: %r" % resource)
    return "/".join([part for part in parts if part not in ("", ".")])


def _place(package):
    name = package or ""
    key = (name,)
    if key in _known:
        return _known[key]
    if not name or name == "__main__":
        main = __import__("__main__")
        # Under -m CPython keeps the name of the package, MicroPython of the module.
        under_m = getattr(main, "__package__", None) or ""
        if isinstance(getattr(main, "__main__", None), str):
            under_m = main.__main__.rpartition(".")[0]
        script = "" if under_m else getattr(main, "__file__", "")
        folders = [script[: max(script.rfind("/"), script.rfind("\\")) + 1]]
        name = name and under_m
    if name:
        # MicroPython would take "my_app/x" and "my_app." for folders, and stop at a NUL.
        if "/" in name or "\0" in name or not all(name.split(".")):
            raise ImportError("no module named %r" % name)
        path = getattr(__import__(name, None, None, ("__name__",)), "__path__", None)
        if path is None:
            name, folders = _place(name.rpartition(".")[0])
        elif not isinstance(path, str):
            folders = [folder + "/" for folder in path]
        elif path[:8] != ".frozen/":
            folders = [path + "/"]
        else:
            import sys

            folders = []
            for entry in sys.path:
                folder = (entry and entry + "/") + path[8:] + "/"
                if entry != ".frozen" and _mode(folder[:-1]) == 0x4000:
                    folders.append(folder)
    _known[key] = name, folders
    return _known[key]


def _resource_modules(package):
    # The resource modules that can hold a package's names, with what each puts in
    # front of them: "my_app.inner" has my_app.inner.R, my_app.R with "inner/", and
    # the root's R with "my_app/inner/".
    prefix = ""
    while True:
        key = (package, "R")
        # Asked for by a package, a top-level R may be a module of the app's own: it
        # counts if bin2res made it, which gives it a DIGEST.
        is_sure = package or not prefix
        if key not in _known:
            name = package + ".R" if package else "R"
            module = None
            try:
                module = __import__(name, None, None, ("__name__",))
            except ImportError as e:
                # This module may be missing, one that it imports may not. Small
                # firmware says "module not found", without a name.
                quoted = "'%s'" % name
                if str(e)[-len(quoted) :] != quoted and str(e) != "module not found":
                    if is_sure:
                        raise
                    return
            if hasattr(module, "__path__"):
                module = None  # a folder of this name
            _known[key] = module
        module = _known[key]
        if module and (is_sure or hasattr(module, "DIGEST")):
            if getattr(module, "R", None) is None:
                raise ImportError("%s has no R: make it again with bin2res" % module.__name__)
            yield module, prefix
        if not package:
            return
        dot = package.rfind(".")
        prefix = package[dot + 1 :] + "/" + prefix
        package = package[: max(dot, 0)]


def _open(path):
    try:
        stream = open(path, "rb")
    except OSError as e:
        # Without a filesystem it is ENODEV. Other codes (a file used as a folder,
        # a name this filesystem cannot hold) differ; then nothing is there.
        if e.errno in (errno.ENOENT, errno.ENODEV) or _mode(path) in (0, 0x4000):
            return None
        raise
    # MicroPython on a PC opens folders, too. None of its other streams has a fileno;
    # CPython's has, and a raw stream below it.
    if hasattr(stream, "fileno") and not hasattr(stream, "raw") and _mode(path) == 0x4000:
        stream.close()
        return None
    return stream


def _mode(path):
    # The file type bits of st_mode, 0 where there is nothing.
    try:
        return os.stat(path)[0] & 0xF000
    except OSError:
        return 0
