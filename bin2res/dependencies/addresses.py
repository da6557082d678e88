"""The addresses that mip takes, and those of the web that they stand for."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

_RAW = {
    "codeberg:": "https://codeberg.org/api/v1/repos/{org}/{repo}/raw/{path}?ref={branch}",
    "github:": "https://raw.githubusercontent.com/{org}/{repo}/{branch}/{path}",
    "gitlab:": "https://gitlab.com/{org}/{repo}/-/raw/{branch}/{path}",
}
_CODE = {
    "codeberg:": "https://codeberg.org/api/v1/repos/{org}/{repo}/git/trees/{branch}?recursive=true",
    "github:": "https://api.github.com/repos/{org}/{repo}/git/trees/{branch}?recursive=1",
    "gitlab:": "https://gitlab.com/api/v4/projects/{org}%2F{repo}/repository/tree?ref={branch}"
    "&recursive=true&per_page=100",
}
_WEB = ("http://", "https://")
_PACKAGE = "package.json"
_NOT_NAMES = ("", ".", "..")

HOSTS = tuple(_RAW)
"""What the address of a file in a repository starts with."""


def is_url(source: str) -> bool:
    """Return whether *source* is an address, not a name."""
    return source.startswith((*_WEB, *HOSTS))


def is_file(source: str) -> bool:
    """Return whether an address is that of a single file, by mip's rule."""
    return source.endswith((".py", ".mpy"))


def listing(source: str) -> str:
    """Return the address of the package.json of a package."""
    if source.endswith(".json"):
        return source
    return f"{source.rstrip('/')}/{_PACKAGE}"


def last_part(source: str) -> str:
    """Return what to call the package at an address: the last part that tells something."""
    parts = re.split(r"[/:]", source.removesuffix("/" + _PACKAGE).rstrip("/"))
    return re.sub(r"\.(m?py|json)$", "", parts[-1])


def joined(listed_at: str, url: str) -> str:
    """Return what a url in the package.json at *listed_at* means.

    Raises ValueError for one that is of no kind that mip takes.
    """
    if is_url(url):
        return url
    if not url or url.startswith("/") or "\\" in url or re.match(r"[\w+.-]+:", url):
        raise ValueError(f"{url!a} is not an address")
    return f"{listed_at.rpartition('/')[0]}/{url}"


def rewritten(url: str, branch: str = "") -> str:
    """Return the address of the web for one that mip takes.

    Raises ValueError where there is none.
    """
    if not url.isprintable():
        raise ValueError(f"{url!a} is not an address")
    for host, form in _RAW.items():
        if url.startswith(host):
            org, repo, path = (*url[len(host) :].split("/", 2), "", "")[:3]
            if org in _NOT_NAMES or repo in _NOT_NAMES:
                raise ValueError(f"{url!a} is not {host}ORG/REPOSITORY/PATH")
            return _quoted(form.format(org=org, repo=repo, path=path, branch=branch or "HEAD"))
    parts = urlsplit(url)
    if not parts.hostname or parts.port == 0:  # where the port is no number: ValueError
        raise ValueError(f"{url!a} names no host")
    return _quoted(url)


def code_listing(source: str, branch: str = "") -> str:
    """Return the address that lists the files of a repository, ``""`` for another source."""
    for host, form in _CODE.items():
        if source.startswith(host):
            org, repo, path = (*source[len(host) :].split("/", 2), "", "")[:3]
            if path in ("", _PACKAGE):
                return form.format(org=quote(org), repo=quote(repo), branch=quote(branch or "HEAD"))
    return ""


def _quoted(url: str) -> str:
    """Return an address as it may be sent: what is escaped stays so."""
    try:
        return quote(url, safe="%/:?#[]@!$&'()*+,;=~")
    except UnicodeEncodeError:
        raise ValueError(f"{url!a} is not an address") from None
