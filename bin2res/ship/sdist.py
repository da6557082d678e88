"""A source distribution for upip, which unpacks it on the board: NAME-VERSION.tar.gz."""

from __future__ import annotations

import io
import os
import shlex
import tarfile

from ..app import App
from ..bundle import resource_module
from ..compress import compress
from ..errors import Bin2resError, reason, shown
from ..output import replacing
from .shipment import Shipment
from .tree import Tree, code, library, sizes
from .version import version_of

_WINDOW = 12  # bits: what upip has on boards with 64 KiB of heap
_LONGEST = 100  # bytes of a name; upip reads that field of the header alone


def make(app: App, output: str) -> Shipment:
    """Write the archive into the folder *output*, which is made if need be.

    It holds the code, the resources in R.py, and pkgres, which no index of upip has; the
    names of other packages that it needs are where upip looks for them. Raises
    Bin2resError, and then an older archive is as it was.
    """
    name = f"{app.config.name}-{version_of(app.config)}"
    files = {**code(app, mpy=False), **library(mpy=False)}
    if app.resources:
        files[f"{app.config.package}/R.py"] = resource_module(app.resources)
    archive = compress(_tar(name, {**files, **_requires(app)}), _WINDOW)
    path = os.path.join(output, f"{name}.tar.gz")
    try:
        os.makedirs(output, exist_ok=True)
    except OSError as error:
        raise Bin2resError(f"{shown(output)}: cannot be made: {reason(error)}") from error
    with replacing(path) as stream:
        stream.write(archive)
    return Shipment(path, sizes(files), (f"tar -tzf {shlex.quote(path)}",), warnings=app.warnings)


def _requires(app: App) -> Tree:
    """Return the file of what else is to be installed, if there is any."""
    lines = [
        name if version in ("", "latest") else f"{name}=={version}"
        for name, version in app.config.dependencies
    ]
    content = "".join(line + "\n" for line in lines).encode()
    return {f"{app.config.name}.egg-info/requires.txt": content} if content else {}


def _tar(name: str, files: Tree) -> bytes:
    """Return a tar archive (POSIX 1003.1, ustar) with nothing of this machine in it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for below, content in sorted(files.items()):
            path = f"{name}/{below}"
            if len(path.encode()) > _LONGEST:
                raise Bin2resError(f"{path}: longer than {_LONGEST} bytes; upip cannot unpack it")
            member = tarfile.TarInfo(path)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
