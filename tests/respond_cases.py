"""Requests for resources, and what `pkgres.static.respond` answers: part of the case table.

Imported by the host's tests and by the program that runs on the device, so it is
plain Python for both.
"""

from app_files import GZIP1, IMAGE, LINES, PAGE, RESOURCES, SCRIPT

CASES = []

HTML, TEXT, PNG = "text/html; charset=utf-8", "text/plain; charset=utf-8", "image/png"
# How a resource is sent: as it is stored, gzip data as gzip, gzip data inflated.
PLAIN, GZIP, INFLATED = "plain", "gzip", "inflated"


def _case(resource, headers, expected, method="GET", package="my_app"):
    CASES.append((SCRIPT, "respond", package, (resource, headers, method), expected, None))


def _ok(resource, kind, body, how=PLAIN, headers=None, method="GET", package="my_app"):
    _case(resource, headers, (200, kind, how, body), method, package)


_NOT_FOUND = (404, TEXT, PLAIN, b"Not found")

# --- types
_ok("data/page.html", HTML, PAGE)
_ok("data/image.png", PNG, IMAGE)
_ok("data/lines.txt", TEXT, RESOURCES["my_app/data/lines.txt"])
_ok("data/empty", "application/octet-stream", b"")
_ok("site/UPPER.HTML", HTML, b"<p>upper")
_ok("gz/gzip1.txt.gz", "application/gzip", GZIP1)
_ok("names/..dots..", "application/octet-stream", b"dots")

# --- folders
_ok("site", HTML, b"<p>of the folder")
_ok("site/", HTML, b"<p>of the folder")
_ok("./site//", HTML, b"<p>of the folder")
_ok("site/small", HTML, LINES, GZIP, {"Accept-Encoding": "gzip"})
_ok("site/small", HTML, LINES, INFLATED)
_ok("", HTML, b"<p>of the package", package="my_app.inner")
_ok("/", HTML, b"<p>of the package", package="my_app.inner")
_ok("/site/", HTML, b"<p>of the folder")
_ok("data/i.txt", TEXT, b"inner", package="my_app.inner")
for _resource in ("", "/", ".", "data", "data/", "site/none", "site/none/index.html"):
    _case(_resource, None, _NOT_FOUND)

# --- names: percent-escapes are UTF-8, once
for _resource, _body in (
    ("data/%70age.html", PAGE),
    ("data%2Fpage.html", PAGE),
    ("data%2fpage%2Ehtml", PAGE),
    ("./data//page.html", PAGE),
    ("/data/page.html", PAGE),
    ("%2Fdata/page.html", PAGE),
    ("//data/page.html", PAGE),
):
    _ok(_resource, HTML, _body)
for _resource, _body in (
    ("names/sp%20ace.txt", b"space"),
    ("names/sp ace.txt", b"space"),
    ("names/per%2520cent%25.txt", b"percent"),
    ("names/per%2520cent%.txt", b"percent"),  # no escape: the sign itself
    ("names/quo'te%22.txt", b"quotes"),
    ("names/%C3%BCml%c3%a4ut%20%C3%9F.txt", b"umlaut"),
    ("names/ümläut ß.txt", b"umlaut"),
    ("names/%E6%97%A5%E6%9C%AC%E8%AA%9E.txt", b"kanji"),
    ("names/%F0%9F%8E%89.txt", b"emoji"),
):
    _ok(_resource, TEXT, _body)
for _resource in (
    "data/missing.html",
    "data/page.html/",
    "data/page.html/x",
    "names/sp+ace.txt",
    "names/per%20cent%.txt",
    "names/%FC.txt",
    "names/%E6%97.txt",
    "%",
    "%2",
    "data/%",
    "data/page.html%",
    "data/page%2",
    "data/page%+1.html",
    "/secret.txt",
    "//secret.txt",
    "data/page.html%3Fx=1",
    "long" * 500,
):
    # A name may exist with a slash behind it folded.
    _case(_resource, None, (200, HTML, PLAIN, PAGE) if _resource[-6:] == ".html/" else _NOT_FOUND)
for _resource in (
    "..",
    "../secret.txt",
    "%2e%2e",
    "%2e%2e/secret.txt",
    "%2E%2E%2Fsecret.txt",
    ".%2e/secret.txt",
    "data/../../secret.txt",
    "data/%2e%2e/%2e%2e/secret.txt",
    "%252e%252e/secret.txt",
    "%c0%ae%c0%ae/secret.txt",
    "..\\secret.txt",
    "..%5csecret.txt",
    "data\\page.html",
    "data%5Cpage.html",
    "data/page.html\0",
    "data/page.html%00",
    "%00",
    "/../secret.txt",
    "/..%2Fsecret.txt",
    "%2F%2e%2e/secret.txt",
):
    _case(_resource, {"Accept-Encoding": "gzip", "If-None-Match": "*"}, _NOT_FOUND)
    if _resource[:3] not in ("%25", "%c0"):
        # Nothing is touched, not even the package is looked for.
        _case(_resource, None, _NOT_FOUND, package="none_such")
_case("x", None, "ImportError", package="none_such")

# --- Accept-Encoding
for _accepted in (
    "gzip",
    "GZip",
    "gzip, deflate, br",
    "br,gzip",
    "*",
    "br;q=1.0, *;q=0.5",
    "gzip;q=1",
    "gzip;q=1.000",
    "gzip;q=0.001",
    "gzip ; Q=0.5",
    "\tgzip",
    "identity;q=0, *",
    "identity;q=0.5, gzip;q=0.5",
    "identity;q=0.25, gzip;q=0.5",
    "identity;q=0, gzip;q=0.5, *;q=0",
    "x-gzip",
    "gzip" + " " * 1020,
):
    _ok("gz/page.html", HTML, LINES, GZIP, {"Accept-Encoding": _accepted})
for _accepted in (
    "",
    "identity",
    "gzip;q=0",
    "gzip;q=0.0",
    "gzip;q=0.000",
    "gzip;q=0, *",
    "GZIP;Q=0",
    "*;q=0",
    "identity, *;q=0",
    "deflate, br",
    "gzipped",
    "gzip2, xgzip",
    "gzip;q=0.5, identity",
    "gzip;q=0.5, identity;q=0.75",
    "gzip;q=",
    "gzip;q=none",
    "gzip; q = 0",
    ";q=1",
    ",",
    # Too long to be looked at.
    "gzip" + " " * 1021,
    "gzip, " * 200,
):
    _ok("gz/page.html", HTML, LINES, INFLATED, {"Accept-Encoding": _accepted})
_ok("gz/page.html", HTML, LINES, INFLATED)
_ok("gz/page.html", HTML, LINES, INFLATED, {})
_ok("gz/page.html", HTML, LINES, INFLATED, {"Accept-Encoding": None, "If-None-Match": ""})
_ok("gz/page.html", HTML, LINES, INFLATED, {"Accept": "gzip", "Content-Encoding": "gzip"})
for _name in ("accept-encoding", "ACCEPT-ENCODING", "aCCEPT-eNCODING"):
    _ok("gz/page.html", HTML, LINES, GZIP, {_name: "gzip"})
_ok("gz/page.html", HTML, LINES, GZIP, {"Accept-Encoding": "br", "accept-encoding": "gzip"})
_ok("data/page.html", HTML, PAGE, PLAIN, {"Accept-Encoding": "gzip"})
_ok("gz/both.txt", TEXT, b"NAME comes before NAME.gz", PLAIN, {"Accept-Encoding": "gzip"})
_ok("gz/page.html.gz", "application/gzip", LINES, "stored", {"Accept-Encoding": "gzip"})
_ok("gz/page.html.gz", "application/gzip", LINES, "stored")
_case("gz/cut.txt", None, "damaged")
_case("gz/bad.txt", None, "damaged")

# --- If-None-Match. {etag} is the one that the same request was answered with before,
# {opaque} that without the W/ of a weak one.
_SAME = (
    "{etag}",
    "{opaque}",
    "W/{opaque}",
    "*",
    ' "a", {etag}',
    '"a",{etag},"b"',
    "W/{opaque} , x",
)
_OTHER = ("", '"a"', 'W/"a"', '"a", "b"', "{opaque}x", "w/{opaque}", "x{etag}", '""', "W/", "**")
for _resource, _kind, _body, _how, _accepted in (
    ("data/page.html", HTML, PAGE, PLAIN, "gzip"),
    ("gz/page.html", HTML, LINES, GZIP, "gzip"),
    ("gz/page.html", HTML, LINES, INFLATED, "identity"),
    ("site", HTML, b"<p>of the folder", PLAIN, ""),
):
    for _given in _SAME:
        for _method in ("GET", "HEAD"):
            _headers = {"Accept-Encoding": _accepted, "If-None-Match": _given}
            _case(_resource, _headers, (304, _kind, _how, _body), _method)
    for _given in _OTHER:
        _headers = {"accept-encoding": _accepted, "if-none-match": _given}
        _case(_resource, _headers, (200, _kind, _how, _body))
# Each form has its own: what was got inflated is not what would come as gzip.
_case("gz/page.html", {"If-None-Match": "{other form}"}, (200, HTML, INFLATED, LINES))

# --- If-Modified-Since: the very date of before, where there is no If-None-Match
for _resource, _how, _accepted in (
    ("gz/page.html", GZIP, "gzip"),
    ("gz/page.html", INFLATED, "identity"),
):
    for _given, _more, _status in (
        ("{date}", {}, 304),
        ("{date}", {"If-None-Match": ""}, 304),
        ("{date}", {"If-None-Match": '"a"'}, 200),
        ("Mon, 01 Jan 2035 00:00:00 GMT", {}, 200),
        ("Mon, 01 Jan 2035 00:00:00 GMT", {"If-None-Match": "*"}, 304),
        ("yesterday", {}, 200),
        ("", {}, 200),
    ):
        _headers = {"Accept-Encoding": _accepted, "If-Modified-Since": _given}
        _headers.update(_more)
        _case(_resource, _headers, (_status, HTML, _how, LINES))

# --- HEAD
_ok("data/page.html", HTML, PAGE, method="HEAD")
_ok("gz/page.html", HTML, LINES, GZIP, {"Accept-Encoding": "gzip"}, "HEAD")
_ok("gz/page.html", HTML, LINES, INFLATED, None, "HEAD")
_ok("data/image.png", PNG, IMAGE, method="HEAD")
_case("data/missing", None, _NOT_FOUND, "HEAD")
_case("../secret.txt", None, _NOT_FOUND, "HEAD")
