"""What `pkgres.static.respond` has to answer, said once more, plainly and in CPython's words.

From RFC 9110 and the documentation; nothing here is taken from the code.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import re
import urllib.parse
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any, NamedTuple

_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".txt": "text/plain",
    ".gz": "application/gzip",
}


class Request(NamedTuple):
    """The arguments of `respond`, but for the package."""

    resource: str
    headers: Mapping[str | bytes, str | bytes | None] | None
    method: str | bytes
    options: Mapping[str, str | None]


class Site(NamedTuple):
    """The resources of a package."""

    stored: Mapping[str, bytes]
    """By the names they are stored under."""
    time: int | None
    """The time of all files, in seconds; None if they are in a resource module."""
    immutable: tuple[str, ...] = ()
    """What never changes under its name."""


class Answer(NamedTuple):
    """What comes back."""

    status: int
    headers: dict[str, str]
    body: bytes


def answer(site: Site, request: Request) -> Answer:
    """Return the answer to a request."""
    found = _answer(site, request)
    return found._replace(body=b"") if _text(request.method) == "HEAD" else found


def _answer(site: Site, request: Request) -> Answer:
    if _text(request.method) not in ("GET", "HEAD"):
        return _plain(405, "Method not allowed", Allow="GET, HEAD")
    given = _given(request.headers or {})
    path = normal(request.resource)
    name = _lookup(site, path)
    status = 200
    fallback, not_found = request.options.get("fallback"), request.options.get("not_found")
    if name is None and path is not None and fallback and "." not in path.split("/")[-1]:
        name = _lookup(site, normal(fallback))
    if name is None and not_found:
        name, status = _lookup(site, normal(not_found)), 404
    if name is None:
        return _plain(404, "Not found")

    asked = name
    headers = {}
    content = site.stored.get(name)
    inflates = False
    if content is None:
        headers["Vary"] = "Accept-Encoding"
        asked += ".gz"
        content = site.stored[asked]
        if _takes_gzip(given.get("accept-encoding", "")):
            headers["Content-Encoding"] = "gzip"
        else:
            inflates = True
    headers["Content-Type"] = _type(name)
    etag = None
    if status == 200:
        usual = "max-age=31536000, immutable" if name in site.immutable else "no-cache"
        rule = request.options.get("cache_control", usual)
        if rule:
            headers["Cache-Control"] = rule
        etag, seconds = _etag(site, asked, "Content-Encoding" in headers)
        headers["ETag"] = etag
        date = format_datetime(
            datetime(2021, 2, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds), usegmt=True
        )
        if rule and ("no-cache" in rule or "max-age" in rule):
            headers["Last-Modified"] = date
        if "if-match" in given and not _is_wanted(given["if-match"], etag):
            return _plain(412, "Precondition failed")
        if _is_fresh(given, etag, headers.get("Last-Modified")):
            return Answer(304, headers, b"")
    if inflates:
        return Answer(status, headers, gzip.decompress(content))
    if status == 200:
        headers["Accept-Ranges"] = "bytes"
        part = _range(given, etag, len(content))
        if part is not None and _text(request.method) == "GET":
            if part.start >= len(content):
                return _plain(416, "Range not satisfiable", Content_Range=f"bytes */{len(content)}")
            headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(content)}"
            content, status = content[part.start : part.stop], 206
    headers["Content-Length"] = str(len(content))
    return Answer(status, headers, content)


def normal(resource: str) -> str | None:
    """Return the path that a URL's path stands for, None where it is refused."""
    try:
        path = urllib.parse.unquote_to_bytes(resource).decode()
    except UnicodeDecodeError:
        return None
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts or "\\" in path or "\0" in path:
        return None
    return "/".join(parts)


def _lookup(site: Site, path: str | None) -> str | None:
    """Return the name of the resource, without the .gz of a compressed one, or None."""
    if path is None:
        return None
    for name in (path, f"{path}/index.html".lstrip("/")):
        if name in site.stored or f"{name}.gz" in site.stored:
            return name
        if name and not any(other.startswith(f"{name}/") for other in site.stored):
            return None
    return None


def _plain(status: int, text: str, **headers: str) -> Answer:
    found = {name.replace("_", "-"): value for name, value in headers.items()}
    found |= {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(text))}
    return Answer(status, found, text.encode())


def _type(name: str) -> str:
    suffix = "." + name.split("/")[-1].rpartition(".")[2] if "." in name.split("/")[-1] else ""
    kind = _TYPES.get(suffix.lower(), "application/octet-stream")
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _etag(site: Site, stored: str, is_gzip: bool) -> tuple[str, int]:
    """Return the ETag, and the seconds after the first of February 2021 of its date."""
    content = site.stored[stored]
    suffix = "-gzip" if is_gzip else ""
    if site.time is None:
        digest = hashlib.sha256(content).hexdigest()[:12]
        number = int.from_bytes(bytes.fromhex(digest[:6]), "little")
        etag = f'"{digest}{suffix}"'
    else:
        tag = f'W/"{len(content):x}-{site.time:x}'
        number = functools.reduce(lambda n, letter: (n * 31 + ord(letter)) % (14 * 86400), tag, 0)
        etag = f'{tag}{suffix}"'
    return etag, (2 * number + is_gzip) % (28 * 24 * 60 * 60)


def _given(headers: Mapping[Any, Any]) -> dict[str, str]:
    found = {_text(n).lower(): _text(value) for n, value in headers.items() if value is not None}
    return {name: value.strip() if len(value) <= 1024 else "" for name, value in found.items()}


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _takes_gzip(accepted: str) -> bool:
    weights = {}
    for item in accepted.lower().split(","):
        coding, _, parameter = item.partition(";")
        weights[coding.strip()] = float(parameter.partition("=")[2] or 1)
    weight = next((weights[c] for c in ("gzip", "x-gzip", "*") if c in weights), 0.0)
    return weight > 0 and weight >= weights.get("identity", 0)


def _is_wanted(tags: str, etag: str) -> bool:
    same = not etag.startswith("W/") and etag in [tag.strip() for tag in tags.split(",")]
    return tags == "*" or same


def _is_fresh(given: Mapping[str, str], etag: str, date: str | None) -> bool:
    tags = given.get("if-none-match")
    if tags is not None:
        opaque = etag.removeprefix("W/")
        return tags == "*" or opaque in [t.strip().removeprefix("W/") for t in tags.split(",")]
    return date is not None and given.get("if-modified-since") == date


def _range(given: Mapping[str, str], etag: str | None, size: int) -> range | None:
    """Return the positions asked for, those of one that begins behind the end as they are."""
    wanted = re.fullmatch(r"(?ai)bytes=\s*(\d*)-(\d*)", given.get("range", ""))
    if "if-range" in given and (given["if-range"] != etag or etag.startswith("W/")):
        return None
    if not wanted or not any(wanted.groups()) or not size:
        return None
    first, last = wanted.groups()
    if not first:
        return range(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(size, int(last) + 1) if last else size)
