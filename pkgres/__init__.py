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
import sys
from io import BytesIO

# What was learned, kept until invalidate_caches():
#   package         its R, where no folder can come before it
#   (package,)      its own name, and the folders to look in, each with a / at the end
#   (package, "R")  its resource module, None where there is none
#   module          bits that tell of the names in a resource module
_known = {}


def resource_stream(package: str | None, resource: str):
    """Return a readable binary stream over a resource, positioned at its start.

    *package* is a package (``"my_app"``), a module in one (``"my_app.utils"``),
    ``"__main__"``, or, ``""`` or None, the root: the folder of the script that
    runs, else the current one, and the top-level module ``R``.

    *resource* is a path with ``/``, from the package's folder; ``./``, ``//`` and slashes
    in front are folded.

    The first of these that has it is taken: the package's folder (of a frozen
    package ``<entry>/<package path>`` for each entry of ``sys.path``), the dict
    ``R`` of the module ``R`` in the package, that of the packages above it, with the
    path in front (``"inner/data/x"``), last that of the top-level module ``R``. In each
    a resource stored as ``NAME.gz`` answers for ``NAME``, too, inflated.

    Raises ValueError, before anything is touched, for a resource that is empty
    or holds ``..``, a backslash or a NUL; ImportError where there is no
    such package, or no ``pkgres.gz`` for a compressed resource, as a firmware may do
    without; OSError with ENOENT where there is no such resource, with EISDIR where it
    is a folder.
    """
    try:
        return BytesIO(_known[package][resource])
    except Exception:  # it is not there, or in pieces, which BytesIO does not take
        pass
    # Few names and a shallow stack: MicroPython takes a larger frame from the heap.
    package = _find(package, resource, _open, None)
    return package if hasattr(package, "read") else BytesIO(package)  # type: ignore[arg-type]


def resource_string(package: str | None, resource: str) -> bytes:
    """Return the bytes of a resource; from a resource module its object, no copy.

    Arguments and errors are those of `resource_stream`.
    """
    try:
        return b"" + _known[package][resource]  # that very object, if it is not in pieces
    except Exception:
        pass
    found = _find(package, resource, _open, None)
    if not hasattr(found, "read"):
        return found
    with found:
        return found.read()


def invalidate_caches() -> None:
    """Forget where packages are and which folders exist: the next call looks again."""
    _known.clear()


def __getattr__(name: str, part: str = "info"):
    # What few apps need is in files of their own: the calls that tell of resources without
    # opening them, and parts of a lookup. Another thread may be importing the file.
    while True:
        module = __import__("pkgres." + part, None, None, (name,))
        if part == "info" or hasattr(module, name):
            return getattr(module, name)


def _find(package, resource, at_path, inflated):
    # The first of what at_path(path) gives for a file, or bytes of a resource module; of
    # a NAME.gz, inflated(that, name), by default a stream of what is in it. at_path gives
    # None for nothing, and may give True for a folder. (Each function is RAM when this
    # is loaded, so there are few.)
    name = _normal(resource)
    if not name:
        raise ValueError("no name: %r" % resource)
    in_folders = is_folder = False
    for module, path in _places(package):
        path = path + name if path else name
        bits = _known.get(module, -1)
        for suffix in ("", ".gz"):
            if not module:
                in_folders = True
                found = at_path(path + suffix)
            elif suffix and not bits >> 24:
                continue
            else:
                try:
                    found = module.R[path + suffix]
                except KeyError:
                    continue
                if isinstance(found, tuple):
                    found = __getattr__("Pieces", "pieces")(found)
                # bin2res writes legal names only, so its names need no second look.
                if path is name and not in_folders and hasattr(module, "DIGEST"):
                    _known[package] = module.R
            if found is True:
                is_folder |= not suffix
            elif found is not None:
                if suffix:
                    found = (inflated or __getattr__("Inflated", "gz"))(found, name)
                    if found is None:
                        continue
                return found
        if module:
            # Few misses are folders: a bit for each place of a slash tells most of them. Bit
            # 24 tells that there is a NAME.gz.
            if bits < 0:
                bits = 0
                for other in module.R:
                    bits |= other.endswith(".gz") << 24
                    end = other.find("/")
                    while end > 0:
                        bits |= 1 << end % 24
                        end = other.find("/", end + 1)
                _known[module] = bits
            if bits >> len(path) % 24 & 1:
                path += "/"
                for other in module.R:
                    if other.startswith(path):
                        is_folder = True
    if in_folders and at_path is _open:
        for module, path in _places(package):
            if not module and _mode(path + name) == 0x4000:
                is_folder = True
    code, what = errno.ENOENT, "no resource"
    if is_folder:
        code, what = errno.EISDIR, "only a folder"
    raise OSError(code, "%s '%s' in package '%s'" % (what, name, package or "__main__"))


def _normal(resource):
    # Most names are normal. (An index or a slice would make a new string to look at.)
    is_bad = "\\" in resource or "\0" in resource
    if not (
        is_bad  # noqa: PIE810 - not all take a tuple
        or resource.startswith("/")
        or resource.endswith("/")
        or "//" in resource
        or resource.endswith(".")
        or "./" in resource
    ):
        return resource
    name = ""
    for part in resource.split("/"):
        if is_bad or part == "..":
            raise ValueError("not a path inside the package: %r" % resource)
        if part not in ("", "."):
            name += "/" + part if name else part
    return name


def _places(package):
    # Where a package's names can be, and what each puts in front of them: None with a
    # folder, or a resource module. "my_app.inner" has my_app.inner.R, my_app.R with
    # "inner/", and the root's R with "my_app/inner/".
    name = package or ""
    named = (name,)
    place = _known.get(named)
    if not place:
        if not name or name == "__main__":
            main = __import__("__main__")
            # Under -m CPython keeps the name of the package, MicroPython of the module.
            under_m = getattr(main, "__package__", None) or ""
            if isinstance(getattr(main, "__main__", None), str):
                under_m = ".".join(main.__main__.split(".")[:-1])
            path = "" if under_m else getattr(main, "__file__", "")
            while path and path[-1] not in "/\\":
                path = path[:-1]
            folders = [path]
            name = name and under_m
        if name:
            # MicroPython would take "my_app/x" and "my_app." for folders, and stop at a NUL.
            if "/" in name or "\0" in name or ("." in name and not all(name.split("."))):
                raise ImportError("no module named %r" % name)
            try:
                path = getattr(__import__(name, None, None, ("__name__",)), "__path__", None)
            except ImportError as e:
                path = __getattr__("without_code", "modules")(name, e)
            if path is None:
                yield from _places(".".join(name.split(".")[:-1]))
                return
            folders = []
            if path[:8] != ".frozen/":
                for entry in [path] if isinstance(path, str) else path:
                    folders.append(entry + "/")
            else:
                path = path[8:]
                for entry in sys.path:
                    if entry != ".frozen":
                        entry = entry + "/" + path if entry else path
                        if _mode(entry) == 0x4000:
                            folders.append(entry + "/")
        place = _known[named] = name, folders
    package, folders = place
    for folder in folders:
        yield None, folder
    own_name = package
    while True:
        key = (package, "R")
        module = _known.get(key, key)
        if module is key:
            name = package + ".R" if package else "R"
            module = None
            try:
                module = __import__(name, None, None, ("__name__",))
            except Exception as e:
                # Up to MicroPython 1.20 a module stays there that could not be imported.
                getattr(sys, "modules", {}).pop(name, None)
                # This module may be missing, one that it imports may not. Small
                # firmware says "module not found", without a name, or nothing.
                text = str(e)
                is_missing = text in ("", "module not found") or text.endswith("'%s'" % name)
                if not (isinstance(e, ImportError) and (is_missing or (own_name and not package))):
                    raise
                if not is_missing:
                    return
                if not hasattr(sys.implementation, "_mpy"):
                    __getattr__("check_mpy", "modules")(folders)
            _known[key] = module
        if module and not hasattr(module, "DIGEST"):  # bin2res did not make it
            module = __getattr__("checked", "modules")(module, own_name and not package)
        if module:
            prefix = ""
            if package != own_name:
                prefix = own_name[len(package) :].replace(".", "/").lstrip("/") + "/"
            yield module, prefix
        if not package:
            return
        dot = package.rfind(".")
        package = package[:dot] if dot > 0 else ""


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
    # The file type bits of st_mode; 0 where there is nothing, or a mount of pkgres, whose
    # st_dev is -1.
    try:
        status = os.stat(path)
        return status[2] != -1 and status[0] & 0xF000
    except OSError:
        return 0
