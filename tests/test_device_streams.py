"""What C code and libraries do with a stream works on all of pkgres's, on MicroPython."""

from __future__ import annotations

import sys
from pathlib import Path

import app
import runtimes
import test_frozen
from folders import write

LARGE = b"".join(b"line %06d of a large file\n" % i for i in range(5000))
CODE = b"VALUE = 7\n" + b"# a line of a comment\n" * 6000
assert min(len(LARGE), len(CODE)) > 100 << 10  # so they are stored in pieces
FILES = {
    "pieces.txt": LARGE,
    "packed.txt": LARGE,
    "small.txt": LARGE[:1000],
    "big_code.py": CODE,
    "packed_code.py": CODE,
}

# By each way to a stream: it has all that a file has.
PROGRAM = """
import asyncio, deflate, select, sys
import pkgres, pkgres.mount
from pkgres.ranges import Part

sys.path.append("/m")
pkgres.mount.mount("one", "/m")
LARGE = b"".join(b"line %06d of a large file\\n" % i for i in range(5000))

def streams():
    for name in ("pieces.txt", "packed.txt"):
        yield pkgres.resource_stream("one", name), LARGE
        yield open("/m/" + name, "rb"), LARGE
    yield Part(pkgres.resource_stream("one", "pieces.txt"), 1008, 98000), LARGE[1008:99008]
    yield Part(pkgres.resource_stream("one", "packed.txt"), 1008, 98000), LARGE[1008:99008]

def closed(call, *arguments):
    try:
        call(*arguments)
    except ValueError:
        return True

for stream, content in streams():
    buffer = bytearray(50)
    assert stream.readinto(buffer, 20) == 20 and buffer == content[:20] + bytes(30)
    assert stream.tell() == 20 and stream.seek(5) == 5 and stream.read(7) == content[5:12]
    assert stream.seek(0) == 0 and stream.readline() == content[: content.find(b"\\n") + 1]
    assert stream.seek(90000) == 90000 and stream.read(10) == content[90000:90010]
    stream.seek(-28, 2)
    assert stream.readlines() == [content[-28:]]
    stream.seek(100); stream.seek(-50, 1)
    assert stream.read(5) == content[50:55]
    assert stream.flush() is None
    poll = select.poll()
    poll.register(stream, select.POLLIN)
    assert poll.poll(0)[0][1] == select.POLLIN
    try:
        stream.write(b"x")
        assert False
    except OSError as e:
        assert e.errno == 9
    stream.seek(0)
    async def read():
        return await asyncio.StreamReader(stream).readline()
    assert asyncio.run(read()) == content[: content.find(b"\\n") + 1]
    stream.close()
    for call in ((stream.read,), (stream.read, 1), (stream.readline,), (stream.readinto, buffer),
                 (stream.seek, 0), (stream.tell,), (stream.readlines,)):
        assert closed(*call), call
print("binary")

for name in ("pieces.txt", "packed.txt"):
    with open("/m/" + name) as f:
        assert f.readline() == str(LARGE[:28], "utf-8") and f.tell() == 28
        assert f.seek(56) == 56 and f.read(4) == "line"
        f.seek(len(LARGE) - 28)
        assert f.readlines() == [str(LARGE[-28:], "utf-8")]
    assert closed(f.read) and closed(f.readline)
print("text")

# C code reads them and closes them.
import big_code, packed_code
assert big_code.VALUE == packed_code.VALUE == 7
execfile("/m/big_code.py")
raw = pkgres.resource_stream("one", "packed.txt.gz")
with deflate.DeflateIO(raw, deflate.GZIP, 15, True) as inflated:
    assert inflated.read(28) == LARGE[:28]
inner = pkgres.resource_stream("one", "pieces.txt")
deflate.DeflateIO(inner, deflate.RAW, 8, True).close()
assert closed(inner.read)
print("C code")
"""


def test_everything_a_file_has(tmp_path: Path) -> None:
    package = write(tmp_path / "one", {"__init__.py": b"", **FILES})
    test_frozen.bundle(package, "-q", *FILES, "--gzip=packed.txt", "--gzip=packed_code.py")
    for name in FILES:
        (package / name).unlink()
    (tmp_path / "main.py").write_text(PROGRAM)
    command = [sys.executable, "-m", "micropython_unix", "main.py"]
    result = runtimes.run(command, tmp_path, path=f".frozen:{app.HERE.parent}")
    assert (result.stdout, result.stderr) == ("binary\ntext\nC code\n", "")
