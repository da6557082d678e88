"""Content from the web or from an index that is a folder, kept by its SHA-256."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import io
import os
import re
import shutil
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import IO
from urllib.parse import urlsplit

from ..errors import Bin2resError, printable, reason, shown
from ..output import replacing

_TIMEOUT = 30  # seconds without a byte
_CHUNK = 64 * 1024
_LARGEST = 1 << 30  # more than any board holds


def text(address: str) -> bytes | None:
    """Return the bytes at an address, a url or a path; None where there is nothing.

    Raises Bin2resError where it cannot be had.
    """
    try:
        with _opened(address) as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def kept(address: str, sha256: str) -> str:
    """Return the path of a file on this host with the content of that at *address*.

    *sha256* is what its SHA-256 starts with. Where that is all of it and the file was
    fetched before, nothing is fetched. Raises Bin2resError where it cannot be had.
    """
    path = _path(sha256)
    if len(sha256) == 64 and _is_whole(path, sha256):
        return path
    try:
        with _opened(address) as stream:
            found = _sha256(stream)
            if not found.startswith(sha256):
                raise Bin2resError(
                    f"{printable(address)}: has the SHA-256 {found[:16]}..., not {sha256[:16]}...;"
                    " it was changed or damaged"
                )
            return _keep(stream, found)
    except FileNotFoundError:
        raise Bin2resError(f"{printable(address)}: does not exist; ask who published it") from None


def keep(content: bytes) -> str:
    """Return the path of a file on this host with *content*. Raises Bin2resError."""
    return _keep(io.BytesIO(content), hashlib.sha256(content).hexdigest())


def digest(path: str) -> str:
    """Return the SHA-256 of a file. Raises Bin2resError where it cannot be read."""
    try:
        with open(path, "rb") as stream:
            return _sha256(stream)
    except OSError as error:
        raise Bin2resError(f"{shown(path)}: cannot be read: {reason(error)}") from error


@contextlib.contextmanager
def _opened(address: str) -> Iterator[IO[bytes]]:
    """Open what is at an address, complete and at its start.

    Raises FileNotFoundError where there is nothing.
    """
    if address.startswith(("http://", "https://")):
        with tempfile.SpooledTemporaryFile(max_size=1 << 20) as spool:
            _download(address, spool)
            spool.seek(0)
            yield spool
        return
    if os.path.exists(address) and not os.path.isfile(address):
        raise Bin2resError(f"{shown(address)}: is not a file; remove it")
    try:
        stream = open(address, "rb")  # noqa: SIM115
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError from None
    except OSError as error:
        raise Bin2resError(f"{shown(address)}: cannot be read: {reason(error)}") from error
    with stream:
        yield stream


def _download(url: str, to: IO[bytes]) -> None:
    request = urllib.request.Request(url, headers={"User-Agent": "pkgres"})
    token = os.environ.get(token_of(url))
    if token:
        # Not after a redirect, which may lead to another host.
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
            size = 0
            while chunk := response.read(_CHUNK):
                size += len(chunk)
                if size > _LARGEST:
                    raise Bin2resError(f"{printable(url)}: is larger than any board")
                to.write(chunk)
            told = response.headers.get("Content-Length")
            if told is not None and told.isdecimal() and int(told) != size:
                why = f"only {size} of {told} bytes came"
                raise Bin2resError(f"{printable(url)}: {why}; try again")
    except urllib.error.HTTPError as error:
        with error:
            if error.code in (404, 410):
                raise FileNotFoundError from None
            why = f"{error.code} {printable(str(error.reason))}".rstrip()
        raise _unreachable(url, why) from error
    except urllib.error.URLError as error:
        cause = error.reason
        why = reason(cause) if isinstance(cause, OSError) else str(cause)
        raise _unreachable(url, why) from error
    except TimeoutError as error:
        raise _unreachable(url, f"nothing came in {_TIMEOUT} seconds") from error
    except OSError as error:
        raise _unreachable(url, reason(error)) from error
    except (http.client.HTTPException, ValueError) as error:
        raise _unreachable(url, str(error) or type(error).__name__) from error


def token_of(url: str) -> str:
    """Return the environment variable that has the token for the host of an address."""
    host = urlsplit(url).hostname or ""
    return "PKGRES_TOKEN_" + re.sub(r"[^A-Z0-9]", "_", host.upper())


def _unreachable(url: str, why: str) -> Bin2resError:
    return Bin2resError(
        f"{printable(url)}: cannot be downloaded: {printable(why)}; check the address and the"
        " network"
    )


def _path(sha256: str) -> str:
    """Return where a file is kept."""
    return os.path.join(_folder(), sha256[:2], sha256)


def _folder() -> str:
    # Not at the top: few runs have dependencies.
    from platformdirs import user_cache_dir

    return os.path.join(user_cache_dir("pkgres", False), "files")


def _is_whole(path: str, sha256: str) -> bool:
    try:
        with open(path, "rb") as stream:
            return _sha256(stream) == sha256
    except OSError:
        return False


def _keep(stream: IO[bytes], sha256: str) -> str:
    # Not at the top: few runs fetch anything.
    from filelock import FileLock

    path = _path(sha256)
    if _is_whole(path, sha256):
        return path
    lock = os.path.join(_folder(), ".lock")
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        # Where files without a name cannot be made, two runs would write the same one.
        with FileLock(lock), replacing(path) as new:
            shutil.copyfileobj(stream, new)
    except (OSError, NotImplementedError) as error:  # the latter: no locks there
        why = reason(error) if isinstance(error, OSError) else "it cannot be locked"
        raise Bin2resError(
            f"{shown(_folder())}: cannot be written: {why}; downloads are kept there"
        ) from error
    return path


def _sha256(stream: IO[bytes]) -> str:
    """Return the SHA-256 of a stream, which is at its start again then."""
    hashed = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        hashed.update(chunk)
    stream.seek(0)
    return hashed.hexdigest()
