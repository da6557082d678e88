"""Put the resources of an app below the board's own filesystem, for a program as it is.

    import pkgres.mount
    pkgres.mount.root()
    open("/static/page.html")    # the file if there is one, the resource otherwise

What is written goes to the filesystem. Loaded by `pkgres.mount.root`.
"""

import errno
import os
import sys
from io import BytesIO, StringIO

import pkgres
from pkgres.folder import entries, is_made_by_bin2res
from pkgres.mount import _Resources, vfs
from pkgres.mounted import listed, opened_in, resolved, stat_in
from pkgres.streams import Stream


def root(filesystem=None):
    """Show the resources of the app at every path where the board's filesystem has no file.

    The resources are those of the root, at ``/`` and in the current folder, and those of each
    package that has been imported, at ``/PACKAGE`` and ``/lib/PACKAGE``. Files come first. What
    is written goes to the filesystem: the folder is made, and a resource that is opened to append
    or update is copied first. Without a filesystem all is read-only. A second call does nothing.

    *filesystem* is the board's, such as a vfs.VfsLfs2. MicroPython 1.25 and later find the one
    at ``/``. Raises NotImplementedError if it is not given where it is needed, and if nothing can
    be mounted, as on CPython.
    """
    if not hasattr(vfs, "umount"):
        raise NotImplementedError("nothing can be mounted here: use pkgres.files.files()")
    mounted = None
    try:
        for found, path in vfs.mount():
            if path == "/":
                mounted = found
    except TypeError:  # MicroPython up to 1.24 does not tell
        mounted = filesystem
    if isinstance(mounted, _Root):
        return
    filesystem = filesystem or mounted
    cwd = os.getcwd()
    view = _Root(filesystem, cwd)
    if filesystem and mounted:
        vfs.umount("/")
    try:
        vfs.mount(view, "/")
    except OSError:
        if filesystem:
            raise
        raise NotImplementedError("name the board's filesystem: pkgres.mount.root(filesystem)")
    os.chdir(cwd)
    open_ = pkgres._open

    def only_files(path):
        stream = open_(path)
        return None if isinstance(stream, Stream) else stream

    pkgres._open = only_files


class _Opened(Stream):
    """What the view opens: a BytesIO or StringIO, for reading only, with readlines()."""

    def __init__(self, stream):
        self._stream = stream

    def __getattr__(self, name):
        if name in ("read", "readline", "seek", "tell"):
            return getattr(self._stream, name)
        return super().__getattr__(name)

    def readinto(self, buffer, *size):
        """Fill *buffer*, or *size* bytes of it, as far as data reach; return the bytes."""
        return self._stream.readinto(buffer, *size)

    def __iter__(self):
        return iter(self._stream)


class _Root(_Resources):
    # A path that it is given starts with a slash or is relative to _cwd.

    def __init__(self, filesystem, cwd):
        super().__init__(None, "")
        self._below = filesystem
        self._home = cwd[1:] + "/" if len(cwd) > 1 else ""

    def mount(self, readonly, mkfs):
        if self._below:
            self._below.mount(readonly, mkfs)

    def open(self, path, mode="r"):
        name = resolved(self._cwd, path)
        error = OSError(errno.ENOENT)
        if self._below and not (("a" in mode or "r+" in mode) and self._is_resource(name)):
            try:
                return self._below.open("/" + name, mode)
            except OSError as e:
                error = e
        for letter in "wax+":
            if letter in mode:
                return self._opened_to_write(name, mode, error)
        package, name = self._of(name)
        stream = self._looked(opened_in, package, name, "rb" if "b" in mode else "r")
        # A file is one of its filesystem's, and has all methods.
        return _Opened(stream) if isinstance(stream, (BytesIO, StringIO)) else stream

    def _opened_to_write(self, name, mode, error):
        if not self._below:
            raise OSError(30, "read-only: %r" % name)
        if error.errno != errno.ENOENT:
            raise error
        self._make_folder(name)
        if "w" not in mode and "x" not in mode:
            try:
                source = self.open("/" + name, "rb")
            except OSError:
                if "a" not in mode:
                    raise
            else:
                self._copy(source, "/" + name)
        return self._below.open("/" + name, mode)

    def _copy(self, source, path):
        # Whole, or not there.
        buffer = bytearray(256)
        try:
            with source, self._below.open(path, "wb") as target:
                n = source.readinto(buffer)
                while n:
                    target.write(memoryview(buffer)[:n])
                    n = source.readinto(buffer)
        except BaseException:
            self._below.remove(path)
            raise

    def _make_folder(self, name):
        # Make the folder of a file on the filesystem, if it is one of resources.
        folder = name[: name.rfind("/")] if "/" in name else ""
        if folder and stat(self, "/" + folder)[2] == -1:
            self._make_folder(folder)
            self._below.mkdir("/" + folder)

    def stat(self, path):
        name = resolved(self._cwd, path)
        try:
            return self._below.stat("/" + name)
        except (AttributeError, OSError):  # there may be no filesystem
            package, name = self._of(name)
            if package and not name and not self._looked(entries, package, ""):
                raise OSError(errno.ENOENT, "no files: %r" % path)
            return self._looked(stat_in, package, name)

    def ilistdir(self, path):
        name = resolved(self._cwd, path)
        found, files = {}, []
        package, of_package = self._of(name)
        error = None
        try:
            found = self._looked(entries, package, of_package, is_made_by_bin2res)
        except OSError as e:
            error = e
        if self._below:
            try:
                files = list(self._below.ilistdir("/" + name))
                error = None
            except OSError as e:
                if not found and e.errno != errno.ENOENT:
                    error = e
        if error:
            raise error
        for entry in files:
            if not (entry[0].endswith(".gz") and entry[0][:-3] in found):
                found[entry[0]] = entry
        return listed(found.values(), path)

    def statvfs(self, path):
        if self._below:
            return self._below.statvfs("/")
        import pkgres.mounted

        return pkgres.mounted.statvfs(self, path)

    def remove(self, path):
        self._change("remove", path)

    def rmdir(self, path):
        self._change("rmdir", path)

    def mkdir(self, path):
        name = resolved(self._cwd, path)
        try:
            self.stat("/" + name)
        except OSError:
            pass
        else:
            raise OSError(errno.EEXIST, "%r is there" % path)
        self._change("mkdir", path, name)

    def rename(self, path, target):
        target = resolved(self._cwd, target)
        self._change("rename", path, target, "/" + target)

    def _change(self, call, path, made="", *arguments):
        # Call a method of the filesystem; *made* is the name of what is made.
        name = resolved(self._cwd, path)
        if not self._below or (not made and self._is_resource(name)):
            raise OSError(30, "read-only: %r" % path)  # EROFS
        if made:
            self._make_folder(made)
            if arguments and self._is_resource(name):
                raise OSError(30, "read-only: %r" % path)
        getattr(self._below, call)("/" + name, *arguments)

    def _is_resource(self, name):
        # Whether this is a resource, or a folder of some, that is no file.
        try:
            return self.stat("/" + name)[2] == -1
        except OSError:
            return False

    def _of(self, name):
        # The package that has this name, None for the root, and its name there.
        if self._home and (name + "/").startswith(self._home):
            name = name[len(self._home) :]
        parts = name.split("/")
        package, start = "", 0
        for i in range(len(parts)):
            if i == 0 and parts[0] == "lib" and len(parts) > 1 and parts[1] in sys.modules:
                start = 1
                continue
            inner = ".".join(parts[start : i + 1])
            if not hasattr(sys.modules.get(inner), "__path__"):
                break
            package = inner
        else:
            i = len(parts)
        return (package, "/".join(parts[i:])) if package else (None, name)

    def _looked(self, call, package, *arguments):
        # Lookups of files are relative to where the app started.
        cwd, self._cwd = self._cwd, self._home
        try:
            if call is entries:
                return self._look(call, package, *arguments)
            return call(self, package, *arguments)
        finally:
            self._cwd = cwd


stat = _Root.stat
