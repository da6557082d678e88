"""A static site from which mip installs: an index in the layout of micropython-lib's.

    index.json                          the packages and their versions
    package/{py,6}/NAME/VERSION.json    the files of a package, as source and as .mpy
    package/{py,6}/NAME/latest.json     those of the latest version
    file/xx/HASH                        the files, by the start of their SHA-256
    NAME/package.json                   the latest version again, to install by URL
    NAME/main.py                        what starts it, where it is no part of the package
    NAME/VERSION/...                    the files, with a package.json of their own

The layout is that of micropython-lib's tools/build.py; package.json is described in
MicroPython's documentation, "Package management".
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from .. import system
from ..errors import Bin2resError, shown
from ..progress import Progress
from .compiled import compiled, native_notes
from .content import Content, Made
from .hashed import Measured, file_path, measured, short_hashes
from .how import How
from .index import INDEX, Index, check_version
from .layout import Layout
from .published import published, visible
from .quoting import quoted
from .shipment import Shipment
from .site import Site, content_of, opened
from .version import version_of

_PACKAGE = "package.json"
_SOURCE, _COMPILED = "py", "6"
_TAKEN = ("file", "package", INDEX)
_LOCAL = "http://127.0.0.1:8000"

_Files = dict[str, Content]


class _Version(NamedTuple):
    """The files of a version."""

    forms: dict[str, _Files]
    """By their path below lib, as source and compiled."""
    found: Mapping[int, Measured]
    """Hash and size of each content."""
    sizes: dict[str, int]
    """Size of each compiled file, by its path on the board."""
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def publish(layout: Layout, output: str, how: How, *, url: str | None = None) -> Shipment:
    """Add the app to the site in the folder *output*, with all that it needs.

    With *url*, the address that the site will have, the urls in package.json are absolute:
    mip before 0.4, on boards up to MicroPython 1.25.0, takes no others. What is in the site
    stays as it is, but for the lists of what there is.

    Raises Bin2resError, before anything is written, where the site holds this version with
    other files, and like `opened`.
    """
    config = layout.app.config
    version = _checked(layout, url)
    source = layout.on_board() if config.is_flat else _below_lib(layout)
    code = compiled(source, layout, how.progress("compiling"))
    base = f"{url.rstrip('/')}/{quote(config.name)}/" if url else ""
    if how.dry:
        made = _version(layout, how, source, code, os.path.realpath(output), version)
    else:
        with opened(output, force=how.force) as site:
            made = _version(layout, how, source, code, site.path, version)
            _add(site, layout, version, made, base, how.progress("writing"))
    return Shipment(
        output,
        made.sizes,
        tuple(_next(layout, output, url)),
        notes=(*native_notes(made.forms[_COMPILED], config), *made.notes),
        warnings=made.warnings,
    )


def _version(
    layout: Layout, how: How, source: _Files, code: _Files, site: str, version: str
) -> _Version:
    """Return what a version in the folder *site* is, of *source* and *code* as .mpy.

    Raises TooLarge.
    """
    config = layout.app.config
    past = published(site, Index(content_of(site, INDEX), site), config.name, version)
    plain, packed = visible(source, source, past), visible(code, source, past)
    forms = {_SOURCE: plain.files, _COMPILED: packed.files}
    found = measured(content for files in forms.values() for content in files.values())
    prefix = "" if config.is_flat else "lib/"
    sizes = {prefix + name: found[id(c)].size for name, c in packed.files.items()}
    how.check(sizes)
    return _Version(forms, found, sizes, packed.notes, packed.warnings)


def _checked(layout: Layout, url: str | None) -> str:
    """Return the version. Raises Bin2resError for it, the name or *url*."""
    config = layout.app.config
    version = version_of(config)
    try:
        check_version(version)
    except ValueError:
        raise Bin2resError(
            f"{shown(config.file)}: [project] version: {version!a} cannot name a file; change it"
        ) from None
    if config.name.lower() in _TAKEN:  # some filesystems are case-insensitive
        raise Bin2resError(
            f"{shown(config.file)}: [project] name: {config.name} is taken; rename it"
        )
    if url is not None:
        try:
            parts = urlsplit(url) if re.fullmatch(r"[!-~]+", url) else None
        except ValueError:  # half an address in brackets
            parts = None
        if parts is None or parts.scheme not in ("http", "https") or not parts.netloc:
            raise Bin2resError(
                f"--url {url!a}: is not an address; begin it with http:// or https://"
            )
        if parts.query or parts.fragment:
            raise Bin2resError(f"--url {url!a}: has a ? or #; write the address of a folder")
    return version


def _below_lib(layout: Layout) -> _Files:
    """Return the files of a package by their path below lib; a main.py goes elsewhere."""
    board = layout.on_board()
    return {n.removeprefix("lib/"): c for n, c in board.items() if n.startswith("lib/")}


def _add(
    site: Site,
    layout: Layout,
    version: str,
    made: _Version,
    base: str,
    progress: Progress,
) -> None:
    config, forms = layout.app.config, made.forms
    tree = dict(forms[_SOURCE])
    if layout.main is not None and not config.is_flat:
        tree["main.py"] = Made(layout.main)
    name, about = config.name, {"description": config.description, "license": config.license}
    index = Index(site.content(INDEX), site.path)
    files: _Files = {}
    listed: dict[str, bytes] = {}
    for form, contents in forms.items():
        shorts = short_hashes(contents, made.found, lambda short: site.hash(file_path(short)))
        listed[form] = _json(
            {"v": 1, "hashes": list(shorts.items()), "deps": [], "version": version}
        )
        path = f"package/{form}/{name}/{version}.json"
        old = site.kept(path) if version in index.versions(name, form) else None
        if old is not None and old != listed[form]:
            if form == _SOURCE:
                raise Bin2resError(
                    f"{shown(site.path)}: holds {name} {version} with other files;"
                    " raise the version in pyproject.toml"
                )
            listed[form] = old  # of another mpy-cross; what is published stays
            continue
        files |= {file_path(shorts[path]): content for path, content in contents.items()}
        files[path] = Made(listed[form])
    for path, content in tree.items():
        files[f"{name}/{version}/{path}"] = content
    own = f"{base}{version}/" if base else ""
    lists: _Files = {}
    path = f"{name}/{version}/{_PACKAGE}"
    # A new one is there before the version is listed; --url may replace it later.
    (files if site.kept(path) is None else lists)[path] = Made(_urls(forms[_SOURCE], own, version))
    index.add(name, version, about)
    if index.latest(name, _SOURCE) == version:
        for form in forms:
            lists[f"package/{form}/{name}/latest.json"] = Made(listed[form])
        lists[f"{name}/{_PACKAGE}"] = Made(_urls(forms[_SOURCE], f"{base}{version}/", version))
        if "main.py" in tree and "main.py" not in forms[_SOURCE]:
            lists[f"{name}/main.py"] = tree["main.py"]
    site.add(files, index.content(), lists, progress)


def _urls(files: Iterable[str], base: str, version: str) -> bytes:
    urls = [(path, base + quote(path)) for path in sorted(files)]
    return _json({"urls": urls, "deps": [], "version": version})


def _next(layout: Layout, output: str, url: str | None) -> Iterable[str]:
    config = layout.app.config
    base = (url or _LOCAL).rstrip("/")
    if not url:
        background = "" if system.IS_WINDOWS else " &"
        yield f"python -m http.server -d {quoted(output)}{background}"
    target = " --target /" if config.is_flat else ""
    yield f"mpremote mip install --index {quoted(base)}{target} {quoted(config.name)}"
    if layout.main is not None and not config.is_flat:
        main = quoted(f"{base}/{quote(config.name)}/main.py")
        yield f"mpremote mip install --target / {main}"
    if layout.starts:
        yield "mpremote reset"


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"
