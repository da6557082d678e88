"""Runs on the device: the script's cases through each other way to read a resource.

Each way has the calls that the cases make, on top of its own. One line a case: the way,
the number, then the outcome as the observer prints it.
"""

import errno
import io
import os
import sys

import cases
import observer
import ways

import pkgres
import pkgres.mount

_IS_CPYTHON = hasattr(sys.implementation, "cache_tag")


class _Way:
    # What all have in common.

    def invalidate_caches(self):
        pkgres.invalidate_caches()

    def resource_string(self, package, resource):
        with self.resource_stream(package, resource) as stream:
            content = stream.read()
        return content if isinstance(content, bytes) else content.encode()


class Buffer(_Way):
    """resource_buffer: the bytes that a view of them has."""

    def resource_stream(self, package, resource):
        return io.BytesIO(bytes(pkgres.resource_buffer(package, resource)))


class Mount(_Way):
    """A path: the package is mounted for each call, and unmounted while a stream is open."""

    mode = "rb"

    def resource_stream(self, package, resource):
        return self._called(package, open, resource, self.mode)

    def resource_exists(self, package, resource):
        return self._mode(package, resource) != 0

    def resource_isdir(self, package, resource):
        return self._mode(package, resource) == 0x4000

    def resource_listdir(self, package, resource):
        return sorted(self._called(package, os.listdir, resource))

    def _mode(self, package, resource):
        try:
            return self._called(package, os.stat, resource)[0] & 0xF000
        except OSError as e:
            if e.errno != errno.ENOENT:
                raise
            return 0

    def _called(self, package, call, resource, *arguments):
        pkgres.mount.mount(package, "/mounted")
        try:
            return call("/mounted/" + resource, *arguments)
        except OSError as e:
            # A path that leads out of the mount is in no package.
            if ".." in resource or "\\" in resource:
                raise OSError(e.errno, "%r %s" % (package or "__main__", resource))  # noqa: B904
            raise
        finally:
            pkgres.mount.umount("/mounted")


class MountText(Mount):
    """The same, read as text: of what is no text, the bytes."""

    mode = "r"

    def resource_string(self, package, resource):
        try:
            return Mount.resource_string(self, package, resource)
        except UnicodeError:
            return self._called(package, open, resource, "rb").read()


class Root(Mount):
    """Every path: below the filesystem that is at /. It stays there, so this is the last way."""

    def __init__(self):
        try:
            pkgres.mount.root()
        except NotImplementedError:  # MicroPython up to 1.24 on a PC
            pkgres.mount.root(pkgres.mount.vfs.VfsPosix("/"))

    def _called(self, package, call, resource, *arguments):
        name = "" if package == "__main__" else package or ""
        try:
            if name and not hasattr(__import__(name, None, None, ("__name__",)), "__path__"):
                name = ".".join(name.split(".")[:-1])
        except ImportError:  # a folder without code, frozen
            pass
        try:
            folder = os.getcwd() + "/" + name.replace(".", "/") + "/"
            if call is open and os.stat(folder + resource)[0] & 0xF000 == 0x4000:
                raise OSError(errno.EISDIR)  # POSIX opens folders
            return call(folder + resource, *arguments)
        except OSError as e:  # it names the path, if anything
            code = 20 if e.errno == 54 else e.errno  # WASI's ENOTDIR
            raise OSError(code, "%r %s" % (package or "__main__", resource))  # noqa: B904


class RootText(Root, MountText):
    """The same, read as text."""


class Files(_Way):
    """importlib.resources: files()."""

    def resource_stream(self, package, resource):
        return self._at(package, resource).open("rb")

    def resource_string(self, package, resource):
        return self._at(package, resource).read_bytes()

    def resource_exists(self, package, resource):
        found = self._at(package, resource)
        return found.is_file() or found.is_dir()

    def resource_isdir(self, package, resource):
        return self._at(package, resource).is_dir()

    def resource_listdir(self, package, resource):
        return [found.name for found in self._at(package, resource).iterdir()]

    def _at(self, package, resource):
        if _IS_CPYTHON:
            from pkgres.files import files
        else:
            from importlib.resources import files
        return files(package).joinpath(resource)


class FilesText(Files):
    """The same, read as text."""

    def resource_stream(self, package, resource):
        if _IS_CPYTHON:
            return io.BytesIO(self.resource_string(package, resource))
        return self._at(package, resource).open()

    def resource_string(self, package, resource):
        try:
            return self._at(package, resource).read_text().encode()
        except UnicodeError:
            return self._at(package, resource).read_bytes()


_WAYS = {
    "buffer": Buffer,
    "files": Files,
    "files-text": FilesText,
    "mount": Mount,
    "mount-text": MountText,
    "root": Root,
    "root-text": RootText,
}


def run():
    """Print the outcomes of all cases of the script, by each way that this runtime has."""
    has_mount = True
    try:
        pkgres.mount.mount("my_app", "not absolute")
    except ValueError:
        pass
    except NotImplementedError as e:
        print("mount", e)
        has_mount = False
    # The view at the root stays: it comes last.
    for way in sorted(ways.CALLS):
        if has_mount or not ways.by_path(way):
            observer.api = _WAYS[way]()
            for number, case in enumerate(cases.CASES):
                if ways.has(way, case):
                    print(way, number, observer.outcome(case))
    print("END")
