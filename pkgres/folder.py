"""What is in a folder of a package, for `pkgres.mount` and `pkgres.files`."""

import errno
import os

from pkgres import _mode, _normal, _places
from pkgres.where import find


def entries(package, folder, accepts=None):
    """Return a dict of what is directly in a folder: names, and of each what os.ilistdir()
    has: (name, type, 0, size), the size in bytes as it is read. NAME.gz is listed as NAME, with
    *accepts* only if accepts(its bytes, stream or path) is true.

    Raises OSError: ENOENT where there is nothing of this name, ENOTDIR (20 where ``errno``
    has none) where it is not a folder.
    """
    name = _normal(folder)
    try:
        if name:
            find(package, name)
            code = getattr(errno, "ENOTDIR", 20)
            where = "in %r" % package if package else "at the root"
            raise OSError(code, "%r %s is not a folder" % (name, where))
    except OSError as e:
        if e.errno != errno.EISDIR:
            raise
    folder = name and name + "/"
    found = {}
    # A file comes before a folder, NAME before NAME.gz, and the first place before the others.
    for module, path in _places(package):
        path += folder
        if not module:
            _add_files(found, path, accepts)
            continue
        start = len(path)
        packed = []
        for key, content in _items(module):
            if key.startswith(path):
                if isinstance(content, tuple):
                    from pkgres.pieces import Pieces

                    content = Pieces(content)
                slash = key.find("/", start)
                if slash > 0:
                    _add(found, key[start:slash], 0x4000, 0)
                elif (
                    key.endswith(".gz")
                    and len(key) > start + 3
                    and (not accepts or accepts(content))
                ):
                    packed.append((key[start:-3], content))
                else:
                    _add(found, key[start:], 0x8000, len(content))
        for name, content in packed:
            _add(found, name, 0x8000, size(content))
    return found


def _items(module):
    # Names and contents. To look up each name of a bin2res --table would take longer.
    if not (hasattr(module, "DIGEST") and hasattr(module, "N")):
        yield from module.R.items()
    elif isinstance(module.N[0], str):
        yield from zip(module.N, module.V)
    else:
        for bucket in module.N:
            for i in range(0, len(bucket), 2):
                yield bucket[i], module.V[bucket[i + 1]]


def is_made_by_bin2res(packed):
    """Return whether gzip data, a stream of them, or a file has the window in its header.

    bin2res records it, see `pkgres.gz`; other files have the one name that they were given.
    """
    if isinstance(packed, tuple):  # of `pkgres.where`
        packed = packed[0]
    head = packed
    if isinstance(packed, str):
        with open(packed, "rb") as stream:
            head = stream.read(17)
    elif hasattr(packed, "read"):
        head = packed.read(17)
        packed.seek(0)
    return len(head) > 16 and head[3] & 4 and head[12:16] == b"WB\1\0"


def size(packed):
    """Return the bytes of what is in gzip data, a stream of them, or a file: the last four tell.

    (RFC 1952, 2.3.1: ISIZE.) 0 where the data are damaged: to read them will tell.
    """
    try:
        last = packed
        if isinstance(packed, str):
            with open(packed, "rb") as stream:
                stream.seek(-4, 2)
                last = stream.read()
        elif hasattr(packed, "read"):  # in pieces
            packed.seek(-4, 2)
            last = packed.read()
            packed.seek(0)
        return int.from_bytes(last[-4:], "little") or _counted(packed)
    except (ImportError, NotImplementedError, OSError):
        return 0


def _counted(packed):
    # There is nothing in it, or zeros are behind the end, as padding.
    from pkgres.gz import Inflated

    with Inflated(open(packed, "rb") if isinstance(packed, str) else packed, "") as stream:
        count, buffer = 0, bytearray(256)
        n = 1
        while n:
            n = stream.readinto(buffer)
            count += n
    return count


def _add_files(found, folder, accepts):
    path = folder[:-1] if len(folder) > 1 else folder
    try:
        if hasattr(os, "ilistdir"):
            # Inode -1: a resource, in a view of `pkgres.mount`.
            listed = [(e[0], e[1] & 0xF000) for e in os.ilistdir(path) if e[2] != -1]
        else:
            listed = [(name, 0) for name in os.listdir(path or ".")]
    except OSError:
        if _mode(path) == 0x4000:
            raise
        return
    packed = []
    for name, mode in listed:
        path = folder + name
        if mode != 0x8000:  # a link is what it leads to
            mode = _mode(path)
        if mode == 0x4000:
            _add(found, name, 0x4000, 0)
        elif name.endswith(".gz") and len(name) > 3 and mode and (not accepts or accepts(path)):
            packed.append(name)
        elif mode:  # else it is a link to nothing, or a mount
            _add(found, name, 0x8000, os.stat(path)[6])
    for name in packed:
        _add(found, name[:-3], 0x8000, size(folder + name))


def _add(found, name, kind, length):
    if name not in found or found[name][1] < kind:
        found[name] = (name, kind, 0, length)
