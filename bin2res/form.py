"""The resource module to make: in which form, of which package, and where it goes."""

from __future__ import annotations

import os
from typing import BinaryIO, NamedTuple

from .errors import Bin2resError, shown


class Form(NamedTuple):
    """The form of the module to make."""

    table: bool = False
    """Find names in constant tuples: the import takes the same RAM for any number."""
    mpy: bool = False
    """Compile it: R.mpy, not R.py."""
    compat: str | None = None
    """Compile for this version of MicroPython, such as ``"1.22"``."""
    package: str | None = None
    """Dotted name under which R.mpy can be frozen; None is found from the folders."""

    @property
    def module_name(self) -> str:
        """The file name that the module is imported from."""
        return "R.mpy" if self.mpy else "R.py"


PLAIN = Form()


class Target(NamedTuple):
    """Where the module goes."""

    directory: str = os.curdir
    """The package folder."""
    output: str | os.PathLike[str] | BinaryIO | None = None
    """The path of the module, or a stream to write it to; None is in the package folder."""
    form: Form = PLAIN

    def path(self) -> str | None:
        """Return the path of the module, None where it goes to a stream.

        Raises Bin2resError for a path that MicroPython would take for the other form.
        """
        if self.output is None:
            return os.path.normpath(os.path.join(self.directory, self.form.module_name))
        if not isinstance(self.output, (str, os.PathLike)):
            return None
        path = os.fspath(self.output)
        if path.endswith(".mpy") and not self.form.mpy:
            raise Bin2resError(f"{shown(path)}: is the name of a compiled module; add --mpy")
        if self.form.mpy and not path.endswith(".mpy"):
            raise Bin2resError(f"{shown(path)}: a compiled module needs a name that ends in .mpy")
        return path

    def source_name(self) -> str:
        """Return the name under which a compiled module can be frozen: ``my_app/R.py``.

        Raises Bin2resError for a ``package`` that is not a dotted name.
        """
        package = self.form.package
        if package is None:
            package = package_name(self.directory)
        if package and not all(part.isidentifier() for part in package.split(".")):
            raise Bin2resError(f"--package {package!a}: is not a dotted name such as my_app.inner")
        return "/".join([*package.split("."), "R.py"]) if package else "R.py"


def package_name(directory: str) -> str:
    """Return the dotted name of the package in a folder.

    It begins at the highest folder with an ``__init__.py``, and is ``""`` where one of them has a
    name that no package can have.
    """
    folder, base = os.path.split(os.path.realpath(directory))
    parts = [base]
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, base = os.path.split(folder)
        parts.append(base)
    return ".".join(reversed(parts)) if all(part.isidentifier() for part in parts) else ""
