"""Compressed data are kept in the user's cache, by a hash of what they were made from."""

from __future__ import annotations

import contextlib
import hashlib
import os

from .encode import Window, versions
from .errors import Bin2resError
from .output import replacing

_DIGEST = 32  # bytes


def key_of(content: bytes, window: Window) -> str:
    """Return the name under which *content*, compressed for *window*, is kept: a SHA-256."""
    digest = hashlib.sha256(f"{versions()} window {window}\n".encode())
    digest.update(content)
    return digest.hexdigest()


def kept(key: str) -> bytes | None:
    """Return the gzip data in the cache; None if they are missing or damaged."""
    try:
        with open(_path(key), "rb") as stream:
            digest, data = stream.read(_DIGEST), stream.read()
    except OSError:
        return None
    return data if digest == _digest(data) else None


def keep(key: str, data: bytes) -> None:
    """Write gzip data to the cache, after their hash. Does nothing where it cannot be written."""
    path = _path(key)
    with contextlib.suppress(OSError, Bin2resError):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)  # it is damaged
        with replacing(path) as stream:
            stream.write(_digest(data) + data)


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _path(key: str) -> str:
    # Not at the top: few runs compress.
    from platformdirs import user_cache_dir

    return os.path.join(user_cache_dir("pkgres", False), "gzip", key[:2], key)
