"""pkgres.mount: a package's resources at a path, frozen without any filesystem and beside one."""

from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import app
import firmware.build
import folders
import pytest
import runtimes
import test_frozen
from conftest import needing
from firmware import qemu

from bin2res.encode import compress

TEXT = "Zażółć gęślą jaźń 🎉\nsecond line\nlast"
FILES = {
    "page.html": TEXT.encode(),
    "image.png": bytes(range(256)),
    "conf.json": b'{"name": [1, 2]}' + b" " * 400,
    "packed.txt": (TEXT + "\n").encode() * 40,
    "both.txt": b"plain",
    "both.txt.gz": b"not what is listed",
    "code.py": b"VALUE = 7\n",
    "sub/deep/a.txt": b"a",
    "sub/b.txt": b"bb",
    "empty": b"",
}
COMPRESSED = ("conf.json", "packed.txt")
BIG = 100_000

TELL = """\
import errno, gc, io, json, os, sys
import pkgres
import pkgres.mount as m

def tell(call, *arguments):
    try:
        print(repr(call(*arguments)))
    except OSError as e:
        print("OSError", e.errno)
    except (ValueError, NotImplementedError, ImportError) as e:
        print(type(e).__name__)

def read(path, mode="r"):
    with open(path, mode) as stream:
        return stream.read()
"""
_START = TELL + 'm.mount("one", "/m")\n'

# Each line of a program, and what it prints.
Lines = list[tuple[str, str]]

READS: Lines = [
    ("tell(read, '/m/page.html')", ascii(TEXT)),
    ("tell(read, '/m/page.html', 'rt')", ascii(TEXT)),
    ("tell(read, '/m/page.html', 'rb')", repr(FILES["page.html"])),
    ("tell(read, '/m//sub/./b.txt')", "'bb'"),
    ("tell(read, '/m/empty')", "''"),
    ("tell(len, read('/m/image.png', 'rb'))", "256"),
    ("tell(len, read('/m/packed.txt'))", str(40 * len(TEXT + "\n"))),
    ("tell(len, read('/m/packed.txt', 'rb'))", str(len(FILES["packed.txt"]))),
    ("tell(read('/m/packed.txt.gz', 'rb').startswith, b'\\x1f\\x8b')", "True"),
    ("tell(read, '/m/both.txt')", "'plain'"),
    ("tell(json.load, open('/m/conf.json'))", "{'name': [1, 2]}"),
    ("tell(json.load, open('/m/conf.json', 'rb'))", "{'name': [1, 2]}"),
]
# In characters, which are never cut; through StringIO and through an inflated stream.
for _name, _text in (("page.html", TEXT), ("packed.txt", (TEXT + "\n") * 40)):
    READS += [
        (f"f = open('/m/{_name}'); tell(f.read, 3)", ascii(_text[:3])),
        ("tell(f.read, 8)", ascii(_text[3:11])),
        ("tell(f.readline)", ascii(_text[11:].split("\n")[0] + "\n")),
        ("tell(lambda: next(f) if hasattr(f, '__next__') else f.readline())", "'second line\\n'"),
        ("tell(lambda: f.read()[:4])", "'last'"),
        ("tell(f.read)", "''"),
        ("tell(f.read, 5)", "''"),
        (f"tell(lambda: [line for line in open('/m/{_name}')][1])", "'second line\\n'"),
        (f"f = open('/m/{_name}'); b = bytearray(4); tell(f.readinto, b)", "4"),
        ("tell(bytes, b)", repr(_text.encode()[:4])),
        ("f.close()", ""),
    ]

_STAT = "0, -1, 0, 0, 0, {0}, 0, 0, 0)"  # st_dev: no device
TELLS: Lines = [
    ("tell(os.stat, '/m/page.html')", f"({0x8000}, " + _STAT.format(len(FILES["page.html"]))),
    ("tell(os.stat, '/m/packed.txt')", f"({0x8000}, " + _STAT.format(len(FILES["packed.txt"]))),
    ("tell(lambda: os.stat('/m/packed.txt.gz')[6] < 400)", "True"),
    ("tell(os.stat, '/m')", f"({0x4000}, " + _STAT.format(0)),
    ("tell(os.stat, '/m/sub')", f"({0x4000}, " + _STAT.format(0)),
    ("tell(os.stat, '/m/sub/deep/')", f"({0x4000}, " + _STAT.format(0)),
    ("tell(os.stat, '/m/none')", f"OSError {2}"),
    ("tell(os.stat, '/m/page.html/x')", "OSError 2"),
    (
        "tell(sorted, os.listdir('/m'))",
        repr(sorted({name.split("/")[0] for name in FILES})),
    ),
    (
        "tell(sorted, os.ilistdir('/m/sub'))",
        f"[('b.txt', {0x8000}, 0, 2), ('deep', {0x4000}, 0, 0)]",
    ),
    (
        "tell(lambda: [e for e in os.ilistdir('/m') if e[0] == 'packed.txt'])",
        f"[('packed.txt', {0x8000}, 0, {len(FILES['packed.txt'])})]",
    ),
    ("tell(os.listdir, '/m/page.html')", "OSError 20"),
    ("tell(os.listdir, '/m/none')", "OSError 2"),
    ("tell(lambda: len(os.statvfs('/m')))", "10"),
    ("tell(lambda: 'm' in os.listdir('/'))", "True"),
]

REFUSES: Lines = [
    *[(f"tell(open, '/m/page.html', {mode!r})", "OSError 30") for mode in ("w", "wb", "a", "r+")],
    ("tell(open, '/m/new', 'w')", "OSError 30"),
    ("tell(os.remove, '/m/page.html')", "OSError 30"),
    ("tell(os.rename, '/m/page.html', '/m/x')", "OSError 30"),
    ("tell(os.mkdir, '/m/x')", "OSError 30"),
    ("tell(os.rmdir, '/m/sub')", "OSError 30"),
    ("tell(open, '/m/none')", "OSError 2"),
    ("tell(open, '/m/sub')", "OSError 21"),
    ("tell(open, '/m')", "OSError 21"),
    ("tell(open, '/m/', 'rb')", "OSError 21"),
    ("tell(open, '/m/../one/R.py')", "OSError 2"),
    ("tell(read, '/m/sub/../sub/b.txt')", "'bb'"),
    ("tell(open, '/m/sub\\\\b.txt')", "OSError 2"),
    ("tell(m.mount, 'one', 'm2')", "ValueError"),
    ("tell(m.mount, 'one', '')", "ValueError"),
    ("tell(m.mount, 'one', '/m')", "OSError 1"),
    ("tell(m.mount, 'one', '/m2', 'none')", "OSError 2"),
    ("tell(m.mount, 'one', '/m2', 'page.html')", "OSError 20"),
    ("tell(m.mount, 'one', '/m2', '../two')", "ValueError"),
    ("tell(m.mount, 'none_such', '/m2')", "ImportError"),
    ("tell(m.umount, '/m2')", "OSError 22"),
    ("tell(m.umount, '')", "ValueError"),
    ("tell(m.umount, 'm')", "ValueError"),
    ("tell(m.umount, '/m/sub')", "OSError 22"),
    ("tell(m.umount, '/')", "None"),  # not ours: left as it is
    ("tell(read, '/m/sub/b.txt')", "'bb'"),
]

MOVES: Lines = [
    ("start = os.getcwd(); os.chdir('/m/sub'); tell(os.getcwd)", "'/m/sub'"),
    ("tell(read, 'b.txt')", "'bb'"),
    ("tell(read, 'deep/a.txt')", "'a'"),
    ("tell(read, './b.txt', 'rb')", "b'bb'"),
    ("tell(sorted, os.listdir())", "['b.txt', 'deep']"),
    ("tell(lambda: os.stat('b.txt')[6])", "2"),
    ("tell(open, 'page.html')", "OSError 2"),
    ("os.chdir('deep'); tell(os.getcwd)", "'/m/sub/deep'"),
    ("os.chdir('..'); tell(os.getcwd)", "'/m/sub'"),
    ("os.chdir('../../..'); tell(os.getcwd)", "'/m'"),
    ("tell(os.chdir, 'none')", "OSError 2"),
    ("tell(os.chdir, 'page.html')", "OSError 20"),
    ("tell(read, 'sub/b.txt')", "'bb'"),
    ("tell(lambda: pkgres.resource_string('one', 'sub/b.txt'))", "b'bb'"),
    ("os.chdir(start); tell(lambda: os.getcwd() == start)", "True"),
    ("sys.path.append('/m'); import code; tell(lambda: code.VALUE)", "7"),
    ("sys.path.remove('/m')", ""),
]

SIDE_BY_SIDE: Lines = [
    ("m.mount('one', '/n'); m.mount('one', '/s', 'sub'); m.mount('two', '/t')", ""),
    ("tell(read, '/n/sub/b.txt')", "'bb'"),
    ("tell(read, '/s/b.txt')", "'bb'"),
    ("tell(read, '/t/page.html')", "'of two'"),
    ("tell(open, '/s/page.html')", "OSError 2"),
    ("tell(open, '/s/../page.html')", "OSError 2"),
    ("tell(sorted, os.listdir('/s/'))", "['b.txt', 'deep']"),
    ("f = open('/n/page.html'); g = open('/n/packed.txt', 'rb'); m.umount('/n')", ""),
    ("tell(f.read, 3)", ascii(TEXT[:3])),
    ("tell(lambda: len(g.read()))", str(len(FILES["packed.txt"]))),
    ("tell(open, '/n/page.html')", "absent"),
    ("tell(read, '/m/sub/b.txt')", "'bb'"),
    (
        "m.umount('/s'); m.umount('/t'); m.mount('two', '/s'); tell(read, '/s/page.html')",
        "'of two'",
    ),
    ("m.umount('/s'); m.umount('/m'); tell(open, '/m/page.html')", "absent"),
    # The root, looked at where a path of its own leads into the mount.
    ("m.mount('', '/r'); tell(read, '/r/root.txt')", "'at the root'"),
    ("tell(open, '/r/r/root.txt')", "OSError 2"),
    ("pkgres.invalidate_caches(); tell(read, '/r/root.txt', 'rb')", "b'at the root'"),
    ("tell(pkgres.resource_string, None, 'r/r/none')", "OSError 2"),
    (
        "os.chdir('/r'); tell(read, 'root.txt'); tell(open, 'r/root.txt')",
        "'at the root'\nOSError 2",
    ),
    ("tell(pkgres.resource_string, None, 'root.txt')", "b'at the root'"),
    ("os.chdir('/'); m.umount('/r')", ""),
    # A package of this name is looked for where it is mounted.
    ("sys.path.append('/'); m.mount('one', '/one'); pkgres.invalidate_caches()", ""),
    ("tell(read, '/one/sub/b.txt')", "'bb'"),
    ("tell(open, '/one/none')", "OSError 2"),
    ("tell(sorted, os.listdir('/one/sub'))", "['b.txt', 'deep']"),
    ("tell(pkgres.resource_string, 'one', 'sub/b.txt')", "b'bb'"),
    # No folder of the package, which would have its resources copied.
    ("same = lambda: pkgres.resource_string('one', 'image.png')", ""),
    ("tell(lambda: same() is same())", "True"),
    ("tell(pkgres.resource_filename, 'one', 'sub/b.txt')", "NotImplementedError"),
    ("tell(m.mount, 'one', '/one')", "OSError 1"),
    ("m.umount('/one')", ""),
]

PROGRAMS = {
    "reads": READS,
    "tells": TELLS,
    "refuses": REFUSES,
    "moves": MOVES,
    "side by side": SIDE_BY_SIDE,
}

# Streams of 100 KB, binary and text, hold none of them.
_COPIES = """
m.mount("one.big", "/b")
with open("/b/big", "rb") as f, open("/b/big") as g:
    f.read(1), g.read(1)
gc.collect()
before = gc.mem_alloc()
f, g = open("/b/big", "rb"), open("/b/big")
gc.collect()
print("streams", gc.mem_alloc() - before <= 64)
"""


@functools.cache
def _manifest(folder: Path, form: str) -> Path:
    code = folder / form / "code"
    options = ["--table"] if form == "table" else []
    contents = {
        "one": FILES,
        "two": {"page.html": b"of two"},
        "one/big": {"big": bytes(range(250)) * (BIG // 250)},
        "": {"root.txt": b"at the root"},
    }
    for package, files in contents.items():
        place = code / package
        folders.write(place, files)
        gzip = [f"--gzip={name}" for name in COMPRESSED if name in files]
        test_frozen.bundle(place, "-q", *files, *gzip, *options)
        for name in files:
            (place / name).unlink()
        if package:
            (place / "__init__.py").write_text("")
    return test_frozen.freeze(code.parent)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The manifest that freezes the packages, their resources in a dict or in a table."""
    return functools.partial(_manifest, tmp_path_factory.mktemp("mount"))


def lines_of(program: Lines, absent: str) -> str:
    """What a program prints; *absent* where there is no filesystem of this path."""
    printed = [text.replace("absent", absent) for _, text in program if text]
    return "".join(f"{text}\n" for text in printed)


def code_of(program: Lines) -> str:
    return _START + "\n".join(line for line, _ in program) + "\n"


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("form", ["dict", "table"])
def test_on_a_board_without_files(manifest: Callable[[str], Path], form: str, name: str) -> None:
    elf = needing(lambda: firmware.build.cortex_m3(manifest(form)))
    program = PROGRAMS[name]
    assert qemu.run(elf, code_of(program)) == lines_of(program, "OSError 19")


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("form", ["dict", "table"])
def test_on_the_unix_port(
    manifest: Callable[[str], Path], tmp_path: Path, form: str, name: str
) -> None:
    binary = needing(lambda: firmware.build.unix(manifest(form)))
    program = PROGRAMS[name]
    (tmp_path / "main.py").write_text(code_of(program))
    result = runtimes.unix_firmware(binary, tmp_path, "main.py", ".frozen")
    assert (result.stdout, result.stderr) == (lines_of(program, "OSError 2"), "")


def test_copies_nothing(manifest: Callable[[str], Path]) -> None:
    elf = needing(lambda: firmware.build.cortex_m3(manifest("dict")))
    found = qemu.run(elf, _START + _COPIES)
    assert found == "streams True\n"


def test_files_override(manifest: Callable[[str], Path], tmp_path: Path) -> None:
    binary = needing(lambda: firmware.build.unix(manifest("dict")))
    over = tmp_path / "lib/one"
    (over / "sub").mkdir(parents=True)
    (over / "page.html").write_text("in the file ä")
    (over / "sub/new.txt").write_text("new")
    (over / "empty").mkdir()
    (over / "image.png.gz").write_bytes(b"not read")
    (over / "sub/padded.txt.gz").write_bytes(compress(b"padded " * 50, 10) + bytes(20))
    (over / "sub/link").symlink_to("nowhere")
    (over / "sub/.gz").write_bytes(b"only a suffix")
    (over / "sub/cut.txt.gz").write_bytes(b"\x1f")
    (over / "sub/packed.txt.gz").write_bytes(compress(b"packed " * 50, 10))
    program: Lines = [
        ("tell(read, '/m/page.html')", ascii("in the file ä")),
        ("tell(read, '/m/page.html', 'rb')", repr("in the file ä".encode())),
        ("tell(lambda: os.stat('/m/page.html')[6])", "14"),
        ("tell(lambda: os.stat('/m/page.html')[8] > 1000000000)", "True"),
        ("tell(read, '/m/sub/new.txt')", "'new'"),
        ("tell(read, '/m/sub/b.txt')", "'bb'"),
        (
            "tell(lambda: [(e[0], e[3]) for e in sorted(os.ilistdir('/m/sub'))])",
            "[('.gz', 13), ('b.txt', 2), ('cut.txt.gz', 1), ('deep', 0), ('new.txt', 3), "
            "('packed.txt', 350), ('padded.txt', 350)]",
        ),
        (
            "tell(lambda: [os.stat('/m/sub/cut.txt.gz')[6], os.stat('/m/sub/packed.txt')[6]])",
            "[1, 350]",
        ),
        ("tell(read, '/m/sub/cut.txt')", "OSError 2"),
        ("tell(read, '/m/sub/packed.txt')", repr("packed " * 50)),
        ("tell(read, '/m/empty')", "''"),
        ("tell(open, '/m/page.html', 'w')", "OSError 30"),
        ("tell(os.remove, '/m/page.html')", "OSError 30"),
    ]
    (tmp_path / "main.py").write_text(code_of(program))
    path = f".frozen:{tmp_path}/lib"
    result = runtimes.unix_firmware(binary, tmp_path, "main.py", path)
    assert (result.stdout, result.stderr) == (lines_of(program, ""), "")
    assert (over / "page.html").read_text() == "in the file ä"


def test_where_the_files_are_already(manifest: Callable[[str], Path], tmp_path: Path) -> None:
    """A mount at the package's own folder changes nothing; one that would hide it is refused."""
    binary = needing(lambda: firmware.build.unix(manifest("dict")))
    (tmp_path / "mine/data").mkdir(parents=True)
    (tmp_path / "mine/__init__.py").write_text("")
    (tmp_path / "mine/data/page.html").write_text("mine")
    path = str(tmp_path)
    program: Lines = [
        (f"m.mount('mine', '{path}/mine'); tell(read, '{path}/mine/data/page.html')", "'mine'"),
        (f"m.umount('{path}/mine'); tell(read, '{path}/mine/data/page.html')", "'mine'"),
        (f"m.mount('mine', '{path}/mine/data', 'data')", ""),
        (f"tell(read, '{path}/mine/data/page.html')", "'mine'"),
        (f"tell(m.mount, 'mine', '{path}')", "OSError 1"),
        ("m.mount('mine', '/n', 'data'); tell(read, '/n/page.html')", "'mine'"),
        (f"m.mount('mine', '{path}/mine/data/in'); m.umount('/n')", ""),
        (f"tell(read, '{path}/mine/data/in/data/page.html')", "'mine'"),
    ]
    (tmp_path / "main.py").write_text(code_of(program))
    result = runtimes.unix_firmware(binary, tmp_path, "main.py", ".frozen")
    assert (result.stdout, result.stderr) == (lines_of(program, ""), "")
    # With a resource module beside the files a mount there would hide the files from it.
    test_frozen.bundle(tmp_path / "mine", "-q", "data")
    (tmp_path / "main.py").write_text(
        _START + f"tell(m.mount, 'mine', '{path}/mine')\ntell(m.mount, 'mine', '/n')\n"
    )
    result = runtimes.unix_firmware(binary, tmp_path, "main.py", ".frozen")
    assert (result.stdout, result.stderr) == ("OSError 1\nNone\n", "")


def test_threads_look_at_the_same_time(manifest: Callable[[str], Path], tmp_path: Path) -> None:
    """A lookup that comes back to the mount finds nothing; that of another thread waits."""
    binary = needing(lambda: firmware.build.unix(manifest("dict")))
    (tmp_path / "main.py").write_text(
        _START
        + """
import _thread, time
started = _thread.allocate_lock()
resources, others = m._Resources(), m._Resources()
def slow(package, name):
    started.release()
    time.sleep(0.2)
    tell(resources._look, pkgres.resource_string, "one", "sub/b.txt")
    tell(others._look, pkgres.resource_string, "two", "page.html")
    print("looked")
started.acquire()
_thread.start_new_thread(resources._look, (slow, "one", "x"))
started.acquire()
tell(resources._look, pkgres.resource_string, "one", "sub/b.txt")
tell(others._look, pkgres.resource_string, "two", "page.html")
"""
    )
    result = runtimes.unix_firmware(binary, tmp_path, "main.py", ".frozen")
    expected = "OSError 2\nb'of two'\nlooked\nb'bb'\nb'of two'\n"
    assert (result.stdout, result.stderr) == (expected, "")


def test_threads_without_a_lock_of_their_own(
    manifest: Callable[[str], Path], tmp_path: Path
) -> None:
    binary = needing(lambda: firmware.build.unix(manifest("dict")))
    (tmp_path / "main.py").write_text(
        _START
        + """
import _thread, time
wrong, ended = [], []
def look():
    for i in range(300):
        for name in ("sub", "page.html", "none"):
            try:
                resources._look(find, "one", name)
            except OSError as e:
                if e.errno != {"sub": 21, "none": 2}.get(name):
                    wrong.append((name, e.errno))
    ended.append(1)
from pkgres.where import find
resources = m._Resources()
for name in ("sub", "none"):
    tell(resources._look, find, "one", name)
for i in range(2):
    _thread.start_new_thread(look, ())
while len(ended) < 2:
    time.sleep(0.01)
print(wrong[:3], resources._is_looking)
"""
    )
    result = runtimes.unix_firmware(binary, tmp_path, "main.py", ".frozen")
    assert (result.stdout, result.stderr) == ("OSError 21\nOSError 2\n[] False\n", "")


def test_after_a_memory_error(manifest: Callable[[str], Path]) -> None:
    """What a lookup had no memory for is found as soon as there is some."""
    elf = needing(lambda: firmware.build.cortex_m3(manifest("dict")))
    program = """
os.stat("/m/sub/b.txt")
wrong = 0
for size in range(16, 700, 16):
    held, piece = [], 4096
    spare = bytearray(size)
    while piece >= 16:
        try:
            held.append(bytearray(piece))
        except MemoryError:
            piece //= 2
    spare = None
    try:
        os.stat("/m/sub/b.txt")
    except MemoryError:
        wrong += 1
    held = None
    gc.collect()
    assert os.stat("/m/sub/b.txt")[6] == 2, size
print(wrong > 3)
"""
    assert qemu.run(elf, _START + program) == "True\n"


_SYNC = """
import vfs

class Disk:
    data, synced = bytearray(64 * 512), 0
    def readblocks(self, n, buffer):
        buffer[:] = self.data[n * 512 : n * 512 + len(buffer)]
    def writeblocks(self, n, buffer):
        self.data[n * 512 : n * 512 + len(buffer)] = buffer
    def ioctl(self, operation, _):
        if operation == 3:
            self.synced += 1
        return {4: 64, 5: 512}.get(operation)

disk = Disk()
vfs.VfsFat.mkfs(disk)
vfs.mount(vfs.VfsFat(disk), "/disk")
before = disk.synced
print(os.sync(), disk.synced > before, read("/m/sub/b.txt"))
"""


def test_sync_beside_a_disk(manifest: Callable[[str], Path], tmp_path: Path) -> None:
    """os.sync(), which only boards have by default."""
    with_sync = "CFLAGS_EXTRA=-DMICROPY_PY_OS_SYNC=1"
    binary = needing(
        lambda: firmware.build._build("unix", manifest("dict"), "micropython", with_sync)
    )
    (tmp_path / "main.py").write_text(_START + _SYNC)
    result = runtimes.unix_firmware(binary, tmp_path, "main.py", ".frozen")
    assert (result.stdout, result.stderr) == ("None True bb\n", "")


def test_cpython_says_what_to_use() -> None:
    code = "import pkgres.mount\npkgres.mount.mount('bin2res', '/x')\n"
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=app.HERE.parent, capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == (
        "NotImplementedError: nothing can be mounted here: use pkgres.files.files()"
    )
