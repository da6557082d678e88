"""Runs on the device: a filesystem in RAM, for a board that has none.

    import ramfs
    ramfs.mount()

What MicroPython asks of one is in its source, extmod/vfs.c: it calls these methods.
"""

import errno
import io

import vfs

_FOLDER, _FILE = 0x4000, 0x8000


def mount():
    """Mount an empty one as ``/``."""
    vfs.mount(RamFS(), "/")


class RamFS:
    """Content of files by path without a slash in front; None is a folder."""

    def __init__(self):
        self._content = {"": None}
        self._current = ""

    def mount(self, readonly, mkfs):
        pass

    def umount(self):
        pass

    def open(self, path, mode):
        name = self._name(path)
        if "w" in mode:
            self._folder(name)
            return _Writer(self._content, name)
        content = self._found(name)
        if content is None:
            raise OSError(errno.EISDIR)
        return io.BytesIO(content)

    def stat(self, path):
        content = self._found(self._name(path))
        mode, size = (_FOLDER, 0) if content is None else (_FILE, len(content))
        return (mode, 0, 0, 0, 0, 0, size, 0, 0, 0)

    def statvfs(self, path):
        return (512, 512, 1000, 1000, 1000, 0, 0, 0, 0, 255)

    def ilistdir(self, path):
        start = self._name(path)
        self._found(start)
        start = start and start + "/"
        for name, content in self._content.items():
            if name and name.startswith(start) and "/" not in name[len(start) :]:
                kind, size = (_FOLDER, 0) if content is None else (_FILE, len(content))
                yield name[len(start) :], kind, 0, size

    def mkdir(self, path):
        name = self._name(path)
        if name in self._content:
            raise OSError(errno.EEXIST)
        self._folder(name)
        self._content[name] = None

    def remove(self, path):
        name = self._name(path)
        self._found(name)
        del self._content[name]

    rmdir = remove

    def chdir(self, path):
        self._current = self._name(path)

    def getcwd(self):
        return "/" + self._current

    def _name(self, path):
        path = path if path[:1] == "/" else self._current + "/" + path
        return "/".join([part for part in path.split("/") if part not in ("", ".")])

    def _found(self, name):
        if name not in self._content:
            raise OSError(errno.ENOENT)
        return self._content[name]

    def _folder(self, name):
        if self._content.get(name.rpartition("/")[0], b"") is not None:
            raise OSError(errno.ENOENT)


class _Writer:
    def __init__(self, content, name):
        self._content, self._name = content, name
        self._parts = []

    def write(self, data):
        self._parts.append(bytes(data))
        return len(data)

    def close(self):
        # A stream that grows would take twice the memory, and the board has little.
        self._content[self._name] = b"".join(self._parts)
        self._parts = []

    def __enter__(self):
        return self

    def __exit__(self, *arguments):
        self.close()
