"""What a mounted package does besides opening files that are found at once: `umount`, and the
methods of the filesystem of `pkgres.mount` that are loaded when one is called.
"""

import errno
import os

import pkgres
from pkgres.folder import _items, entries, is_made_by_bin2res, size
from pkgres.mount import vfs
from pkgres.where import find
from pkgres.where import opened as stream_of

# st_dev is -1, by which a lookup for files knows that this is none.
_FOLDER = (0x4000, 0, -1, 0, 0, 0, 0, 0, 0, 0)


def umount(path):
    """Unmount what `mount` mounted at *path*; streams that are open stay readable.

    Raises OSError with EINVAL if nothing is mounted and there is no folder.
    """
    if not isinstance(path, str):  # MicroPython unmounts this filesystem
        return
    if not path.startswith("/"):
        raise ValueError("not an absolute path: %r" % path)
    path = "/" + pkgres._normal(path)
    if pkgres._mode(path) != 0x4000:  # else nothing of ours is there
        vfs.umount(path)


def opened(self, path, mode):
    """Return a stream over what is at *path*: text, unless there is a ``b`` in *mode*."""
    for letter in "wax+":
        if letter in mode:
            remove(self, path)
    return self._look(open_resource, self._package, name_of(self, path), mode)


def open_resource(package, name, mode):
    """Return a stream over a resource, for reading: text, unless there is a ``b`` in *mode*.

    Raises what `pkgres.where.find` raises, and OSError with EISDIR for an empty *name*.
    """
    return stream_of(_found(package, name), name, "rb" if "b" in mode else "r")


def stat(self, path):
    return self._look(status_of_resource, self._package, name_of(self, path))


def status_of_resource(package, name):
    """Return what os.stat() returns for a resource or a folder of resources.

    Raises what `pkgres.where.find` raises.
    """
    try:
        found = _found(package, name)
    except OSError as e:
        if e.errno != errno.EISDIR:
            raise
        return _FOLDER
    length, times = 0, _FOLDER[7:]
    if isinstance(found, list):
        found = found[0]
        if isinstance(found, tuple):
            found, of_file = found
            times = of_file[7:]
        length = size(found)
    elif isinstance(found, tuple):
        length, times = found[1][6], found[1][7:]
    else:
        length = len(found)
    return (0x8000,) + _FOLDER[1:6] + (length,) + times


def _found(package, name):
    # NAME.gz answers for NAME only if bin2res compressed it.
    if not name:
        raise OSError(errno.EISDIR, "only a folder: package '%s'" % (package or "__main__"))
    return find(package, name, is_made_by_bin2res)


def ilistdir(self, path):
    found = self._look(entries, self._package, name_of(self, path), is_made_by_bin2res)
    return listed(found.values(), path)


def listed(found, path):
    """Return an iterator over entries, with names that are bytes if *path* is."""
    if isinstance(path, str):
        return iter(found)
    return iter([(entry[0].encode(),) + entry[1:] for entry in found])


def chdir(self, path):
    cwd = resolved(self._cwd, path, True)
    if self.stat("/" + cwd)[0] & 0xF000 != 0x4000:
        raise OSError(getattr(errno, "ENOTDIR", 20), "%r is not a folder" % path)
    self._cwd = cwd and cwd + "/"


def getcwd(self):
    return "/" + self._cwd[:-1]


def statvfs(self, path):
    # Blocks of a byte, and all are in use.
    total = 1
    for module, place in pkgres._places(self._package):
        if module:
            for name, content in _items(module):
                if name.startswith(place + self._folder):
                    total += (
                        sum([len(part) for part in content])
                        if isinstance(content, tuple)
                        else len(content)
                    )
    return (1, 1, total, 0, 0, 0, 0, 0, 1, 255)


def remove(self, path, *others):
    raise OSError(30, "read-only: %r" % path)  # EROFS


rename = mkdir = rmdir = remove


def is_there(self, path):
    """Return whether the package's folder is on a filesystem at *path*.

    Raises OSError if it is no folder, or to mount it there would hide files of the package
    from its lookup.
    """
    folder = self._folder
    entries(self._package, folder)
    found = more = False
    for module, place in pkgres._places(self._package):
        if module:
            place += folder
            for name in module.R:
                more = more or name.startswith(place)
            continue
        if not place.startswith("/"):
            place = os.getcwd() + "/" + place
        place = "/" + "/".join([part for part in place.split("/") if part not in ("", ".")])
        own = (place + "/" + folder).replace("//", "/")
        if own == path + "/":
            if has_files(path):
                found = True
        elif own.startswith("/" if path == "/" else path + "/") and has_files(own[:-1]):
            found = more = True
    if found and more:
        raise OSError(
            errno.EPERM,
            "%s has files of the package; use pkgres.mount.root(), or another path" % path,
        )
    return found


def has_files(path):
    """Return whether there is a folder that is not empty on a filesystem at *path*."""
    return pkgres._mode(path) == 0x4000 and bool(os.listdir(path))


def name_of(self, path):
    """Return the name of the resource that *path* means here.

    Raises OSError with ENOENT for a path above the mount, or with a backslash or a NUL.
    """
    return self._folder + resolved(self._cwd, path)


def resolved(cwd, path, stays=False):
    """Return the absolute form of *path*, relative to *cwd*, without its leading slash.

    Raises OSError with ENOENT if ``..`` leads above the root, unless *stays* is true, and if there
    is a backslash or a NUL in it.
    """
    if not isinstance(path, str):
        path = str(path, "utf-8")
    parts = []
    for part in (path if path.startswith("/") else cwd + path).split("/"):
        if part == "..":
            if parts:
                parts.pop()
            elif not stays:
                raise OSError(errno.ENOENT, "above the root: %r" % path)
        elif "\\" in part or "\0" in part:
            raise OSError(errno.ENOENT, "no name of a resource: %r" % path)
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
