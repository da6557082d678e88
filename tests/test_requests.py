"""10,000 requests, and what `respond` answers, on both interpreters, against a plain model."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import app
import pytest
import runtimes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from web_model import Request, Site, answer

import bin2res
from bin2res.encode import compress

_EXAMPLES, _EACH, _AT_ONCE = 100, 100, 1000
assert _EXAMPLES * _EACH >= 10_000

TIME = 1_700_000_001  # of all files
FILES = {
    "index.html": b"<p>the page",
    "app.3f2a91c0.js": b"'the app'" * 20,
    "data.bin": bytes(range(256)),
    "empty.txt": b"",
    "docs/index.html": b"<p>of the folder",
    "docs/readme": b"no suffix",
    "sp ace/ü.txt": "ü".encode() * 7,
    "errors/404.html": b"<p>not here",
    "large.bin": b"0123456789abcdef" * 7000,  # in pieces
}
PACKED = {
    "style.css": b"p { color: red }\n" * 50,
    "packed/index.html": b"<p>many\n" * 90,
    "errors/packed.html": b"<p>sorry\n" * 60,
}
STORED = {**FILES, **{f"{name}.gz": compress(content, 10) for name, content in PACKED.items()}}
IMMUTABLE = ("app.3f2a91c0.js", "style.css")
SITES = {
    "files": Site(STORED, TIME),
    "dicted": Site(STORED, None, IMMUTABLE),
    "tabled": Site(STORED, None, IMMUTABLE),
}

_PROGRAM = """\
import binascii, hashlib, json
from pkgres.static import respond

def made(value):
    # bytes are a list of one str in JSON, and a long gap is one character
    if isinstance(value, list):
        return made(value[0]).encode()
    return value and value.replace("\u2603", " " * 1024)

for line in open("requests"):
    package, resource, headers, method, options = json.loads(line)
    if headers is not None:
        headers = {made(name): made(value) for name, value in headers}
    try:
        body, status, sent = respond(package, resource, headers, made(method), **options)
        with body:
            digest, piece = hashlib.sha256(), body.read(1000)
            while piece:
                digest.update(piece)
                piece = body.read(1000)
        digest = binascii.hexlify(digest.digest()).decode()
        print(json.dumps([status, sorted(sent.items()), digest]))
    except Exception as e:
        print(json.dumps(repr(e)))
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with pkgres, the program, and a package for each of SITES."""
    folder = tmp_path_factory.mktemp("requests")
    app.install_pkgres(folder)
    (folder / "main.py").write_text(_PROGRAM)
    for package in SITES:
        files = folder / package if package == "files" else folder / f"of_{package}"
        for name, content in STORED.items():
            path = files / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            os.utime(path, (TIME, TIME))
        (folder / package).mkdir(exist_ok=True)
        (folder / package / "__init__.py").write_text("")
        if package != "files":
            form = bin2res.Form(table=package == "tabled")
            output = str(folder / package / "R.py")
            bin2res.bundle(
                ["."],
                directory=str(files),
                output=output,
                form=form,
                immutable=["app.*.js", "style.css.gz"],
            )
    return folder


_NAMES = [*FILES, *PACKED, *STORED, "", "docs", "packed", "sp ace", "errors", "none", "none.js"]
_ODD = ["a/b/settings", "v1.2/x", ".", "..", "../secret", "docs/../index.html", "a\\b", "\0", "%"]


def _escaped(text: str, every: int) -> str:
    """Percent-escape each so many bytes of a path."""
    encoded = text.encode()
    return "".join(
        f"%{byte:02x}" if byte > 126 or byte < 33 or (i % every == 0 and byte != 37) else chr(byte)
        for i, byte in enumerate(encoded)
    )


_RESOURCES = st.one_of(
    st.sampled_from(_NAMES),
    st.sampled_from(_NAMES + _ODD),
    st.builds(_escaped, st.sampled_from(_NAMES + _ODD), st.integers(1, 9)),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["", "/", "./", "//"]),
        st.sampled_from(_NAMES),
        st.sampled_from(["", "/", "%", "%2", "%ff", "%00"]),
    ),
    # (Not the code of the packages, whose names it finds in this file.)
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12).filter(lambda t: ".p" not in t),
)


def _etag(site: Site, name: str, accepted: str) -> str:
    request = Request(name, {"Accept-Encoding": accepted}, "GET", {})
    return answer(site, request).headers["ETag"].removeprefix("W/")


_TAGS = [
    weak + _etag(site, name, accepted)
    for weak in ("", "W/")
    for site in (SITES["files"], SITES["dicted"])
    for name in ("index.html", "data.bin", "style.css")
    for accepted in ("gzip", "")
]
_TAG_LIST = st.lists(st.sampled_from([*_TAGS, '"other"', "W/"]), min_size=1, max_size=3)
_DATES = [
    answer(site, Request(name, None, "GET", {})).headers["Last-Modified"]
    for site in (SITES["files"], SITES["dicted"])
    for name in ("index.html", "data.bin", "style.css")
]
_NUMBER = st.one_of(st.just(""), st.integers(0, 300).map(str), st.integers(0, 10**30).map(str))
_RANGE = st.one_of(
    st.builds("bytes={}-{}".format, _NUMBER, _NUMBER),
    st.builds(
        "{}={}-{}{}".format,
        st.sampled_from(["bytes", "Bytes", "items", "bytes ", ""]),
        _NUMBER,
        _NUMBER,
        st.sampled_from(["", " ", ",", ", 1-2", "-", "x"]),
    ),
    st.text(st.characters(codec="ascii"), max_size=8).map("bytes={}".format),
)
_CODING = st.builds(
    "{}{}".format,
    st.sampled_from(["gzip", "GZIP", "x-gzip", "*", "identity", "br", "deflate"]),
    st.sampled_from(["", "", ";q=0", ";q=1", "; q=0.5", ";q=0.001", ";q=0.25"]),
)
_VALUES = {
    "Accept-Encoding": st.lists(_CODING, max_size=4).map(", ".join),
    "If-None-Match": st.one_of(_TAG_LIST.map(", ".join), st.just("*"), st.just("")),
    "If-Match": st.one_of(_TAG_LIST.map(", ".join), st.just("*"), st.just("")),
    "If-Modified-Since": st.sampled_from([*_DATES, "yesterday", ""]),
    "Range": _RANGE,
    "If-Range": st.sampled_from([*_TAGS, *_DATES, ""]),
    "User-Agent": st.just("a browser"),
}


@st.composite
def _headers(draw: st.DrawFn) -> dict[str | bytes, str | bytes | None] | None:
    found: dict[str | bytes, str | bytes | None] = {}
    in_bytes = draw(st.sampled_from([False, False, True]))
    for name in draw(st.lists(st.sampled_from(list(_VALUES)), max_size=5, unique=True)):
        key = draw(st.sampled_from([name, name.lower(), name.upper()]))
        value = draw(_VALUES[name])
        found[key] = draw(st.sampled_from([value, value, value, value + " " * 1024, None]))
    if in_bytes:
        found = {_bytes(name): value and _bytes(value) for name, value in found.items()}
    return found or draw(st.sampled_from([None, {}]))


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


_METHODS = st.sampled_from(["GET", "GET", "GET", "GET", "HEAD", b"GET", b"HEAD", "POST", "get"])
_OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "cache_control": st.sampled_from([None, "", "no-store", "no-cache", "max-age=5"]),
        "fallback": st.sampled_from(["index.html", "packed", "none", "..", None]),
        "not_found": st.sampled_from(["errors/404.html", "errors/packed.html", "none", None]),
    },
)
_REQUESTS = st.builds(Request, _RESOURCES, _headers(), _METHODS, _OPTIONS)


def _json(value: object) -> object:
    return [value.decode()] if isinstance(value, bytes) else value


def _line(package: str, request: Request) -> str:
    headers = request.headers
    pairs = headers and [[_json(name), _json(value)] for name, value in headers.items()]
    resource = request.resource
    found = [
        package,
        resource,
        [] if headers == {} else pairs,
        _json(request.method),
        request.options,
    ]
    return json.dumps(found).replace(" " * 1024, "\\u2603") + "\n"


@pytest.mark.parametrize("run", [runtimes.cpython, runtimes.micropython])
def test_as_the_model_says(
    root: Path, run: Callable[[Path, str], subprocess.CompletedProcess[str]]
) -> None:
    requests: list[tuple[str, Request]] = []

    # Nothing is run here, as to start an interpreter takes long; so nothing is shrunk, either.
    @settings(max_examples=_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(st.tuples(st.sampled_from(list(SITES)), _REQUESTS), min_size=_EACH, max_size=_EACH)
    )
    def collect(some: list[tuple[str, Request]]) -> None:
        requests.extend(some)

    collect()
    assert len(requests) >= 10_000
    wrong = []
    for start in range(0, len(requests), _AT_ONCE):
        some = requests[start : start + _AT_ONCE]
        (root / "requests").write_text("".join(_line(*each) for each in some))
        result = run(root, "main.py")
        assert (result.returncode, result.stderr) == (0, "")
        for (package, request), line in zip(some, result.stdout.splitlines(), strict=True):
            expected = answer(SITES[package], request)
            digest = hashlib.sha256(expected.body).hexdigest()
            headers = [list(pair) for pair in sorted(expected.headers.items())]
            if json.loads(line) != [expected.status, headers, digest]:
                said = f"{package} {request}\n{line}\n{expected.status} {headers}"
                wrong.append(said.replace(" " * 1024, "(1,024 spaces)"))
    # One is enough to read, and the shortest the best.
    assert min(wrong, key=len, default="") == ""
