"""An output that is a folder: replaced as a whole, if all of it was made here.

A run that would change nothing writes nothing. Otherwise files that do not change keep their
times, so that `make` compiles only the others.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable

from ..errors import Bin2resError, reason, shown
from ..progress import Progress
from ..record import Record, foreign, hash_of, read, read_if_whole
from .content import Tree, written
from .nested import make_folders
from .staging import Staging, staging, write_record

MANIFEST = "manifest.py"
"""What a firmware build reads of a folder to freeze."""


def _anything(sizes: dict[str, int]) -> None:
    pass


def replace_folder(
    path: str,
    tree: Tree,
    *,
    force: bool = False,
    progress: Progress = iter,
    check: Callable[[dict[str, int]], None] = _anything,
    remembers: bool = False,
) -> dict[str, int]:
    """Make the folder *path* hold *tree*, its record, and nothing else; return the sizes.

    An older one is replaced if a record says that all of it was made here and nothing was
    changed since; with *force* what was changed is replaced, too, and files of others stay.
    Raises Bin2resError, naming the first that stands in the way, before anything is
    written; whatever happens, the older folder is there, or the new one, whole. *check* is
    called with the sizes before it is replaced, and may raise. The record also has the names of
    files that are gone, if it *remembers* them.
    """
    path = os.path.realpath(path)
    _check_kind(path)
    sizes = _sizes_if_current(path, tree)
    if sizes is not None:
        check(sizes)
        return sizes
    with staging(path) as place:
        _check_kind(path)  # again, now that no other run writes it
        others = _others(path, force=force)
        if others and not force:
            name, why = others[0]
            more = f" (and {len(others) - 1:,} more)" if len(others) > 1 else ""
            raise Bin2resError(
                f"{shown(os.path.join(path, name))}: {why}{more};"
                " name another folder with -o, or say --force to keep it, or replace it"
                " where it has the name of a new file"
            )
        os.mkdir(place.new)
        sizes, hashes = written(tree, place.new, progress)
        check(sizes)
        if others:
            _keep_others(path, place, hashes, others)
        elif os.path.isdir(path):
            _keep_times(path, place, hashes)
        old = read_if_whole(path) if remembers else None
        gone = old.gone_after(hashes) if old else ()
        write_record(place.new, Record({n: (found,) for n, found in hashes.items()}, gone=gone))
        if os.path.isdir(path):
            shutil.copymode(path, place.new)
        place.put()
        if os.path.isdir(place.old):
            place.remove_old()
    return sizes


def _sizes_if_current(path: str, tree: Tree) -> dict[str, int] | None:
    """Return the size of each file if the folder holds just *tree*, unchanged; otherwise None."""
    record = read_if_whole(path)
    if record is None or record.files.keys() != tree.keys():
        return None
    if os.path.lexists(Staging(path).path) or _others(path, force=True):
        return None
    sizes = {}
    for name, content in tree.items():
        digest = hashlib.sha256()
        sizes[name] = 0
        for piece in content.pieces():
            digest.update(piece)
            sizes[name] += len(piece)
        if record.files[name] != (digest.hexdigest(),):
            return None
    return sizes


def _keep_times(path: str, place: Staging, hashes: dict[str, str]) -> None:
    """Give the new files that are the same as the old ones the times of those.

    Not if a file goes, or if the manifest changes: MicroPython's build looks at the times of
    modules only, and would freeze what it froze before. The manifest is new if anything is.
    """
    old = (read_if_whole(path) or Record({})).files
    if not old.keys() <= hashes.keys():
        return
    if MANIFEST in old and old[MANIFEST] != (hashes[MANIFEST],):
        return
    for name, found in hashes.items():
        if old.get(name) == (found,) and name != MANIFEST:
            status = os.stat(f"{path}/{name}")
            os.utime(f"{place.new}/{name}", ns=(status.st_atime_ns, status.st_mtime_ns))


def _check_kind(path: str) -> None:
    """Raise Bin2resError for an output that is never replaced as a whole."""
    if os.path.lexists(path) and not os.path.isdir(path):
        raise Bin2resError(f"{shown(path)}: is not a folder; name one with -o")
    if os.path.ismount(path):
        raise Bin2resError(f"{shown(path)}: is where a disk is mounted; name a folder in it")
    record = read_if_whole(path)
    if record is not None and record.site:
        raise Bin2resError(f"{shown(path)}: is a site for mip; name another folder with -o")
    if record is not None and not record.whole:
        raise Bin2resError(
            f"{shown(path)}: has files that other commands made; name another folder with -o"
        )


def _others(path: str, *, force: bool) -> list[tuple[str, str]]:
    """Return what is in the output and was not made here, and why that is known."""
    if not os.path.isdir(path):
        return []
    try:
        return foreign(path, read_if_whole(path) if force else read(path))
    except OSError as error:
        raise Bin2resError(f"{shown(path)}: cannot be read: {reason(error)}") from error


def _keep_others(
    path: str, place: Staging, made: dict[str, str], others: list[tuple[str, str]]
) -> None:
    """Have the new folder hold what others put into the old one, under names that are free."""
    record = read_if_whole(path) or Record({})
    going = {}
    for name, why in others:
        source = os.path.join(path, *name.split("/"))
        if name in made or name in record.files:
            going[name] = hash_of(source) or ""  # of ours, and changed by hand
            continue
        target = os.path.join(place.new, *name.split("/"))
        try:
            make_folders(os.path.dirname(target))
            os.link(source, target, follow_symlinks=False)
        except (FileExistsError, NotADirectoryError):
            raise Bin2resError(f"{shown(source)}: {why}; move it away") from None
        except (OSError, NotImplementedError):  # not every filesystem has hard links
            shutil.copy2(source, target, follow_symlinks=False)
    place.let_go(going)
