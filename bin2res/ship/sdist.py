"""A source distribution for upip, which unpacks it on the board: NAME-VERSION.tar.gz."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator, Mapping

from ..encode import compressed
from ..errors import Bin2resError, Problems
from .content import Content, written
from .how import How
from .layout import Layout
from .quoting import quoted
from .resources import modules
from .shipment import Shipment
from .single import check_file, put_file
from .staging import staging
from .version import version_of

_WINDOW = 12  # bits: what upip has on boards with 64 KiB of heap
_LONGEST = 100  # bytes of a name; upip reads that field of the header alone
_BLOCK = 512  # bytes, of a tar archive


def make(layout: Layout, output: str, how: How) -> Shipment:
    """Write the archive into the folder *output*, which is made if need be.

    It holds the code, the resources in R.py, and all that the app needs, which no index of
    upip may have. Raises Bin2resError, and then an older archive is as it was.
    """
    config = layout.app.config
    name = f"{config.name}-{version_of(config)}"
    code = {n: c for n, c in layout.imported().items() if n.endswith((".py", ".mpy"))}
    files: dict[str, Content] = {**code, **modules(layout)}
    problems = Problems()
    for below in files:
        if len(f"{name}/{below}".encode()) > _LONGEST:
            why = f"longer than {_LONGEST} bytes; upip cannot unpack it"
            problems.add(Bin2resError(f"{name}/{below}: {why}"))
    problems.check()
    path = os.path.join(output, f"{name}.tar.gz")
    real = os.path.realpath(path)
    check_file(real, force=how.force)
    if how.dry:
        sizes = how.sizes(files)
        how.check(sizes)
    else:
        with staging(real) as place:
            check_file(real, force=how.force)
            os.mkdir(place.new)
            sizes, _ = written(files, place.new, how.progress("writing"))
            how.check(sizes)
            archive = os.path.join(place.path, "archive")
            with open(archive, "wb") as stream:
                for piece in compressed(_tar(name, place.new, sizes), _WINDOW):
                    stream.write(piece)
            put_file(place, archive, real)
    return Shipment(path, sizes, (f"tar -tzf {quoted(path)}",))


def _tar(name: str, folder: str, sizes: Mapping[str, int]) -> Iterator[bytes]:
    """Yield a tar archive (POSIX 1003.1, ustar) of files, with nothing of this machine in it."""
    for below in sorted(sizes):
        member = tarfile.TarInfo(f"{name}/{below}")
        member.size = sizes[below]
        yield member.tobuf(tarfile.USTAR_FORMAT)
        with open(os.path.join(folder, *below.split("/")), "rb") as stream:
            while piece := stream.read(1 << 20):
                yield piece
        yield bytes(-member.size % _BLOCK)
    yield bytes(2 * _BLOCK)
