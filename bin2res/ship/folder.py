"""An output that is a folder: replaced as a whole, if all of it was made here."""

from __future__ import annotations

import contextlib
import os
import shutil

from ..errors import Bin2resError, reason, shown
from ..progress import Progress
from ..record import FILE, Record, foreign, read
from .content import Tree, written
from .staging import staging


def replace_folder(
    path: str, tree: Tree, *, force: bool = False, progress: Progress = iter
) -> dict[str, int]:
    """Make the folder *path* hold *tree*, its record, and nothing else; return the sizes.

    An older one is replaced if a record says that all of it was made here and nothing was
    changed since; with *force* what was changed is replaced, too, and files of others stay.
    Raises Bin2resError, naming the first that stands in the way, before anything is
    written; whatever happens, the older folder is there, or the new one, whole.
    """
    path = os.path.realpath(path)
    with staging(path) as place:
        others = [] if force else _others(path)
        if others:
            name, why = others[0]
            more = f" (and {len(others) - 1:,} more)" if len(others) > 1 else ""
            raise Bin2resError(
                f"{shown(os.path.join(path, name))}: {why}{more};"
                " name another folder with -o, or say --force to keep it, or replace it"
                " where it has the name of a new file"
            )
        os.mkdir(place.new)
        sizes, hashes = written(tree, place.new, progress)
        kept = _keep_others(path, place.new, hashes) if force else set()
        _write_record(place.new, Record({name: (found,) for name, found in hashes.items()}))
        place.put()
        if os.path.isdir(place.old):
            place.remove_old(lambda name: force and (name in hashes or name in kept))
    return sizes


def _others(path: str) -> list[tuple[str, str]]:
    if not os.path.lexists(path):
        return []
    if not os.path.isdir(path):
        raise Bin2resError(f"{shown(path)}: is not a folder; name one with -o")
    record = read(path)
    try:
        if record is not None and not record.whole:
            return [(FILE, "lists single files that were made here, so there may be others")]
        return foreign(path, record)
    except OSError as error:
        raise Bin2resError(f"{shown(path)}: cannot be read: {reason(error)}") from error


def _keep_others(path: str, new: str, made: dict[str, str]) -> set[str]:
    """Have the new folder hold what others put into the old one, under names that are free."""
    if not os.path.isdir(path):
        return set()
    try:
        record = read(path)
    except Bin2resError:
        record = None
    kept = set()
    for name, why in foreign(path, record):
        target = os.path.join(new, *name.split("/"))
        if name in made or (record is not None and name in record.files):
            continue  # of ours, and changed by hand
        if os.path.lexists(target) or any(f"{name}/" == m[: len(name) + 1] for m in made):
            raise Bin2resError(f"{shown(os.path.join(path, name))}: {why}; move it away")
        try:
            os.makedirs(os.path.dirname(target), exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise Bin2resError(f"{shown(os.path.join(path, name))}: {why}; move it away") from None
        source = os.path.join(path, *name.split("/"))
        with contextlib.suppress(OSError):
            os.link(source, target, follow_symlinks=False)
        if not os.path.lexists(target):
            shutil.copy2(source, target, follow_symlinks=False)
        kept.add(name)
    return kept


def _write_record(folder: str, record: Record) -> None:
    with open(os.path.join(folder, FILE), "xb") as stream:
        stream.write(record.content())
