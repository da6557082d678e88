"""Where a resource is: the lookup on which `pkgres.mount`, `pkgres.files` and
`pkgres.static` build.
"""

from io import StringIO

import pkgres


def find(package, resource, accepts=None):
    """Return where a resource is: its bytes, or a stream if it is in pieces, whose len() is its
    size; or a tuple of its path and its os.stat(). In a list if it is stored as NAME.gz.

    Arguments and errors are those of `pkgres.resource_stream`. Nothing is opened. With
    *accepts*, NAME.gz is found only if accepts(its bytes, stream or path and os.stat()) is true.
    """

    # Inside, as each function of a module is RAM when it is loaded.
    def status(path):
        try:
            found = pkgres.os.stat(path)
        except (OSError, ValueError):  # ValueError: a name that cannot be encoded
            return None
        if found[2] == -1:  # a resource, in a view of `pkgres.mount`
            return None
        return found[0] & 0xF000 == 0x4000 or (path, found)

    def inflated(found, name):
        return [found] if not accepts or accepts(found) else None

    return pkgres._find(package, resource, status, inflated)


def opened(found, name, mode="rb"):
    """Return a stream over what `find` found by *name*: binary, or with *mode* ``"r"`` text.

    Over bytes it copies nothing. Text streams are for MicroPython.
    """
    is_gzip = isinstance(found, list)
    if is_gzip:
        found = found[0]
    if isinstance(found, tuple):
        stream = open(found[0], "rb" if is_gzip else mode)
    elif hasattr(found, "read"):
        stream = found
    else:
        stream = (StringIO if mode == "r" and not is_gzip else pkgres.BytesIO)(found)
    if is_gzip:
        from pkgres.gz import Inflated

        stream = Inflated(stream, name)
    elif stream is not found:
        return stream
    if mode == "rb":
        return stream
    from pkgres.text import Text

    return Text(stream)
