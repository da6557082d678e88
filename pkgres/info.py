"""The calls that few apps make: does a resource exist, is it a folder, what is in a
folder, where is its file; and its bytes in place.

Reached as ``pkgres.resource_exists`` and so on, loaded when first asked for.
Arguments are those of `pkgres.resource_stream`, and so are ValueError and
ImportError; here ``""`` names the package's own folder.
"""

import errno
import os

from pkgres import _find, _known, _mode, _normal, _open, _places

__version__ = "1.0.0"


def resource_buffer(package: str | None, resource: str) -> memoryview:
    """Return a read-only memoryview of all bytes of a resource.

    Nothing is copied of a resource in a resource module, or of a file on a ROMFS; a file
    on another filesystem is read once, a compressed resource inflated, one in pieces joined.
    Raises what `pkgres.resource_stream` raises.
    """
    try:
        return memoryview(_known[package][resource])
    except Exception:  # it is not there, or in pieces
        pass
    found = _find(package, resource, _open, None)
    if not hasattr(found, "read"):
        return memoryview(found)
    with found:
        try:
            return memoryview(found)  # a file on a ROMFS
        except TypeError:
            return memoryview(found.read())


def resource_exists(package: str | None, resource: str) -> bool:
    """Return whether there is a file or a folder of this name; nothing is opened."""
    return _errno(package, resource) != errno.ENOENT


def resource_isdir(package: str | None, resource: str) -> bool:
    """Return whether this is the name of a folder."""
    return _errno(package, resource) == errno.EISDIR


def resource_listdir(package: str | None, resource: str) -> list[str]:
    """Return the sorted names directly under a folder, of files and of resources.

    Raises OSError: ENOENT where there is nothing of this name, ENOTDIR (20 where
    ``errno`` has none) where it is not a folder.
    """
    name = _normal(resource)
    if not resource_isdir(package, resource):
        _where(package, resource)  # raises ENOENT where there is nothing
        code = getattr(errno, "ENOTDIR", 20)
        where = "in %r" % package if package else "at the root"
        raise OSError(code, "%r %s is not a folder" % (name, where))
    found: dict[str, None] = {}  # not a set: some firmware has none
    for module, path in _places(package):
        if module:
            path += name + "/" if name else ""
            for key in module.R:
                if key.startswith(path):
                    found[key[len(path) :].split("/")[0]] = None
            continue
        path = (path + name).rstrip("/") or path
        try:
            if hasattr(os, "ilistdir"):
                for entry in os.ilistdir(path) if path else os.ilistdir():
                    if entry[2] != -1:  # else a resource, in a view of `pkgres.mount`
                        found[entry[0]] = None
            else:
                for key in os.listdir(path or "."):
                    found[key] = None
        except OSError:
            if _mode(path) == 0x4000:
                raise
    return sorted(found)


def resource_filename(package: str | None, resource: str) -> str:
    """Return the path of the file or the folder that is a resource.

    Raises NotImplementedError where it is in a resource module and has no path,
    OSError with ENOENT where there is no such resource.
    """
    name = _normal(resource)
    path = None
    try:
        if name:
            path = _where(package, resource)
    except OSError as e:
        if e.errno != errno.EISDIR:
            raise
    if path is None:
        for module, path in _places(package):
            path = (path + name).rstrip("/") or path or "."
            if not module and _mode(path) == 0x4000:
                return path
    elif isinstance(path, str) and path.endswith(name):  # not its NAME.gz
        return path
    raise NotImplementedError(
        "%r in package %r is not a file: use resource_stream" % (resource, package)
    )


def _errno(package, resource):
    # The error that opening a resource would end in, 0 where it would not.
    if not _normal(resource):
        for _ in _places(package):
            break
        return errno.EISDIR
    try:
        _where(package, resource)
    except OSError as e:
        return e.errno
    return 0


def _where(package, resource):
    # The path of a resource, or its bytes; nothing is opened, nothing inflated.
    return _find(package, resource, _file, lambda found, name: found)


def _file(path):
    mode = _mode(path)
    return mode == 0x4000 or (path if mode else None)
