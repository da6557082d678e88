"""pkgres.mount.root: a program as it is, frozen, over a board's filesystem."""

from __future__ import annotations

import functools
import gzip
from collections.abc import Callable
from pathlib import Path

import firmware.build
import folders
import pytest
import runtimes
import test_frozen
from conftest import needing
from firmware import qemu
from test_mount import Lines, lines_of

from bin2res.encode import compress

TEXT = "Zażółć\nsecond line\nlast"
PACKED = b"<p>packed</p>\n" * 50
FILES = {
    "www/index.html": TEXT.encode(),
    "www/packed.html": PACKED,
    "www/users.js.gz": gzip.compress(b"by gzip(1) " * 50, mtime=0),
    "templates/page.tpl": b"hello",
    "gpio.html": b"in the root",
    "conf.json": b'{"a": 1}',
}

# What a board's _boot.py does.
BOARD = """\
import errno, gc, json, os, sys, vfs

class Ram:
    def __init__(s, n): s.d = bytearray(n * 4096)
    def readblocks(s, n, b, o=0): b[:] = s.d[n * 4096 + o:n * 4096 + o + len(b)]
    def writeblocks(s, n, b, o=0): s.d[n * 4096 + o:n * 4096 + o + len(b)] = b
    def ioctl(s, op, a): return len(s.d) // 4096 if op == 4 else 4096 if op == 5 else 0

disk = Ram(64)
vfs.VfsLfs2.mkfs(disk)
vfs.umount("/")
vfs.mount(vfs.VfsLfs2(disk), "/")
os.chdir("/")
sys.path[:] = ["", ".frozen", "/lib"]
"""

TELL = """\
import errno, gc, json, os, sys
import pkgres
import pkgres.mount

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

def write(path, text, mode="w"):
    with open(path, mode) as stream:
        stream.write(text)

pkgres.mount.root()
"""

READS: Lines = [
    ("tell(read, '/www/index.html')", ascii(TEXT)),
    ("tell(read, 'www/index.html')", ascii(TEXT)),
    ("tell(read, './www/index.html', 'rb')", repr(TEXT.encode())),
    ("tell(read, b'www/index.html')", ascii(TEXT)),
    ("tell(read, 'www/../gpio.html')", "'in the root'"),
    ("tell(read, '/gpio.html')", "'in the root'"),
    ("tell(read, 'one/page.html')", "'of one'"),
    ("tell(read, '/www/packed.html', 'rb') == b'<p>packed</p>\\n' * 50 or 0", ""),
    ("tell(len, read('/www/packed.html'))", str(len(PACKED))),
    ("tell(open, '/www/users.js')", "OSError 2"),
    ("tell(read('/www/users.js.gz', 'rb').startswith, b'\\x1f\\x8b')", "True"),
    ("tell(json.load, open('conf.json'))", "{'a': 1}"),
    ("tell(open('www/index.html').readlines)", ascii(TEXT.splitlines(True))),
    ("tell(list, open('www/index.html'))", ascii(TEXT.splitlines(True))),
    ("tell(open('gpio.html', 'rb').readlines)", "[b'in the root']"),
    ("tell(open('gpio.html').write, 'x')", "OSError 9"),
    ("tell(open, '/none')", "OSError 2"),
    ("tell(open, 'www')", "OSError 21"),
    ("tell(open, '/../gpio.html')", "OSError 2"),
    ("tell(open, 'www\\\\index.html')", "OSError 2"),
    ("tell(sorted, os.listdir('www'))", "['index.html', 'packed.html', 'users.js.gz']"),
    ("tell(sorted, os.listdir(b'www'))", "[b'index.html', b'packed.html', b'users.js.gz']"),
    ("tell(os.listdir, '/none')", "OSError 2"),
    ("tell(os.listdir, 'gpio.html')", "OSError 20"),
    ("tell(lambda: os.stat('/www')[0])", "16384"),
    ("tell(lambda: os.stat('www/index.html')[6])", str(len(TEXT.encode()))),
    ("tell(os.stat, 'none')", "OSError 2"),
    ("os.chdir('www'); tell(os.getcwd)", "'/www'"),
    ("tell(read, 'index.html')", ascii(TEXT)),
    ("tell(len, read('packed.html'))", str(len(PACKED))),
    ("tell(read, '../gpio.html')", "'in the root'"),
    ("tell(open, 'gpio.html')", "OSError 2"),
    ("tell(sorted, os.listdir())", "['index.html', 'packed.html', 'users.js.gz']"),
    ("os.chdir('..'); os.chdir('..'); tell(os.getcwd)", "'/'"),
    ("tell(os.chdir, 'none')", "OSError 2"),
    ("tell(os.chdir, 'gpio.html')", "OSError 20"),
    ("tell(pkgres.resource_string, None, 'gpio.html')", "b'in the root'"),
    ("same = lambda: pkgres.resource_string(None, 'gpio.html')", ""),
    ("tell(lambda: same() is same())", "True"),
    ("tell(pkgres.resource_listdir, None, 'templates')", "['page.tpl']"),
    ("tell(pkgres.resource_exists, None, 'none')", "False"),
    ("pkgres.invalidate_caches(); tell(read, 'one/page.html')", "'of one'"),
    ("import one.code; tell(lambda: one.code.VALUE)", "7"),
]
READS[7] = ("tell(lambda: read('/www/packed.html', 'rb') == b'<p>packed</p>\\n' * 50)", "True")

WRITES: Lines = [
    ("write('log.txt', 'log'); tell(read, '/log.txt')", "'log'"),
    ("tell(lambda: os.stat('/log.txt')[6])", "3"),
    ("write('templates/page_tpl.py', 'X = 1')", ""),
    ("tell(sorted, os.listdir('templates'))", "['page.tpl', 'page_tpl.py']"),
    ("import templates.page_tpl; tell(lambda: templates.page_tpl.X)", "1"),
    ("tell(read, 'templates/page.tpl')", "'hello'"),
    ("tell(os.mkdir, 'www')", "OSError 17"),
    ("tell(os.mkdir, 'new'); write('new/x', 'y'); tell(read, 'new/x')", "None\n'y'"),
    ("write('www/index.html', 'changed'); tell(read, 'www/index.html')", "'changed'"),
    ("tell(lambda: os.stat('www/index.html')[6])", "7"),
    ("tell(sorted, os.listdir('www'))", "['index.html', 'packed.html', 'users.js.gz']"),
    ("os.remove('www/index.html'); tell(read, 'www/index.html')", ascii(TEXT)),
    ("tell(os.remove, 'www/index.html')", "OSError 30"),
    ("tell(os.remove, 'none')", "OSError 2"),
    ("write('gpio.html', ' and more', 'a'); tell(read, 'gpio.html')", "'in the root and more'"),
    ("write('tmp', '{}'); os.rename('tmp', 'conf.json'); tell(read, 'conf.json')", "'{}'"),
    ("tell(os.rename, 'templates/page.tpl', 'x')", "OSError 30"),
    ("tell(os.rmdir, 'templates')", "OSError 39"),
    ("tell(lambda: sorted(os.listdir('/')))", ""),
    ("tell(pkgres.resource_string, None, 'conf.json')", "b'{}'"),
    ("tell(lambda: os.statvfs('/')[0])", "4096"),
    ("before = open; pkgres.mount.root(); tell(read, 'log.txt')", "'log'"),
    ("f = open('log.txt', 'r+'); f.write('LO'); f.close(); tell(read, 'log.txt')", "'LOg'"),
    ("tell(open, 'none', 'r+')", "OSError 2"),
    ("tell(open, 'none/x', 'w')", "OSError 2"),
    ("os.mkdir('/one') if 0 else None; import one; tell(read, '/lib/one/page.html')", "'of one'"),
]
WRITES[18] = (
    "tell(lambda: sorted(os.listdir('/')))",
    "['conf.json', 'gpio.html', 'log.txt', 'new', 'templates', 'www']",
)

READ_ONLY: Lines = [
    ("tell(open, 'log.txt', 'w')", "OSError 30"),
    ("tell(open, 'gpio.html', 'a')", "OSError 30"),
    ("tell(os.mkdir, 'x')", "OSError 30"),
    ("tell(os.remove, 'gpio.html')", "OSError 30"),
    ("tell(os.rename, 'gpio.html', 'x')", "OSError 30"),
    ("tell(lambda: os.statvfs('/')[2] > 50)", "True"),
]


@functools.cache
def _manifest(folder: Path, form: str) -> Path:
    code = folder / form / "code"
    for package, files in (("", FILES), ("one", {"page.html": b"of one"})):
        place = code / package
        folders.write(place, files)
        options = ["--table"] if form == "table" else []
        options += [] if package else ["--gzip=www/packed.html"]
        names = sorted({name.split("/")[0] for name in files})
        test_frozen.bundle(place, "-q", *names, *options)
        for name in files:
            (place / name).unlink()
    folders.write(code / "one", {"__init__.py": b"", "code.py": b"VALUE = 7\n"})
    return test_frozen.freeze(code.parent)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    return functools.partial(_manifest, tmp_path_factory.mktemp("root_view"))


@pytest.mark.parametrize("form", ["dict", "table"])
@pytest.mark.parametrize("program", [READS, WRITES], ids=["reads", "writes"])
def test_over_a_filesystem(
    manifest: Callable[[str], Path], tmp_path: Path, form: str, program: Lines
) -> None:
    binary = needing(lambda: firmware.build.unix(manifest(form)))
    code = BOARD + "import one\n" + TELL + "\n".join(line for line, _ in program)
    (tmp_path / "main.py").write_text(code)
    result = runtimes.unix_firmware(binary, tmp_path, "main.py", ".frozen")
    assert result.stderr == ""
    assert result.stdout.splitlines() == lines_of(program, "").splitlines()


@pytest.mark.parametrize("form", ["dict", "table"])
def test_without_a_filesystem(manifest: Callable[[str], Path], form: str) -> None:
    elf = needing(lambda: firmware.build.cortex_m3(manifest(form)))
    program = READS + READ_ONLY
    code = "import one\n" + TELL + "\n".join(line for line, _ in program) + "\n"
    assert qemu.run(elf, code) == lines_of(program, "")


def test_on_files_it_only_inflates(manifest: Callable[[str], Path], tmp_path: Path) -> None:
    """A program that keeps the line runs from files as well, compressed or not."""
    binary = needing(lambda: firmware.build.unix(manifest("dict")))
    code = BOARD + TELL.replace("pkgres.mount.root()", "") + "for n in list(sys.modules): pass\n"
    packed = compress(PACKED, 10)
    code += f"""
os.mkdir('pages'); write('pages/plain.html', 'plain'); write('pages/a.html.gz', {packed!r}, 'wb')
pkgres.mount.root()
tell(read, 'pages/plain.html')
tell(len, read('pages/a.html'))
tell(lambda: os.stat('/pages/a.html')[6])
tell(sorted, os.listdir('pages'))
os.chdir('pages')
tell(len, read('a.html', 'rb'))
"""
    (tmp_path / "main.py").write_text(code)
    result = runtimes.unix_firmware(binary, tmp_path, "main.py", ".frozen")
    size = len(PACKED)
    expected = f"'plain'\n{size}\n{size}\n['a.html', 'plain.html']\n{size}\n"
    assert (result.stdout, result.stderr) == (expected, "")


def test_in_another_working_folder(manifest: Callable[[str], Path], tmp_path: Path) -> None:
    """The unix port has the whole machine at / and starts anywhere."""
    binary = needing(lambda: firmware.build.unix(manifest("dict")))
    program: Lines = [
        ("tell(read, 'gpio.html')", "'in the root'"),
        ("tell(read, '/gpio.html')", "'in the root'"),
        ("tell(sorted, os.listdir('www'))", "['index.html', 'packed.html', 'users.js.gz']"),
        ("write('www/new', 'x'); tell(read, 'www/new')", "'x'"),
    ]
    (tmp_path / "main.py").write_text(TELL + "\n".join(line for line, _ in program))
    result = runtimes.unix_firmware(binary, tmp_path, "main.py", ".frozen")
    assert (result.stdout, result.stderr) == (lines_of(program, ""), "")
    assert (tmp_path / "www/new").read_text() == "x"
