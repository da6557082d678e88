"""An output that is one file among others: replaced if it was made here."""

from __future__ import annotations

import contextlib
import os
import stat

from ..errors import Bin2resError, shown
from ..record import Record, hash_of, read, read_if_whole
from ..system import move
from .staging import Staging, locked, write_record


def check_file(path: str, *, force: bool) -> None:
    """Raise Bin2resError if *path*, a real path, may not be replaced.

    It may if the record of its folder has it, unchanged, or with *force*.
    """
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return
    if not stat.S_ISREG(mode):
        raise Bin2resError(f"{shown(path)}: is not a file; name one with -o")
    if force:
        return
    record = read(os.path.dirname(path))
    hashes = record.files.get(os.path.basename(path)) if record is not None else None
    if hashes is None:
        why = "was not made by pkgres"
    elif hash_of(path) not in hashes:
        why = "was changed by hand"
    else:
        return
    raise Bin2resError(f"{shown(path)}: {why}; name another with -o, or say --force to replace it")


def put_file(place: Staging, made: str, path: str) -> None:
    """Put the file *made*, of the staging folder *place*, in the place of *path*, and record it."""
    folder, name = os.path.split(path)
    # Other runs may put other files into this folder, and its record has them all.
    with locked(folder):
        record = _record(folder)
        new, old = hash_of(made), hash_of(path)
        if new == old and record.files.get(name) == (new,):
            return
        # Until it is replaced either file is known as ours.
        _write(place, folder, record, name, new, old)
        if os.path.exists(path):
            os.chmod(made, stat.S_IMODE(os.stat(path).st_mode))
        move(made, path)
        if old is not None:
            with contextlib.suppress(OSError):  # as on a full disk: what is recorded holds
                _write(place, folder, record, name, new)


def _record(folder: str) -> Record:
    # A damaged one is there to be replaced by force.
    record = read_if_whole(folder) or Record({}, whole=False)
    if record.whole:
        raise Bin2resError(f"{shown(folder)}: was made by pkgres; name a file elsewhere with -o")
    return record


def _write(place: Staging, folder: str, record: Record, name: str, *hashes: str | None) -> None:
    # Files that are gone are not remembered.
    files = {n: h for n, h in record.files.items() if os.path.exists(os.path.join(folder, n))}
    files[name] = tuple(sorted({found for found in hashes if found is not None}))
    staged = os.path.join(place.path, "record")
    write_record(folder, record._replace(files=files), staged)
