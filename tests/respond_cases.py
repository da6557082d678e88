"""Requests for resources, and what `pkgres.static.respond` answers: the rest of the case table.

They follow those of cases.py, and are apart from them, as a small board has not RAM for both
beside the programs that do without. Imported by the host's tests and by the program that runs
on the device, so it is plain Python for both.
"""

from app_files import COMPRESSED, GZIP1, IMAGE, LINES, PAGE, RESOURCES, SCRIPT

CASES = []

HTML, TEXT, PNG = "text/html; charset=utf-8", "text/plain; charset=utf-8", "image/png"
# How a resource is sent: as it is stored, gzip data as gzip, gzip data inflated.
PLAIN, GZIP, INFLATED = "plain", "gzip", "inflated"


MODULE = "module"  # as in cases.py: what a case needs
_NONE = {}  # one for all: a board has them in RAM


def _case(resource, headers, expected, method="GET", package="my_app", options=None, needs=None):
    # *expected*: status, type, how, body, and headers that only some answers have.
    request = (resource, headers, method, options or _NONE)
    CASES.append((SCRIPT, "respond", package, request, expected, needs))


def _ok(
    resource,
    kind,
    body,
    how=PLAIN,
    headers=None,
    method="GET",
    package="my_app",
    options=None,
    more=None,
):
    _case(resource, headers, (200, kind, how, body, more or _NONE), method, package, options)


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
    "long" * 100,
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
        ("{date}", {"If-None-Match": ""}, 200),
        ("{date}", {"If-None-Match": '"a"'}, 200),
        ("Mon, 01 Jan 2035 00:00:00 GMT", {}, 200),
        ("Mon, 01 Jan 2035 00:00:00 GMT", {"If-None-Match": "*"}, 304),
        ("yesterday", {}, 200),
        ("", {}, 200),
    ):
        _headers = {"Accept-Encoding": _accepted, "If-Modified-Since": _given}
        _headers.update(_more)
        _case(_resource, _headers, (_status, HTML, _how, LINES))

_conditions = {"Accept-Encoding": "gzip", "If-Modified-Since": "{date}", "If-None-Match": None}
_case("gz/page.html", _conditions, (304, HTML, GZIP, LINES))

# --- If-Match: a strong ETag, compared strongly. (That of a file is weak.)
_FAILED = (412, TEXT, PLAIN, b"Precondition failed")
for _given in ('"a"', "", "W/{opaque}", '"a", W/{opaque}', "{date}"):
    _case("data/lines.txt", {"If-Match": _given, "Range": "bytes=0-1"}, _FAILED)
_case("data/lines.txt", {"If-Match": '"a"', "If-None-Match": "*"}, _FAILED, "HEAD")
_ok("data/lines.txt", TEXT, RESOURCES["my_app/data/lines.txt"], headers={"If-Match": "*"})
_case("data/missing", {"If-Match": "*"}, _NOT_FOUND)
for _given in ("{opaque}", '"a", {opaque}'):
    _expected = (200, TEXT, PLAIN, RESOURCES["my_app/data/lines.txt"])
    _case("data/lines.txt", {"If-Match": _given}, _expected, needs=MODULE)

# --- HEAD
_ok("data/page.html", HTML, PAGE, method="HEAD")
_ok("gz/page.html", HTML, LINES, GZIP, {"Accept-Encoding": "gzip"}, "HEAD")
_ok("gz/page.html", HTML, LINES, INFLATED, None, "HEAD")
_ok("data/image.png", PNG, IMAGE, method="HEAD")
_case("data/missing", None, _NOT_FOUND, "HEAD")
_case("../secret.txt", None, _NOT_FOUND, "HEAD")

# --- a package without a module R, whose resources are in one above it
for _resource, _answer in (
    ("data/x.txt", (200, TEXT, PLAIN, b"beside a package without R")),
    ("gz/z.txt", (200, TEXT, INFLATED, COMPRESSED["flat/gz/z.txt"])),
    ("root.txt", _NOT_FOUND),
):
    _case(_resource, None, _answer, package="flat")

# --- other methods. Names and values may be bytes, as picoweb has them.
_NOT_ALLOWED = (405, TEXT, PLAIN, b"Method not allowed", {"Allow": "GET, HEAD"})
for _other in ("POST", "OPTIONS", "get", "", b"POST", b"\xff"):
    _case("data/page.html", {"Range": "bytes=0-1"}, _NOT_ALLOWED, _other)
for _resource in ("data/missing", "../secret.txt"):
    _case(_resource, None, _NOT_ALLOWED, "PUT")
_case("x", None, _NOT_ALLOWED, "POST", package="none_such")
_ok("data/page.html", HTML, PAGE, method=b"GET")
_ok("data/page.html", HTML, PAGE, method=b"HEAD")
_ok("gz/page.html", HTML, LINES, GZIP, {b"Accept-Encoding": b"gzip"})
_ok("gz/page.html", HTML, LINES, INFLATED, {b"Accept-Encoding": b"gzip\xff", b"\xff": b"\xff"})
_case("data/page.html", {b"If-None-Match": b"*"}, (304, HTML, PLAIN, PAGE))

# --- ranges
_LINES_TXT = RESOURCES["my_app/data/lines.txt"]  # 13 bytes


def _part(resource, headers, kind, start, body, size, needs=None, options=None):
    more = {"Content-Range": "bytes %d-%d/%d" % (start, start + len(body) - 1, size)}
    _case(resource, headers, (206, kind, PLAIN, body, more), needs=needs, options=options)


for _given, _start, _end in (
    ("bytes=0-0", 0, 1),
    ("bytes=0-3", 0, 4),
    ("bytes=4-6", 4, 7),
    ("bytes=4-", 4, 13),
    ("bytes=12-12", 12, 13),
    ("bytes=12-", 12, 13),
    ("bytes=0-", 0, 13),
    ("bytes=0-12", 0, 13),
    ("bytes=0-13", 0, 13),
    ("bytes=5-99999999999999999999999999", 5, 13),
    ("bytes=-1", 12, 13),
    ("bytes=-4", 9, 13),
    ("bytes=-13", 0, 13),
    ("bytes=-14", 0, 13),
    ("bytes=-99999999999999999999999999", 0, 13),
    ("BYTES=4-6", 4, 7),
    ("Bytes=04-006", 4, 7),
    (" bytes= 4-6 ", 4, 7),
):
    _body = _LINES_TXT[_start:_end]
    _part("data/lines.txt", {"Range": _given}, TEXT, _start, _body, 13)
_part("data/lines.txt", {b"range": b"bytes=4-6"}, TEXT, 4, b"two", 13)
_part("data/image.png", {"rAnGe": "bytes=100-199"}, PNG, 100, IMAGE[100:200], 264)
_part("site", {"Range": "bytes=-6"}, HTML, 10, b"folder", 16)
_part("gz/gzip1.txt.gz", {"Range": "bytes=0-1"}, "application/gzip", 0, b"\x1f\x8b", len(GZIP1))
for _given in ("bytes=13-", "bytes=13-13", "bytes=99999999999999999999-", "bytes=-0", "bytes=-000"):
    _not = (416, TEXT, PLAIN, b"Range not satisfiable", {"Content-Range": "bytes */13"})
    _case("data/lines.txt", {"Range": _given}, _not)
for _given in ("bytes=0-0", "bytes=13-"):
    _ok("data/lines.txt", TEXT, _LINES_TXT, headers={"Range": _given}, method="HEAD")
for _given in (
    "",
    "bytes",
    "bytes=",
    "bytes=-",
    "bytes=--1",
    "bytes=1",
    "bytes=1-2-3",
    "bytes==1-2",
    "bytes=4-3",
    "bytes=99-98",
    "bytes=a-b",
    "bytes=0x1-2",
    "bytes=1_0-12",
    "bytes=+1-2",
    "bytes=1.0-2",
    "bytes=1 -2",
    "bytes=\u0661-2",
    "bytes=\u00b2-5",
    "bytes 1-2",
    "bytes =1-2",
    "characters=1-2",
    "items=0-0",
    "bytes=0-1,3-4",
    "bytes=0-1,",
    "bytes=1-2" + " " * 1024,
):
    _ok("data/lines.txt", TEXT, _LINES_TXT, headers={"Range": _given})
_ok("data/lines.txt", TEXT, _LINES_TXT, headers={"Range": None})
_ok("data/lines.txt", TEXT, _LINES_TXT, headers={"Range": "bytes=0-1", "range": "bytes=3-4"})
# Of what is empty no range can be told; some clients ask for one of anything.
_ok("data/empty", "application/octet-stream", b"", headers={"Range": "bytes=0-"})
_ok("gz/page.html", HTML, LINES, INFLATED, {"Range": "bytes=0-9"})
_case("data/missing", {"Range": "bytes=0-9"}, _NOT_FOUND)
_case(
    "data/lines.txt", {"Range": "bytes=0-9", "If-None-Match": "*"}, (304, TEXT, PLAIN, _LINES_TXT)
)
# If-Range: a strong ETag, compared strongly. (That of a file is weak.)
_range = {"Range": "bytes=4-6"}
for _given in (
    '"a"',
    "*",
    "",
    "yesterday",
    "W/{opaque}",
    "{date}",
    "{opaque}, {opaque}",
    '"a" ' * 300,
):
    _ok("data/lines.txt", TEXT, _LINES_TXT, headers={"If-Range": _given, "Range": "bytes=4-6"})
_same = {"If-Range": "{etag}", "Range": "bytes=4-6"}
_part("data/lines.txt", _same, TEXT, 4, b"two", 13, needs=MODULE)
_same = {"If-Range": "{opaque}", "If-None-Match": '"a"', "Range": "bytes=4-6"}
_part("data/lines.txt", _same, TEXT, 4, b"two", 13, needs=MODULE)

# --- single-page apps, and pages for what is not found
_ONE_PAGE, _NO_PAGE = RESOURCES["my_app/spa/index.html"], RESOURCES["my_app/spa/404.html"]
_SPA = {"fallback": "spa/index.html", "not_found": "spa/404.html"}
for _resource in ("spa", "spa/", "spa/settings", "spa/settings/", "spa/v1.2/users", "spa/us%20ers"):
    _ok(_resource, HTML, _ONE_PAGE, options=_SPA)
_ok("spa/settings", HTML, _ONE_PAGE, method="HEAD", options=_SPA)
_ok("none/of/these", HTML, _ONE_PAGE, options={"fallback": "spa"})
_ok("", HTML, _ONE_PAGE, options={"fallback": "./spa//index.html"})
_ok("data", HTML, _ONE_PAGE, options=_SPA)  # a folder without an index.html
_part("spa/settings", {"Range": "bytes=0-2"}, HTML, 0, b"<p>", len(_ONE_PAGE), options=_SPA)
_case("spa/settings", {"If-None-Match": "{etag}"}, (304, HTML, PLAIN, _ONE_PAGE), options=_SPA)
_ok("data/page.html", HTML, PAGE, options=_SPA)
for _resource in (
    "spa/missing.js",
    "spa/settings/missing.css",
    "spa/.hidden",
    "spa/dot.",
    "spa/a%2Eb",
):
    _case(_resource, None, (404, HTML, PLAIN, _NO_PAGE), options=_SPA)
_asked = {"If-None-Match": "*", "Range": "bytes=0-2", "Accept-Encoding": "gzip"}
_case("spa/missing.js", _asked, (404, HTML, PLAIN, _NO_PAGE), options=_SPA)
_case("spa/missing.js", None, (404, HTML, PLAIN, _NO_PAGE), "HEAD", options=_SPA)
_case("spa/missing.js", None, _NOT_FOUND, options={"fallback": "spa/index.html"})
for _resource in ("../settings", "%2e%2e/settings", "settings%00", "spa\\settings"):
    _case(_resource, None, (404, HTML, PLAIN, _NO_PAGE), options=_SPA)
_packed = {"not_found": "spa/small/404.html"}
_case("none", {"Accept-Encoding": "gzip"}, (404, HTML, GZIP, LINES), options=_packed)
_case("none", {"Range": "bytes=0-2"}, (404, HTML, INFLATED, LINES), options=_packed)
_case("none", None, _NOT_FOUND, options={"fallback": "spa/none", "not_found": "spa/none.html"})
_case("none", None, _NOT_FOUND, options={"fallback": "../x", "not_found": "../x"})
_case("spa", None, _NOT_ALLOWED, "POST", options=_SPA)

# --- Cache-Control
_FOR_EVER = "max-age=31536000, immutable"
_JS = RESOURCES["my_app/spa/app.3f2a91c0.js"]
for _rule, _value, _date in (
    (None, "", ""),
    ("", "", ""),
    ("no-store", "no-store", ""),
    ("max-age=60", "max-age=60", "given"),
):
    _more = {"Cache-Control": _value, "Last-Modified": _date}
    _ok("data/page.html", HTML, PAGE, options={"cache_control": _rule}, more=_more)
_JAVASCRIPT = "text/javascript; charset=utf-8"
_lasting = (200, _JAVASCRIPT, PLAIN, _JS, {"Cache-Control": _FOR_EVER})
_case("spa/app.3f2a91c0.js", None, _lasting, needs=MODULE)
_options = {"cache_control": "no-cache"}
_ok("spa/app.3f2a91c0.js", _JAVASCRIPT, _JS, options=_options)
for _broken in ("no-cache\r\nSet-Cookie: a=b", "no-cache\n", "\r"):
    _case("data/page.html", None, "ValueError", options={"cache_control": _broken})
    _case(
        "data/page.html", {"If-None-Match": "*"}, "ValueError", options={"cache_control": _broken}
    )
