"""A package's resources as objects, as CPython's importlib.resources has them.

    from importlib.resources import files  # pkgres.files on a board
    files("my_app").joinpath("data/page.html").read_text()

The names, arguments and errors are those of
https://docs.python.org/3/library/importlib.resources.html; what is found is what
`pkgres.resource_stream` finds. Packages are named, or given as modules; ``""`` and None
are the root. Text is UTF-8 on MicroPython, whatever the ends of its lines. All is
read-only.
"""

import errno
import sys
from io import BytesIO

from pkgres import _normal, _places, resource_stream, resource_string
from pkgres.where import find, opened

_IS_CPYTHON = hasattr(sys.implementation, "cache_tag")


def files(package):
    """Return the folder of a package, a `Traversable`.

    *package* is a name or a module, ``""`` or None the root. Raises ImportError where there is no
    such package.
    """
    if not isinstance(package, str):
        package = getattr(package, "__name__", package)
    for _ in _places(package):
        break
    return Traversable(package, "")


class Traversable:
    """A file or a folder in a package, or a name that is neither."""

    def __init__(self, package: str | None, path: str):
        self._package = package
        self._path = path
        self.name = path.split("/")[-1] or (package or "").split(".")[-1]

    def __repr__(self):
        return "Traversable(%r, %r)" % (self._package, self._path)

    def __eq__(self, other):
        return repr(self) == repr(other)

    def __hash__(self):
        return hash(repr(self))

    def joinpath(self, *parts: str):
        """Return what has this path from here; there need not be anything.

        Raises ValueError for a part with ``..``, a backslash or a NUL in it.
        """
        return Traversable(self._package, _normal("/".join((self._path,) + parts)))

    def __truediv__(self, part: str):
        return self.joinpath(part)

    def is_file(self) -> bool:
        """Return whether this is a file, in a resource module or a filesystem."""
        return self._errno() == 0

    def is_dir(self) -> bool:
        """Return whether this is a folder."""
        return self._errno() == errno.EISDIR

    def iterdir(self):
        """Yield the files and folders of this folder, sorted by name; NAME.gz as NAME.

        Raises OSError with ENOENT or ENOTDIR where this is no folder.
        """
        from pkgres.folder import entries

        for name in sorted(entries(self._package, self._path)):
            yield self.joinpath(name)

    def open(self, mode="r", buffering=-1, encoding=None, errors=None, newline=None):
        """Return a stream, of text or with ``"rb"`` of bytes.

        Raises OSError with ENOENT or EISDIR where this is no file, with EROFS (30) for a mode
        that writes; LookupError for an encoding that there is not.
        """
        for letter in mode:
            if letter in "wax+":
                raise OSError(30, "read-only: %r" % self)
        if not self._path:
            raise OSError(errno.EISDIR, "a folder: %r" % self)
        if "b" in mode:
            return resource_stream(self._package, self._path)
        if not _IS_CPYTHON:
            _check(encoding, errors)
            return opened(find(self._package, self._path), self._path, "r")
        from io import TextIOWrapper

        content = BytesIO(self.read_bytes())
        return TextIOWrapper(content, encoding or "utf-8", errors, newline)

    def read_bytes(self) -> bytes:
        """Return the bytes of this file; from a resource module its object, no copy.

        Raises OSError with ENOENT or EISDIR where this is no file.
        """
        if not self._path:
            raise OSError(errno.EISDIR, "a folder: %r" % self)
        return resource_string(self._package, self._path)

    def read_text(self, encoding=None, errors=None) -> str:
        """Return the text of this file. Raises what `open` raises; UnicodeError for other text."""
        with self.open("r", encoding=encoding, errors=errors) as stream:
            return stream.read()

    def _errno(self):
        if not self._path:
            return errno.EISDIR
        try:
            find(self._package, self._path)
        except OSError as e:
            return e.errno
        return 0


class as_file:  # noqa: N801
    """A context manager that gives the path of a `Traversable` on a filesystem.

    The path is a str, on CPython a pathlib.Path. Raises NotImplementedError where it is in a
    resource module and has none; OSError with ENOENT where there is nothing.
    """

    def __init__(self, traversable):
        self._traversable = traversable

    def __enter__(self):
        from pkgres.info import resource_filename

        path = resource_filename(self._traversable._package, self._traversable._path)
        if _IS_CPYTHON:
            from pathlib import Path

            return Path(path)
        return path

    def __exit__(self, *arguments):
        pass


def open_binary(package, *names: str):
    """Return a binary stream over a resource; *names* are the parts of its path.

    Raises what `files` and `Traversable.open` raise, as all calls below.
    """
    return files(package).joinpath(*names).open("rb")


def open_text(package, *names: str, encoding="utf-8", errors="strict"):
    """Return a text stream over a resource."""
    return files(package).joinpath(*names).open("r", encoding=encoding, errors=errors)


def read_binary(package, *names: str) -> bytes:
    """Return the bytes of a resource."""
    return files(package).joinpath(*names).read_bytes()


def read_text(package, *names: str, encoding="utf-8", errors="strict") -> str:
    """Return the text of a resource."""
    return files(package).joinpath(*names).read_text(encoding, errors)


def is_resource(package, *names: str) -> bool:
    """Return whether this is the name of a file."""
    return files(package).joinpath(*names).is_file()


def contents(package, *names: str):
    """Return the names of the files and folders in a folder of a package."""
    return [found.name for found in files(package).joinpath(*names).iterdir()]


def path(package, *names: str):
    """Return `as_file` of a resource."""
    return as_file(files(package).joinpath(*names))


def _check(encoding, errors):
    if (encoding or "utf-8").lower() not in ("utf-8", "utf8", "utf_8", "ascii", "us-ascii"):
        raise LookupError("unknown encoding: " + encoding)
    if errors not in (None, "strict"):
        raise LookupError("unknown error handler name: " + errors)
