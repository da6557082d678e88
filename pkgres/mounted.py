"""What a mounted package does besides opening files: the methods of `pkgres.mount`'s
filesystem that are loaded when one is called.
"""

import errno
import os

from pkgres import _places
from pkgres.folder import entries, size
from pkgres.where import find

# st_dev is -1, by which a lookup for files knows that this is none.
_FOLDER = (0x4000, 0, -1, 0, 0, 0, 0, 0, 0, 0)


def umount(self):
    pass


def stat(self, path):
    status = _FOLDER
    try:
        found = self._look(find, _name(self, path))
    except OSError as e:
        if e.errno != errno.EISDIR:
            raise
    else:
        length, times = 0, status[7:]
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
        status = (0x8000,) + status[1:6] + (length,) + times
    return status


def ilistdir(self, path):
    return iter(self._look(entries, _name(self, path)).values())


def chdir(self, path):
    parts = []
    for part in (path if path.startswith("/") else self._cwd + path).split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    cwd = "/".join(parts)
    if stat(self, "/" + cwd)[0] != 0x4000:
        raise OSError(getattr(errno, "ENOTDIR", 20), "%r is not a folder" % path)
    self._cwd = cwd and cwd + "/"


def getcwd(self):
    return "/" + self._cwd[:-1]


def statvfs(self, path):
    return (1, 1, 0, 0, 0, 0, 0, 0, 1, 255)


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
    for module, place in _places(self._package):
        if module:
            place += folder
            for name in module.R:
                more = more or name.startswith(place)
            continue
        if not place.startswith("/"):
            place = os.getcwd() + "/" + place
        place = "/".join([part for part in place.split("/") if part not in ("", ".")])
        place = "/" + place + "/"
        if (place + folder).replace("//", "/") == path + "/":
            found = True
        elif place.startswith(path + "/") or path == "/":
            found = more = True
    if found and more:
        raise OSError(errno.EPERM, "mount it elsewhere: %s has files of the package" % path)
    return found


def _name(self, path):
    return self._folder + (path[1:] if path.startswith("/") else self._cwd + path)
