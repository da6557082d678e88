"""Answer a request for a resource, in any web framework.

from pkgres.static import respond

@app.get("/<path:path>")  # Microdot
async def resource(request, path):
    return respond(__name__, "data/" + path, request.headers, request.method)
"""

import errno
from io import BytesIO

from pkgres import _normal, _places
from pkgres.where import find, opened

# Suffix, type, suffix, type ...: a constant tuple stays in ROM when frozen.
# fmt: off
_TYPES = (
    "html", "text/html", "htm", "text/html", "css", "text/css", "js", "text/javascript",
    "mjs", "text/javascript", "json", "application/json", "txt", "text/plain",
    "csv", "text/csv", "md", "text/markdown", "xml", "text/xml", "svg", "image/svg+xml",
    "png", "image/png", "jpg", "image/jpeg", "jpeg", "image/jpeg", "gif", "image/gif",
    "webp", "image/webp", "avif", "image/avif", "ico", "image/x-icon", "woff", "font/woff",
    "woff2", "font/woff2", "ttf", "font/ttf", "otf", "font/otf", "mp3", "audio/mpeg",
    "wav", "audio/wav", "mp4", "video/mp4", "pdf", "application/pdf",
    "wasm", "application/wasm", "webmanifest", "application/manifest+json",
    "gz", "application/gzip",
)
# fmt: on
_LONGEST = 1024  # value of a header; a longer one counts as not sent: to read it takes long


def respond(
    package: str | None,
    resource: str,
    request_headers=None,
    method: str = "GET",
    cache_control: str | None = "no-cache",
):
    """Return ``(body stream, status, headers)``, the answer to a request for a resource.

    *resource* is a path as it comes in a URL, without the query: percent-escapes are
    decoded, once, as UTF-8; a ``+`` is a plus. (Of a framework that has decoded it, pass
    ``path.replace("%", "%25")``.) Of a folder its ``index.html`` is
    sent, and ``""`` is the package's own folder. Every file of the package can be asked
    for, its code too where that is on a filesystem: put a folder in front, as above.
    What would leave the package, escaped or not, is a 404 and touches nothing.

    *request_headers* maps names, in any case, to values, all str; a value of more than
    1024 characters counts as not sent. *method* ``"HEAD"`` sends no
    body. *cache_control* is sent as it is given, None sends none; ``no-cache`` lets a
    browser keep its copy and has it ask whether that is still good.

    The status is 200, 304 where an ETag in If-None-Match is the resource's, or 404. The
    ETag changes with the contents of a resource module, with size and time of a file; so
    does Last-Modified, which tells no time. The headers are a dict of strings. A resource
    stored as ``NAME.gz`` is sent as it is to a client that takes gzip, and inflated,
    without a Content-Length, to others. The caller closes the body; nothing in it is
    escaped.

    Raises ImportError where there is no such package, NotImplementedError where a client
    does not take gzip and the firmware cannot inflate, OSError where reading fails.
    """
    name, found = _found(package, resource)
    if found is None:
        headers = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": "9"}
        return BytesIO(b"" if method == "HEAD" else b"Not found"), 404, headers

    headers = {"Content-Type": _type(name)}
    if cache_control:
        headers["Cache-Control"] = cache_control
    stored = found
    is_gzip = isinstance(found, list)
    sends_gzip = is_gzip and _takes_gzip(_header(request_headers, "accept-encoding"))
    if is_gzip:
        found = found[0]
        headers["Vary"] = "Accept-Encoding"
    if sends_gzip:
        headers["Content-Encoding"] = "gzip"
    is_file = isinstance(found, tuple)
    if is_file:
        # Weak: what is written within the clock's tick may have the same time.
        size, etag = found[1][6], 'W/"%x-%x"' % (found[1][6], found[1][8])
    else:
        size, etag = len(found), _digests(package)
    if etag:
        # Each form that is sent has an ETag of its own.
        headers["ETag"] = etag = etag[:-1] + ('-gzip"' if sends_gzip else '"')
        # Without such a rule a browser would take a date for leave not to ask.
        rules = (cache_control or "").lower()
        if "no-cache" in rules or "max-age" in rules:
            headers["Last-Modified"] = _date(etag)
    if _is_unchanged(request_headers, headers):
        return BytesIO(b""), 304, headers

    if sends_gzip or not is_gzip:
        headers["Content-Length"] = str(size)
    if method == "HEAD":
        return BytesIO(b""), 200, headers
    return opened(found if sends_gzip else stored, name), 200, headers


def _decoded(resource):
    # RFC 3986, 2.1. A % that starts no escape stays what it is.
    if "%" not in resource:
        return resource
    parts = resource.encode().split(b"%")
    for i in range(1, len(parts)):
        code = parts[i][:2]
        if len(code) == 2 and all(c in b"0123456789abcdefABCDEF" for c in code):
            parts[i] = bytes([int(code, 16)]) + parts[i][2:]
        else:
            parts[i] = b"%" + parts[i]
    return b"".join(parts).decode()


def _found(package, resource):
    # The name of the resource, index.html of a folder, and where it is: see `find`; None
    # where there is none.
    try:
        name = _normal(_decoded(resource))
    except ValueError:
        return "", None
    for path in (name, (name or ".") + "/index.html"):
        try:
            if path:
                return path, find(package, path)
        except OSError as e:
            if e.errno == errno.ENOENT:
                break
            if e.errno != errno.EISDIR:
                raise
    return name, None


def _type(name):
    parts = name[name.rfind("/") + 1 :].lower().split(".")
    suffix = parts[-1]
    if len(parts) < 2 or suffix not in _TYPES:
        return "application/octet-stream"
    found = _TYPES[_TYPES.index(suffix) + 1]
    return found + "; charset=utf-8" if found[:5] == "text/" else found


def _digests(package):
    # Of all resource modules that can hold a package's names: simpler than which does.
    found = []
    for module, _ in _places(package):
        if not module:
            continue
        if not hasattr(module, "DIGEST"):
            return None  # made by another tool
        found.append(module.DIGEST)
    return '"' + "-".join(found) + '"'


def _header(headers, name):
    # What is given in several headers of a name is one list (RFC 9110, 5.3).
    values = [value for key, value in (headers or {}).items() if key.lower() == name and value]
    found = ", ".join(values)
    return found if len(found) <= _LONGEST else ""


def _takes_gzip(accepted):
    # RFC 9110, 12.5.3: whether a client takes gzip, and no less than what is not encoded.
    weights = {}
    for item in accepted.lower().split(","):
        parts = [part.strip() for part in item.split(";")]
        weight = 1000
        for parameter in parts[1:]:
            parameter = parameter.split("=", 1)
            if parameter[0].strip() == "q":
                try:  # as an integer: not every board has floats
                    weight = int((parameter[-1].strip().replace(".", "") + "000")[:4])
                except ValueError:
                    weight = 0
        weights[parts[0]] = weight
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0)))
    return gzip > 0 and gzip >= weights.get("identity", 0)


def _is_unchanged(request_headers, headers):
    # RFC 9110, 13.1.2: weak comparison, * is any; 13.1.3: the date only without the other.
    given = _header(request_headers, "if-none-match").strip()
    if not given:
        date = _header(request_headers, "if-modified-since")
        return bool(date) and date == headers.get("Last-Modified")
    etag = _opaque(headers.get("ETag", ""))
    return given == "*" or (etag and etag in [_opaque(tag.strip()) for tag in given.split(",")])


def _opaque(etag):
    return etag[2:] if etag[:2] == "W/" else etag


def _date(etag):
    # An ETag as a date, which is sent back as it came: Chromium heeds no ETag in an answer
    # of HTTP/1.0, as Microdot gives it. The first of February 2021 was a Monday.
    n = 0
    for letter in etag:
        n = (n * 31 + ord(letter)) % (28 * 86400)
    day = n // 86400
    name = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[day % 7]
    clock = (day + 1, n // 3600 % 24, n // 60 % 60, n % 60)
    return name + ", %02d Feb 2021 %02d:%02d:%02d GMT" % clock
