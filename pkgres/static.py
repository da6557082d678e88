"""Answer a request for a resource, in any web framework.

from pkgres.static import respond

@app.get("/<path:path>")  # Microdot
async def resource(request, path):
    return respond(__name__, "data/" + path, request.headers, request.method)
"""

import errno

import pkgres.where

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

# Few functions and few names, as each is RAM when this is loaded.


def respond(
    package: str | None,
    resource: str,
    request_headers=None,
    method: str | bytes = "GET",
    cache_control=True,
    fallback: str | None = None,
    not_found: str | None = None,
):
    """Return ``(body stream, status, headers)``, the answer to a request for a resource.

    *resource* is a path as it comes in a URL, without the query: percent-escapes are
    decoded, once, as UTF-8; a ``+`` is a plus. (Of a framework that has decoded it, pass
    ``path.replace("%", "%25")``.) Of a folder its ``index.html`` is
    sent, and ``""`` is the package's own folder. Every file of the package can be asked
    for, its code too where that is on a filesystem: put a folder in front, as above.
    What would leave the package, escaped or not, is a 404 and touches nothing.

    *request_headers* maps names, in any case, to values; names, values and *method* are str or
    bytes. A value of more than 1024 characters counts as an empty one.

    *cache_control* is by default ``no-cache``: a browser keeps its copy, and asks each time whether
    it is still good. For a resource that the key ``immutable`` of ``[tool.pkgres]`` names it is
    ``max-age=31536000, immutable``. A string is sent as it is, None sends nothing; a function is
    called with the name of the resource and returns one of these.

    *fallback* is the page of a single-page app: where there is no resource, and the last part
    of its path has no ``.`` in it, that page is sent, with 200. *not_found* is a page to send
    with 404. Both are paths like *resource*.

    The status is 200; 206 where a range is asked for, 416 where that starts past the end; 304
    where an ETag in If-None-Match is the resource's, 412 where none in If-Match is; 404; 405 for
    other methods than GET and HEAD, which gets the headers of GET and no body. The ETag changes
    with the content, that of a file with its size and time; a file without a time has none.
    Last-Modified changes with the ETag, and is not a real time. The headers are a
    dict of strings. A resource stored as ``NAME.gz`` is sent as it is to a client that takes
    gzip, and inflated, without a Content-Length and without ranges, to others. The caller closes
    the body; nothing in it is escaped.

    The rules are those of RFC 9110: 8.8 (ETag), 12.5.3 (gzip), 13 (conditions), 14 (ranges).

    Raises ImportError where there is no such package, ValueError for a line break in
    *cache_control*, NotImplementedError where a client does not take gzip and the firmware
    cannot inflate, OSError where reading fails.
    """
    methods = (b"GET", b"HEAD") if isinstance(method, bytes) else ("GET", "HEAD")
    is_head = method == methods[1]
    if method not in methods:
        return _message(b"Method not allowed", 405, is_head, {"Allow": "GET, HEAD"})
    given = _given(request_headers)
    status = 200
    name, found = _found(package, resource)
    if found is None and fallback and name is not None and "." not in name[name.rfind("/") + 1 :]:
        name, found = _found(package, fallback)
    if found is None and not_found:
        status = 404
        name, found = _found(package, not_found)
    if found is None:
        return _message(b"Not found", 404, is_head, {})

    parts = name[name.rfind("/") + 1 :].lower().split(".")
    kind = "application/octet-stream"
    if len(parts) > 1 and parts[-1] in _TYPES:
        kind = _TYPES[_TYPES.index(parts[-1]) + 1]
        if kind[:5] == "text/":
            kind += "; charset=utf-8"
    headers = {"Content-Type": kind}
    sends_gzip = False
    if isinstance(found, list):
        headers["Vary"] = "Accept-Encoding"
        sends_gzip = _takes_gzip(given.get("accept-encoding", ""))
        if sends_gzip:
            headers["Content-Encoding"] = "gzip"
    etag = None
    if status == 200:
        if callable(cache_control):
            cache_control = cache_control(name)
        if cache_control is True:
            cache_control = "no-cache"
            for module, path in pkgres._places(package):
                if module and path + name in getattr(module, "IMMUTABLE", ()):
                    cache_control = "max-age=31536000, immutable"
        if cache_control:
            if "\r" in cache_control or "\n" in cache_control:
                raise ValueError("a line break in Cache-Control: %r" % cache_control)
            headers["Cache-Control"] = cache_control
        etag, status = _validated(headers, given, package, name, found, sends_gzip)
        if status == 304:
            return pkgres.BytesIO(b""), 304, headers
        if status != 200:
            return _message(b"Precondition failed", status, is_head, {})

    if sends_gzip:
        found = found[0]
    try:
        body = pkgres.where.opened(found, name)
    except OSError as e:
        if e.errno != errno.ENOENT:
            raise
        return _message(b"Not found", 404, is_head, {})  # it was there just now
    if not isinstance(found, list):
        # Of what was opened: under that name there may be another file by now.
        size = body.seek(0, 2)
        body.seek(0)
        if status == 200:
            headers["Accept-Ranges"] = "bytes"
            if "range" in given and not is_head:
                from pkgres.ranges import Part, asked

                part = asked(given, etag, size)
                if part:
                    start, count = part
                    if not count:
                        body.close()
                        headers = {"Content-Range": "bytes */%d" % size}
                        return _message(b"Range not satisfiable", 416, is_head, headers)
                    whole = (start, start + count - 1, size)
                    headers["Content-Range"] = "bytes %d-%d/%d" % whole
                    body, status, size = Part(body, start, count), 206, count
        headers["Content-Length"] = str(size)
    if is_head:
        body.close()
        body = pkgres.BytesIO(b"")
    return body, status, headers


def _message(text, status, is_head, headers):
    headers["Content-Type"] = "text/plain; charset=utf-8"
    headers["Content-Length"] = str(len(text))
    return pkgres.BytesIO(b"" if is_head else text), status, headers


def _found(package, resource):
    # The name of the resource, index.html of a folder, and where it is: see `find`; None
    # where there is none, and for the name where it is refused.
    try:
        if "%" in resource:
            # RFC 3986, 2.1. A % that starts no escape stays what it is.
            parts = resource.encode().split(b"%")
            for i in range(1, len(parts)):
                code = parts[i][:2]
                if len(code) == 2 and all(c in b"0123456789abcdefABCDEF" for c in code):
                    parts[i] = bytes([int(code, 16)]) + parts[i][2:]
                else:
                    parts[i] = b"%" + parts[i]
            resource = b"".join(parts).decode()
        name = pkgres._normal(resource)
    except ValueError:
        return None, None
    for path in (name, (name and name + "/") + "index.html"):
        try:
            if path:
                return path, pkgres.where.find(package, path)
        except OSError as e:
            if e.errno == errno.ENOENT:
                break
            if e.errno != errno.EISDIR:
                raise
    return name, None


def _given(headers):
    # The request headers that count here, by their names in small letters. What is given in
    # several of a name is one list (RFC 9110, 5.3). A long one would take long to read.
    given = {}
    for key, value in (headers or {}).items():
        try:
            if isinstance(key, bytes):
                key = key.decode()
            key = key.lower()
            if value is not None and key in (
                "accept-encoding",
                "if-match",
                "if-modified-since",
                "if-none-match",
                "if-range",
                "range",
            ):
                if isinstance(value, bytes):
                    value = value.decode()
                value = value.strip() if len(value) <= 1024 else ""
                given[key] = given[key] + ", " + value if key in given else value
        except ValueError:  # not UTF-8
            if isinstance(key, str):
                given[key] = ""
    return given


def _validated(headers, given, package, name, found, sends_gzip):
    # Add ETag and Last-Modified; return the ETag, or None, and 200, 304 where the client has
    # what it stands for, or 412 where it wants another.
    etag = hashes = None
    if isinstance(found, list):
        name += ".gz"
        found = found[0]
    if isinstance(found, tuple):
        # Weak: what is written within the clock's tick may have the same time. The files of a
        # ROMFS have none, and size alone tells nothing.
        if found[1][8]:
            etag = 'W/"%x-%x' % (found[1][6], found[1][8])
            number = 0
            for letter in etag:
                number = (number * 31 + ord(letter)) % (14 * 86400)
    else:
        for module, path in pkgres._places(package):
            if module:
                path += name
                try:
                    module.R[path]
                except KeyError:
                    continue
                if hasattr(module, "DIGEST"):  # else another tool made it
                    hashes = getattr(module, "HASHES", None)
                break
        if hashes:
            # They are in the order of the names.
            number = 0
            for other in module.R:
                number += other < path
            hashes = hashes[6 * number : 6 * number + 6]
            etag = '"%02x%02x%02x%02x%02x%02x' % tuple(hashes)
            number = int.from_bytes(hashes[:3], "little")
    if etag:
        # Each form that is sent has an ETag of its own.
        headers["ETag"] = etag = etag + ('-gzip"' if sends_gzip else '"')
        # Chromium ignores the ETag of an answer in HTTP/1.0, as Microdot gives it, but sends back
        # this date, which is made of the ETag. (1 February 2021 was a Monday.) Without such a
        # rule a browser would take a date for leave not to ask.
        rules = headers.get("Cache-Control", "").lower()
        if "no-cache" in rules or "max-age" in rules:
            number = (number * 2 + sends_gzip) % (28 * 86400)
            day = number // 86400
            clock = (day + 1, number // 3600 % 24, number // 60 % 60, number % 60)
            name = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[day % 7]
            headers["Last-Modified"] = name + ", %02d Feb 2021 %02d:%02d:%02d GMT" % clock
    # RFC 9110, 13.1.1: strong comparison, * is any; 13.1.2: weak comparison, likewise; 13.1.3:
    # the date only without the other.
    for condition in ("if-match", "if-none-match"):
        if condition in given:
            tags = [tag.strip() for tag in given[condition].split(",")]
            is_match = tags == ["*"]
            if etag and condition == "if-match":
                is_match |= etag in tags and etag[0] == '"'
            elif etag:
                strong = etag[etag.find('"') :]
                is_match |= strong in tags or "W/" + strong in tags
            if condition == "if-none-match":
                return etag, 304 if is_match else 200
            if not is_match:
                return etag, 412
    date = given.get("if-modified-since")
    return etag, 304 if date and date == headers.get("Last-Modified") else 200


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
