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
from test_mount import TELL, Lines, lines_of

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
    "deep/er/x.txt": b"x",
    "large.bin": bytes(30_000),
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
vfs.KIND.mkfs(disk)
vfs.umount("/")
vfs.mount(vfs.KIND(disk), "/")
os.chdir("/")
sys.path[:] = ["", ".frozen", "/lib"]
"""

START = (
    TELL
    + """
def write(path, text, mode="w"):
    with open(path, mode) as stream:
        stream.write(text)

m.root()
"""
)

READS: Lines = [
    ("tell(read, '/www/index.html')", ascii(TEXT)),
    ("tell(read, 'www/index.html')", ascii(TEXT)),
    ("tell(read, './www/index.html', 'rb')", repr(TEXT.encode())),
    ("tell(read, b'www/index.html')", ascii(TEXT)),
    ("tell(read, 'www/../gpio.html')", "'in the root'"),
    ("tell(read, '/gpio.html')", "'in the root'"),
    ("tell(read, 'one/page.html')", "'of one'"),
    ("tell(lambda: read('/www/packed.html', 'rb') == b'<p>packed</p>\\n' * 50)", "True"),
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
    (
        "tell(sorted, os.listdir('/'))",
        "['conf.json', 'deep', 'early.txt', 'gpio.html', 'large.bin', 'log.txt', 'new', "
        "'templates', 'www']",
    ),
    ("tell(pkgres.resource_string, None, 'conf.json')", "b'{}'"),
    ("tell(lambda: os.statvfs('/')[0])", "4096"),
    ("before = open; m.root(); tell(read, 'log.txt')", "'log'"),
    ("f = open('log.txt', 'r+'); f.write('LO'); f.close(); tell(read, 'log.txt')", "'LOg'"),
    ("tell(open, 'none', 'r+')", "OSError 2"),
    ("tell(open, 'none/x', 'w')", "OSError 2"),
    ("tell(read, '/lib/one/page.html')", "'of one'"),
    # A resource that is updated in place; a folder of resources is no file to write.
    ("f = open('templates/page.tpl', 'r+b'); f.write(b'J'); f.close()", ""),
    ("tell(read, 'templates/page.tpl')", "'Jello'"),
    ("tell(sorted, os.listdir('templates'))", "['page.tpl', 'page_tpl.py']"),
    ("tell(open, 'deep', 'w')", "OSError 21"),
    ("tell(os.rename, 'log.txt', 'deep')", "OSError 21"),
    ("tell(open, 'deep/er/x.txt', 'x')", "OSError 17"),
    ("write('deep/er/y.txt', 'y'); tell(sorted, os.listdir('deep/er'))", "['x.txt', 'y.txt']"),
    ("os.rename('deep/er/y.txt', 'deep/z.txt'); tell(read, 'deep/z.txt')", "'y'"),
    # What was open before is still open.
    ("early.write(' late'); early.close(); tell(read, 'early.txt')", "'early late'"),
    ("tell(pkgres.resource_listdir, None, 'deep')", "['er', 'z.txt']"),
]
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


EARLY = "early = open('early.txt', 'w'); early.write('early')\nimport one\n"


@pytest.mark.parametrize("form", ["dict", "table"])
@pytest.mark.parametrize("program", [READS, WRITES], ids=["reads", "writes"])
@pytest.mark.parametrize("kind", ["VfsLfs2", "VfsFat"])
def test_over_a_filesystem(
    manifest: Callable[[str], Path], tmp_path: Path, form: str, program: Lines, kind: str
) -> None:
    expected = lines_of(program, "")
    if kind == "VfsFat":
        expected = expected.replace("OSError 39", "OSError 13")  # a folder that is not empty
    assert run(manifest(form), tmp_path, program, kind) == expected


def run(manifest: Path, folder: Path, program: Lines, kind: str = "VfsLfs2") -> str:
    """What a program prints on the unix port that has a filesystem of a board at /."""
    binary = needing(lambda: firmware.build.unix(manifest))
    lines = "\n".join(line for line, _ in program)
    (folder / "main.py").write_text(BOARD.replace("KIND", kind) + EARLY + START + lines + "\n")
    result = runtimes.unix_firmware(binary, folder, "main.py", ".frozen")
    assert result.stderr == ""
    return result.stdout


def test_a_full_disk(manifest: Callable[[str], Path], tmp_path: Path) -> None:
    """A resource that cannot be copied is as it was, and nothing of the copy is left."""
    program: Lines = [
        ("write('fill', bytes(4096 * 56), 'wb'); os.listdir('/')", ""),
        ("tell(open, 'large.bin', 'a')", "OSError 28"),
        ("tell(lambda: os.stat('large.bin')[6])", "30000"),
        ("tell(lambda: [n for n in os.listdir('/') if 'large' in n])", "['large.bin']"),
        ("os.remove('fill'); write('large.bin', b'end', 'ab')", ""),
        ("tell(lambda: os.stat('large.bin')[6])", "30003"),
        # The name of the copy may be a file of the user's.
        ("write('gpio.html.new', 'mine'); write('gpio.html', '!', 'a')", ""),
        ("tell(read, 'gpio.html'); tell(read, 'gpio.html.new')", "'in the root!'\n'mine'"),
    ]
    assert run(manifest("dict"), tmp_path, program) == lines_of(program, "")


def test_a_mount_that_fails(manifest: Callable[[str], Path], tmp_path: Path) -> None:
    """The board's filesystem is at / again."""
    program: Lines = [
        (
            "import pkgres.root as r; vfs.umount('/'); files = vfs.VfsLfs2(disk); "
            "vfs.mount(files, '/')",
            "",
        ),
        ("def fail(self, *a): raise MemoryError", ""),
        ("works = r._Root.mount; r._Root.mount = fail", ""),
        (
            "try: m.root()\nexcept MemoryError: print('failed', vfs.mount()[-1][0] is files)",
            "failed True",
        ),
        ("tell(open, 'gpio.html')", "OSError 2"),
        ("r._Root.mount = works; m.root(); tell(read, 'gpio.html')", "'in the root'"),
    ]
    assert run(manifest("dict"), tmp_path, program) == lines_of(program, "")


def test_threads_with_folders_of_their_own(manifest: Callable[[str], Path], tmp_path: Path) -> None:
    """A lookup of one thread does not move the working folder of another."""
    program: Lines = [
        ("import _thread, os, time; wrong, ended = [], []; os.chdir('www')", ""),
        (
            """
def work():
    for i in range(100):
        for path, content in (("index.html", 27), ("../gpio.html", 11), ("packed.html", 700)):
            if len(read(path, "rb")) != content:
                wrong.append(path)
        try:
            wrong.append(open("none"))
        except OSError as e:
            if e.errno != 2:
                wrong.append(e)
    ended.append(1)
for i in range(3):
    _thread.start_new_thread(work, ())
while len(ended) < 3:
    time.sleep(0.01)
print(wrong)""",
            "[]",
        ),
    ]
    binary = needing(lambda: firmware.build.unix(manifest("dict")))
    # On the files of the PC: this port has no lock, and LittleFS is not for threads without.
    (tmp_path / "www").mkdir()
    (tmp_path / "main.py").write_text(START + "\n".join(line for line, _ in program))
    result = runtimes.unix_firmware(binary, tmp_path, "main.py", ".frozen")
    assert (result.stdout, result.stderr) == (lines_of(program, ""), "")


@pytest.mark.parametrize("form", ["dict", "table"])
def test_without_a_filesystem(manifest: Callable[[str], Path], form: str) -> None:
    elf = needing(lambda: firmware.build.cortex_m3(manifest(form)))
    program = READS + READ_ONLY
    code = "import one\n" + START + "\n".join(line for line, _ in program) + "\n"
    assert qemu.run(elf, code) == lines_of(program, "")


def test_on_files_it_only_inflates(manifest: Callable[[str], Path], tmp_path: Path) -> None:
    """A program that keeps the line runs from files as well, compressed or not."""
    binary = needing(lambda: firmware.build.unix(manifest("dict")))
    code = BOARD.replace("KIND", "VfsLfs2") + START.replace("m.root()\n", "")
    packed = compress(PACKED, 10)
    code += f"""
os.mkdir('pages'); write('pages/plain.html', 'plain'); write('pages/a.html.gz', {packed!r}, 'wb')
m.root()
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
    (tmp_path / "main.py").write_text(START + "\n".join(line for line, _ in program))
    result = runtimes.unix_firmware(binary, tmp_path, "main.py", ".frozen")
    assert (result.stdout, result.stderr) == (lines_of(program, ""), "")
    assert (tmp_path / "www/new").read_text() == "x"
