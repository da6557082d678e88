"""What is in an archive for upip, NAME-VERSION.tar.gz: the files of its packages and modules.

Resources are files in it, or in a module R.py, as upip has them on a board, or both.
"""

from __future__ import annotations

import re
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..contents import contents_in
from ..errors import Bin2resError, printable
from ..left_out import UNASKED, is_no_source
from ..made_module import is_made_text, is_text_of_another_tool
from ..patterns import spec_of
from . import fetch
from .installed import is_importable
from .untrusted import checked_path

_LARGEST = 64 << 20  # bytes, unpacked
_SOURCES = "src/"


class Unpacked(NamedTuple):
    """The content of an archive."""

    files: dict[str, str]
    """Path of each file on this host, by its path below lib, sorted."""
    needed: list[str]
    """The names of the packages that it requires."""


def unpack(path: str, source: str) -> Unpacked:
    """Return what is in the archive at a *path*, its files in the cache.

    Nothing of it is run. Raises Bin2resError, naming the *source*, if it is damaged or has no
    code.
    """
    try:
        members = dict(_members(path))
        files = dict(_placed(members))
        for name in [n for n in files if n.rpartition("/")[2] == "R.py"]:
            if is_made_text(files[name]) or is_text_of_another_tool(files[name]):
                folder = name.removesuffix("R.py")
                for below, content in contents_in(files.pop(name)).items():
                    files.setdefault(checked_path(folder + below), content)
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError) as error:
        raise Bin2resError(
            f"{source}: its archive cannot be read: {printable(str(error))}; ask who published it"
        ) from error
    if not any(name.endswith((".py", ".mpy")) for name in files):
        raise Bin2resError(f"{source}: its archive has no code for MicroPython; drop it")
    kept = {name: fetch.keep(content) for name, content in sorted(files.items())}
    return Unpacked(kept, sorted(_needed(members)))


def _members(path: str) -> Iterator[tuple[str, bytes]]:
    """Yield the path, without the folder that all are in, and the content of each file."""
    size = 0
    with tarfile.open(path, "r:gz") as tar:
        for member in tar:
            name = member.name.removeprefix("./").partition("/")[2]
            size += member.size
            if size > _LARGEST:
                raise ValueError("is larger than any board")
            if not name or not member.isfile() or any(map(is_no_source, name.split("/"))):
                continue
            stream = tar.extractfile(member)
            yield checked_path(name), stream.read() if stream else b""


def _placed(members: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield the files of packages and modules, by their path below lib."""
    listed = next((c for n, c in members.items() if n.endswith(".egg-info/top_level.txt")), b"")
    tops = listed.decode("utf-8", "replace").split()
    is_unasked = spec_of("", UNASKED).match_file
    for name, content in members.items():
        # Without the list, as in archives of upip, everything is in its place.
        placed = name.removeprefix(_SOURCES) if tops else name
        top = placed.partition("/")[0].removesuffix(".py").removesuffix(".mpy")
        if is_importable(placed) and (top in tops if tops else not is_unasked(name)):
            yield placed, content


def _needed(members: Mapping[str, bytes]) -> Iterator[str]:
    for name, content in members.items():
        if name.endswith(".egg-info/requires.txt"):
            lines = content.decode("utf-8", "replace").split("\n[")[0].splitlines()
            yield from (m[0] for line in lines if (m := re.match(r"[\w.-]+", line.strip())))
