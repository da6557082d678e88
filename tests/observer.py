"""Runs on the device: makes the calls of a program's cases and prints what came.

One line a case: its number, then the outcome in a form the host can compare.
"""

import binascii
import errno
import hashlib

import pkg_resources as api

_CODES = {errno.ENOENT: "ENOENT", errno.EISDIR: "EISDIR"}
_CODES[getattr(errno, "ENOTDIR", 20)] = "ENOTDIR"


def run(program):
    """Print the outcome of each case of *program*, each made three times."""
    number = 0
    for module in ("cases", "respond_cases"):
        for case in __import__(module).CASES:
            if case[0] == program:
                print(number, outcome(case))
            number += 1
    print("END", program)


def outcome(case):
    """Return what a case gives, made three times."""
    outcomes = [_outcome(case), _outcome(case)]
    api.invalidate_caches()
    outcomes.append(_outcome(case))
    if outcomes[1:] == outcomes[:-1]:
        outcomes = outcomes[:1]
    return " BUT AGAIN ".join(outcomes)


def _outcome(case):
    _, call, package, resource, _, _ = case
    try:
        return _CALLS[call](package, resource)
    except OSError as e:
        if e.errno == errno.EIO:
            return "damaged"
        named = repr(package or "__main__") in str(e) and str(resource).strip("./")[-5:] in str(e)
        return _CODES.get(e.errno or 0, repr(e)) + ("" if named else " unnamed: " + str(e))
    except (ValueError, MemoryError, NotImplementedError, ImportError) as e:
        # CPython's own subclasses count as what they are.
        for kind in (ValueError, MemoryError, NotImplementedError, ImportError):
            if isinstance(e, kind):
                return kind.__name__
    except Exception as e:
        return "leaked " + repr(e)


def _digest(stream):
    digest, size, buffer = hashlib.sha256(), 0, bytearray(512)
    view = memoryview(buffer)
    while True:
        n = stream.readinto(buffer)
        if not n:
            break
        digest.update(view[:n])
        size += n
    return "%d %s" % (size, binascii.hexlify(digest.digest()).decode())


def _stream(package, resource):
    with api.resource_stream(package, resource) as stream:
        return _digest(stream)


def _string(package, resource):
    import io

    content = api.resource_string(package, resource)
    return _digest(io.BytesIO(content)) if isinstance(content, bytes) else repr(content)


def _same_object(package, resource):
    table = __import__(package + ".R", None, None, ("R",)).R
    return str(api.resource_string(package, resource) is table[resource])


def _listdir_resources(package, resource):
    # Without the code and what the tests put beside it.
    names = api.resource_listdir(package, resource)
    return repr([n for n in names if "__" not in n and ".py" not in n and n not in _NOT_RESOURCES])


_NOT_RESOURCES = ("both.txt", "file_here", "mixed", "R.mpy")


def _filename(package, resource):
    path = api.resource_filename(package, resource)
    import os

    is_folder = os.stat(path)[0] & 0xF000 == 0x4000
    ends = path.replace("\\", "/").endswith("my_app/" + resource) or "inner/" in path
    return "path" if ends and is_folder == api.resource_isdir(package, resource) else path


def _lines(package, resource):
    with api.resource_stream(package, resource) as stream:
        return "|".join([_text(line) for line in stream])


def _two_lines(package, resource):
    with api.resource_stream(package, resource) as stream:
        return "|".join([_text(next(stream)) for _ in range(2)])


def _readline(package, resource):
    with api.resource_stream(package, resource) as stream:
        lines = []
        while True:
            line = stream.readline()
            if not line:
                return "|".join(lines)
            lines.append(_text(line))


def _text(line):
    return (line if isinstance(line, str) else line.decode()).rstrip("\n")


def _readinto(package, resource):
    stream = api.resource_stream(package, resource)
    found = _digest(stream)
    stream.close()
    return found


def _seek_tell(package, resource):
    with api.resource_stream(package, resource) as stream:
        start = (stream.tell(), stream.read(4), stream.tell())
        stream.seek(0)
        return str(start[0] == 0 and start[2] == 4 and stream.read(4) == start[1])


def _closed(package, resource):
    stream = api.resource_stream(package, resource)
    stream.close()
    try:
        stream.read(1)
    except (ValueError, OSError):
        return "True"
    return "False"


def _respond(package, request):
    from pkgres.static import respond

    resource, headers, method, options = request
    headers = dict(headers) if headers else headers
    for name, value in (headers or {}).items():
        if isinstance(value, str) and "{" in value:
            headers[name] = None
            asked = {"Accept-Encoding": "gzip"} if "other" in value else headers
            before = respond(package, resource, asked, **options)[2]
            etag, date = before["ETag"], before["Last-Modified"]
            opaque = etag[2:] if etag.startswith("W/") else etag
            value = value.replace("{etag}", etag).replace("{other form}", etag)
            headers[name] = value.replace("{opaque}", opaque).replace("{date}", date)
    body, status, sent = respond(package, resource, headers, method, **options)
    # These depend on the storage.
    for name in ("ETag", "Last-Modified"):
        if name in sent:
            sent[name] = "given"
    sent = [name + ": " + value for name, value in sent.items()]
    with body:
        return "%d %s %s" % (status, "; ".join(sorted(sent)), _digest(body))


_CALLS = {
    "stream": _stream,
    "string": _string,
    "same_object": _same_object,
    "exists": lambda p, r: str(api.resource_exists(p, r)),
    "isdir": lambda p, r: str(api.resource_isdir(p, r)),
    "listdir": lambda p, r: repr(api.resource_listdir(p, r)),
    "listdir_resources": _listdir_resources,
    "filename": _filename,
    "lines": _lines,
    "readline": _readline,
    "two_lines": _two_lines,
    "readinto": _readinto,
    "seek_tell": _seek_tell,
    "closed": _closed,
    "respond": _respond,
}
