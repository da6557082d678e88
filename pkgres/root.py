"""Put the resources of an app below the board's own filesystem, for a program as it is.

    import pkgres.mount
    pkgres.mount.root()
    open("/static/page.html")    # the file if there is one, the resource otherwise

A program writes to the filesystem as before. `pkgres.mount.root` loads this module.
"""

import errno
import os
import sys
from io import BytesIO, StringIO

import pkgres
from pkgres.folder import entries, is_made_by_bin2res
from pkgres.mount import _Resources, _thread, vfs
from pkgres.mounted import listed, open_resource, resolved, status_of_resource, statvfs
from pkgres.streams import Stream


def root(filesystem=None):
    """Show the resources of the app at every path where the board's filesystem has no file.

    The resources of the root are at ``/`` and in the current folder, those of each imported
    package at ``/PACKAGE`` and ``/lib/PACKAGE``. Files come first. Files are written to the
    filesystem, in a folder of resources as well; a resource that is opened to append or update
    is copied there. Without a filesystem everything is read-only. A second call does nothing,
    and on CPython, where all resources are files, so does the first.

    *filesystem* is the board's, such as a vfs.VfsLfs2. MicroPython 1.25 and later find the one
    at ``/``. Raises NotImplementedError if an older one needs it, and if nothing can be mounted;
    if mounting fails, the filesystem is at ``/`` again.
    """
    if hasattr(sys.implementation, "cache_tag"):
        return
    if not hasattr(vfs, "umount"):
        raise NotImplementedError("nothing can be mounted here: use pkgres.files.files()")
    mounted = filesystem
    try:
        for found, path in vfs.mount():
            if path == "/":
                mounted = found
    except TypeError:  # MicroPython up to 1.24 lists nothing
        if not filesystem and _has_files():
            raise NotImplementedError("name the board's filesystem: pkgres.mount.root(filesystem)")
    if isinstance(mounted, _Root):
        return
    cwd = os.getcwd()
    view = _Root(filesystem or mounted, cwd)
    try:
        try:
            vfs.umount("/")
        except OSError:  # nothing is mounted there
            pass
        vfs.mount(view, "/")
    except BaseException:
        if mounted:
            try:
                vfs.mount(mounted, "/")
            except OSError:  # it is still there
                pass
        raise
    os.chdir(cwd)
    open_ = pkgres._open

    def open_file(path):
        stream = open_(path)
        return None if isinstance(stream, Stream) else stream

    pkgres._open = open_file  # so that a lookup finds files only


def _has_files():
    try:
        return bool(os.listdir("/"))
    except OSError:
        return False


class _Opened(Stream):
    """A BytesIO or StringIO for reading only, with all methods of a file."""

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
    # The filesystem. A path that it is given starts with a slash or is relative to _cwd. A name
    # is an absolute path without the slash.

    def __init__(self, filesystem, cwd):
        self._package, self._folder = None, ""
        self._files = filesystem
        self._home = cwd[1:] + "/" if len(cwd) > 1 else ""
        self._base = ""

    def mount(self, readonly, mkfs):
        if self._files:
            self._files.mount(readonly, mkfs)

    def open(self, path, mode="r"):
        name = self._name(path)
        writes = False
        for letter in "wax+":
            writes = writes or letter in mode
        if writes:
            self._prepare(name, mode)
        if self._files:
            try:
                return self._files.open("/" + name, mode)
            except OSError:
                if writes:
                    raise
        stream = self._ask(open_resource, name, mode)
        return _Opened(stream) if isinstance(stream, (BytesIO, StringIO)) else stream

    def stat(self, path):
        name = self._name(path)
        if self._files:
            try:
                return self._files.stat("/" + name)
            except OSError:
                pass
        return self._ask(_status_in, name)

    def ilistdir(self, path):
        name = self._name(path)
        if self.stat("/" + name)[0] & 0xF000 != 0x4000:
            raise OSError(getattr(errno, "ENOTDIR", 20), "%r is not a folder" % path)
        found, files = {}, []
        try:
            found = self._ask(entries, name, is_made_by_bin2res)
        except OSError:  # only files are there
            pass
        if self._files:
            try:
                files = list(self._files.ilistdir("/" + name))
            except OSError:  # only resources are there
                pass
        names = [entry[0] for entry in files]
        for other in found:
            if other not in names and other + ".gz" not in names:
                # Inode -1: a lookup of files takes no notice.
                found[other] = found[other][:2] + (-1,) + found[other][3:]
        for entry in files:
            if not (entry[0].endswith(".gz") and entry[0][:-3] in found and entry[0] not in found):
                found[entry[0]] = entry
        return listed(found.values(), path)

    def statvfs(self, path):
        if self._files:
            return self._files.statvfs("/")
        return statvfs(self, path)

    def remove(self, path):
        self._files_with(path).remove("/" + self._name(path))

    def rmdir(self, path):
        self._files_with(path).rmdir("/" + self._name(path))

    def mkdir(self, path):
        name = self._name(path)
        if self._status(name):
            raise OSError(errno.EEXIST, "%r exists" % path)
        self._make_folder(name)
        self._files_with(path).mkdir("/" + name)

    def rename(self, path, target):
        files, name = self._files_with(path), self._name(target)
        status = self._status(name)
        if status and status[2] == -1 and status[0] == 0x4000:
            raise OSError(errno.EISDIR, "a folder of resources: %r" % target)
        self._make_folder(name)
        files.rename("/" + self._name(path), "/" + name)

    def _name(self, path):
        cwd = self._cwd
        if self._is_looking and (not _thread or self._owner == _thread.get_ident()):
            cwd = self._base  # the lookup of this thread opens files
        return resolved(cwd, path)

    def _ask(self, call, name, *arguments):
        # Look *name* up, as a name in the package that it is in; None is the root.
        base = package = ""
        if self._home and (name + "/").startswith(self._home):
            base, name = self._home, name[len(self._home) :]
        parts = name.split("/")
        if parts[0] == "lib" and len(parts) > 1 and parts[1] in sys.modules:
            parts = parts[1:]
        while parts:
            inner = package + "." + parts[0] if package else parts[0]
            if not hasattr(sys.modules.get(inner), "__path__"):
                break
            package, parts = inner, parts[1:]
        if package:
            name = "/".join(parts)
        return self._look(self._ask_from, base, call, package or None, name, *arguments)

    def _ask_from(self, base, call, *arguments):
        self._base = base
        return call(*arguments)

    def _status(self, name):
        # Like stat(); None if there is nothing. st_dev is -1 if there are only resources.
        try:
            return self.stat("/" + name)
        except OSError:
            return None

    def _files_with(self, path):
        # The filesystem, to change what is at *path*. Resources cannot be changed.
        status = self._status(self._name(path))
        if not self._files or (status and status[2] == -1):
            raise OSError(30, "read-only: %r" % path)  # EROFS
        return self._files

    def _prepare(self, name, mode):
        # Before a file is opened to write: make its folder, copy a resource that is updated.
        if not self._files:
            raise OSError(30, "read-only: %r" % name)  # EROFS
        status = self._status(name)
        if status and status[2] != -1:
            return
        if status and status[0] == 0x4000:
            raise OSError(errno.EISDIR, "only a folder: %r" % name)
        if status and "x" in mode:
            raise OSError(errno.EEXIST, "%r exists" % name)
        self._make_folder(name)
        if status and "w" not in mode:
            self._copy("/" + name)

    def _make_folder(self, name):
        # Make the folder of *name* on the filesystem, if only resources are in it.
        slash = name.rfind("/")
        if slash > 0 and self._files:
            status = self._status(name[:slash])
            if status and status[2] == -1 and status[0] == 0x4000:
                self._make_folder(name[:slash])
                self._files.mkdir("/" + name[:slash])

    def _copy(self, path):
        # Copy a resource to the filesystem: whole, whenever the power goes.
        temporary = path + ".new"
        while self._status(temporary[1:]):
            temporary += "~"
        buffer = bytearray(256)
        try:
            with self.open(path, "rb") as source, self._files.open(temporary, "wb") as target:
                n = source.readinto(buffer)
                while n:
                    target.write(memoryview(buffer)[:n])
                    n = source.readinto(buffer)
            self._files.rename(temporary, path)
        except BaseException:
            try:
                self._files.remove(temporary)
            except OSError:
                pass
            raise


def _status_in(package, name):
    # A package is a folder if it has resources or files.
    if package and not name and not entries(package, ""):
        raise OSError(errno.ENOENT, "no files in package '%s'" % package)
    return status_of_resource(package, name)
