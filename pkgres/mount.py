"""Show a package's resources at a path, to code that opens files by path.

    import pkgres.mount
    pkgres.mount.mount("my_app", "/my_app")
    open("/my_app/data/page.html")

For MicroPython, where an object with certain methods is a filesystem:
https://docs.micropython.org/en/latest/reference/filesystem.html
"""

from io import BytesIO, StringIO

import pkgres

try:
    import vfs
except ImportError:
    import os as vfs  # MicroPython up to 1.21
try:
    import _thread
except ImportError:
    _thread = None  # type: ignore


def mount(package: str | None, path: str, folder: str = "") -> None:
    """Mount a read-only view of a package's resources, or of those in *folder*, at *path*.

    *package* and *folder* are what `pkgres.resource_stream` takes, and files are found as
    there. *path* is absolute; it need not exist. If it is that very folder of the package,
    on a filesystem, the files are there already, and nothing is mounted.

    Raises NotImplementedError where nothing can be mounted, as on CPython; ValueError for
    a *path* that is not absolute; OSError with ENOENT or ENOTDIR where *folder* is no folder
    of the package, with EPERM where something is mounted at *path* already or files of the
    package would be hidden; and what `pkgres.resource_stream` raises for a name.
    """
    if not hasattr(vfs, "umount"):
        raise NotImplementedError("nothing can be mounted here: use pkgres.files.files()")
    if not path.startswith("/"):
        raise ValueError("not an absolute path: %r" % path)
    path = "/" + pkgres._normal(path)
    for _ in pkgres._places(package):
        break  # a package that does not exist raises
    resources = _Resources()
    resources._package = package
    resources._folder = folder and pkgres._normal(folder) + "/"
    if folder or pkgres._mode(path):
        from pkgres.mounted import is_there

        if is_there(resources, path):
            return
    vfs.mount(resources, path, readonly=True)


def umount(path: str) -> None:
    """Unmount what `mount` mounted at *path*; streams that are open stay readable.

    Raises OSError with EINVAL if nothing is mounted and there is no folder, ValueError for a
    *path* that is not absolute.
    """
    import pkgres.mounted

    pkgres.mounted.umount(path)


def root(*filesystem) -> None:
    """Show the resources of the app at every path where the board's filesystem has no file.

    `pkgres.root` is loaded for it, and describes it.
    """
    import pkgres.root

    pkgres.root.root(*filesystem)


class _Resources:
    # The filesystem. A path that it is given starts with a slash or is relative to _cwd.
    # What is not needed to open files is in another module, as each method is RAM.

    _cwd = ""
    # One thread at a time looks something up, in any of them.
    _lock = _thread and _thread.allocate_lock()
    _owner: int | None = None
    _is_looking = False
    _package: str | None
    _folder: str

    def mount(self, *arguments):
        pass

    def open(self, path, mode):
        try:
            name = self._folder + (path[1:] if path.startswith("/") else self._cwd + path)
            found = pkgres._known[self._package][name]
            if mode == "rb":
                return BytesIO(found)
            if mode == "r":
                return StringIO(found)
        except Exception:  # it is not there, in pieces, or the path is bytes
            pass
        from pkgres.mounted import opened

        return opened(self, path, mode)

    def _look(self, call, *arguments):
        locks = False
        if _thread:
            thread = _thread.get_ident()
            locks = thread != _Resources._owner
            if locks:
                self._lock.acquire()
                _Resources._owner = thread
        # The files that call looks for may be paths in this filesystem: there are none.
        if self._is_looking:
            raise OSError(pkgres.errno.ENOENT)
        self._is_looking = True
        try:
            return call(*arguments)
        finally:
            self._is_looking = False
            if locks:
                _Resources._owner = None
                self._lock.release()

    def __getattr__(self, name):
        import pkgres.mounted

        call = getattr(pkgres.mounted, name)
        return lambda *arguments: call(self, *arguments)
