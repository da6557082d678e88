"""Runs on the device: a stream over pieces does what one over the whole does, call by call."""

import errno
import os
from array import array
from io import BytesIO

import pkgres
from pkgres.pieces import Pieces
from pkgres.static import respond

_WHOLE = b"a line\nand\n\nanother one that goes over pieces\nno newline at the end"
_SIZES = (-1, 0, 1, 2, 3, 5, 8, 13, 100)
_state = 1


def _random(n):
    global _state
    _state = _state * 1103515245 + 12345 & 0x7FFFFFFF
    return (_state >> 8) % n


def _read_into(stream, size):
    buffer = bytearray(max(size, 0))
    return stream.readinto(buffer), bytes(buffer)


_CALLS = (
    lambda stream, n: stream.read(n),
    lambda stream, n: stream.read(n),
    lambda stream, n: stream.read() if n == 13 else None,
    _read_into,
    lambda stream, n: stream.readline(),
    lambda stream, n: stream.readline(n),
    lambda stream, n: stream.seek(max(n, 0)),
    lambda stream, n: stream.seek(min(len(_WHOLE), max(n, 0) * 5)),
    lambda stream, n: stream.seek(-max(n, 0) % 9, 1),
    lambda stream, n: stream.seek(-max(n, 0), 1),
    lambda stream, n: stream.seek(-max(n, 0) % len(_WHOLE) - len(_WHOLE), 2),
    lambda stream, n: stream.tell(),
)


def _cut(each):
    return tuple([_WHOLE[i : i + each] for i in range(0, len(_WHOLE), each)])


def _compare(each):
    whole = BytesIO(_WHOLE)
    pieces = Pieces(_cut(each))
    assert len(pieces) == len(_WHOLE)
    for step in range(300):
        number, size = _random(len(_CALLS)), _SIZES[_random(len(_SIZES))]
        expected, found = _CALLS[number](whole, size), _CALLS[number](pieces, size)
        assert found == expected, (each, step, number, size, found, expected)
    whole.seek(0)
    pieces.seek(0)
    assert list(pieces) == whole.read().replace(b"\n", b"\n\0").split(b"\0")
    try:
        pieces.seek(-1)
        raise AssertionError("negative")
    except (OSError, ValueError):
        pass
    pieces.close()
    try:
        pieces.read()
        raise AssertionError("closed")
    except (OSError, ValueError):
        pass


def _compare_items(each):
    # A buffer of items that are larger than a byte.
    for code in "bBhHiI":
        for count in (0, 1, 5, len(_WHOLE)):
            whole, pieces = BytesIO(_WHOLE), Pieces(_cut(each))
            expected, found = array(code, [0] * count), array(code, [0] * count)
            assert pieces.readinto(found) == whole.readinto(expected), (each, code, count)
            assert bytes(found) == bytes(expected)
            assert pieces.tell() == whole.tell()


for _each in (1, 2, 7, 16, len(_WHOLE) - 1, len(_WHOLE), len(_WHOLE) + 1):
    _compare(_each)
    _compare_items(_each)


def tell(call, *arguments):
    try:
        print(call(*arguments))
    except (OSError, ValueError) as e:
        print(isinstance(e, OSError), getattr(e, "errno", 0) == errno.EISDIR)


def total(stream, buffer):
    count = 0
    with stream:
        n = stream.readinto(buffer)
        while n:
            count += n
            n = stream.readinto(buffer)
    return count


for _name in ("data/small.txt", "data/big.txt", "data/packed.txt", "data/packed.txt.gz"):
    with pkgres.resource_stream("app", _name) as _stream:
        _content = _stream.read()
    print(_name, len(_content), _content == pkgres.resource_string("app", _name))
    print(_content == bytes(pkgres.resource_buffer("app", _name)))
    print(total(pkgres.resource_stream("app", _name), bytearray(1000)) == len(_content))
    print(pkgres.resource_exists("app", _name), pkgres.resource_isdir("app", _name))
with pkgres.resource_stream("app", "data/big.txt") as _stream:
    print(len(_stream.readline()), _stream.seek(-9, 2) > 0, _stream.read())
_small = pkgres.resource_string("app", "data/small.txt")
print(_small is pkgres.resource_string("app", "data/small.txt"))
tell(pkgres.resource_string, "app", "data")
print(pkgres.resource_listdir("app", "data"))

try:
    import pkgres.files
except ImportError:
    pass
else:
    _folder = pkgres.files.files("app") / "data"
    print([f.name for f in _folder.iterdir()], len((_folder / "big.txt").read_text()))
    with (_folder / "packed.txt").open() as _stream:
        print(len(_stream.read()))

for _name in ("data/big.txt", "data/packed.txt"):
    _body, _status, _headers = respond("app", _name, {"Accept-Encoding": "gzip"})
    _length = int(_headers["Content-Length"])
    print(_status, total(_body, bytearray(512)) == _length, _headers.get("Content-Encoding"))

if hasattr(os, "ilistdir"):
    import pkgres.mount

    pkgres.mount.mount("app", "/m")
    for _entry in sorted(os.ilistdir("/m/data")):
        print(_entry)
    for _name in ("data/big.txt", "data/packed.txt", "data/packed.txt.gz"):
        print(os.stat("/m/" + _name)[6])
        with open("/m/" + _name, "rb") as _stream:
            print(len(_stream.read()))
    with open("/m/data/big.txt") as _lines:
        print(len(_lines.readline()), len(_lines.read(20000)), len(_lines.read()))
