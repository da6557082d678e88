"""pkgres.files gives what CPython's importlib.resources gives, from files and from modules R."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import app
import firmware.build
import folders
import pytest
import runtimes
import test_frozen
from conftest import needing
from firmware import qemu

FILES = {
    "utf-8.file": "Hello, UTF-8 wörld!\nsecond\n".encode(),
    "dos.txt": b"one\r\ntwo\r\n",
    "binary.file": bytes(range(4)) + b"\xff\xfe",
    "utf-16.file": "wörld".encode("utf-16"),
    "empty.txt": b"",
    "sub/one.txt": b"one",
    "sub/deep/two.txt": b"two",
}

# What code that knows the standard library does with `r`, the module, and `f`, files("data01").
# Each gives a value, or an error whose type counts. (What lies below a file is ENOENT for
# pkgres everywhere, where POSIX systems have ENOTDIR.)
CALLS = [
    "f.is_dir(), f.is_file(), f.name",
    "sorted(x.name for x in f.iterdir() if '__' not in x.name and x.name != 'R.py')",
    "sorted(x.name for x in (f / 'sub').iterdir())",
    "[x.is_dir() for x in sorted((f / 'sub').iterdir(), key=lambda x: x.name)]",
    "f.joinpath('utf-8.file').read_text()",
    "f.joinpath('utf-8.file').read_text(encoding='utf-8')",
    "f.joinpath('utf-8.file').read_text('utf-8', 'strict')",
    "f.joinpath('utf-8.file').read_bytes()",
    "(f / 'utf-8.file').open('rb').read()",
    "(f / 'utf-8.file').open('rb').readline()",
    "(f / 'utf-8.file').open('rb').read(5)",
    "(f / 'utf-8.file').open().read(10)",
    "list((f / 'utf-8.file').open(encoding='utf-8'))",
    "(f / 'utf-8.file').open('r').readline()",
    "(f / 'empty.txt').read_text(), (f / 'empty.txt').read_bytes()",
    "(f / 'binary.file').read_bytes()",
    "(f / 'binary.file').read_text(encoding='utf-8')",
    "(f / 'binary.file').read_text(encoding='none-such')",
    "f.joinpath('sub', 'deep', 'two.txt').read_text()",
    "f.joinpath('sub/deep', 'two.txt').name",
    "f.joinpath('sub/deep/two.txt') == f / 'sub' / 'deep' / 'two.txt'",
    "len({f / 'sub', f.joinpath('sub')})",
    "f.joinpath().name, f.joinpath('sub').joinpath().name",
    "(f / 'sub').is_dir(), (f / 'sub').is_file(), (f / 'sub/one.txt').is_file()",
    "(f / 'none').is_dir(), (f / 'none').is_file(), (f / 'none').name",
    "(f / 'utf-8.file' / 'x').is_file(), (f / 'none' / 'x').is_dir()",
    "(f / 'none').read_bytes()",
    "(f / 'none').read_text()",
    "(f / 'none').open()",
    "(f / 'none').open('rb')",
    "(f / 'sub').read_bytes()",
    "(f / 'sub').read_text()",
    "(f / 'sub').open('rb')",
    "f.read_bytes()",
    "f.open()",
    "list((f / 'none').iterdir())",
    "list((f / 'utf-8.file').iterdir())",
    "r.files('none_such')",
    "r.files('data01.none_such')",
    "r.files(data01).joinpath('sub/one.txt').read_text()",
    "r.open_binary('data01', 'utf-8.file').read()",
    "r.open_text('data01', 'utf-8.file').read()",
    "r.open_text('data01', 'utf-8.file', encoding='utf-8', errors='strict').read()",
    "r.read_binary('data01', 'utf-8.file')",
    "r.read_text('data01', 'utf-8.file')",
    "r.read_text('data01', 'binary.file')",
    "r.read_binary('data01', 'none')",
    "r.is_resource('data01', 'utf-8.file'), r.is_resource('data01', 'sub')",
    "r.is_resource('data01', 'none')",
    "sorted(x for x in r.contents('data01') if '__' not in x and x != 'R.py')",
]
# These have no meaning to MicroPython, whose text is UTF-8 as it lies in the file.
ONLY_CPYTHON = [
    "(f / 'dos.txt').read_text()",
    "(f / 'dos.txt').open(newline='').read()",
    "(f / 'utf-16.file').read_text(encoding='utf-16')",
    "(f / 'binary.file').read_text(encoding='utf-8', errors='replace')",
    "(f / 'binary.file').read_text(errors='ignore')",
    "r.read_text('data01', 'utf-16.file', encoding='utf-16')",
]

_PROGRAM = """\
import sys
{imports}
import data01

f = r.files("data01")
for call in {calls!r}:
    try:
        print(ascii(eval(call)))
    except LookupError:
        print("LookupError")
    except UnicodeError:
        print("UnicodeError")
    except OSError as e:
        print("OSError", e.errno)
    except ImportError:
        print("ImportError")
"""
STANDARD = "import importlib.resources as r"
OURS = "import pkgres.files as r"
ON_A_BOARD = """\
from importlib import resources as r


def ascii(value):
    return "".join([c if ord(c) < 128 else escaped(ord(c)) for c in repr(value)])


def escaped(code):
    return "\\\\x%02x" % code if code < 256 else "\\\\u%04x" % code
"""


def write(package: Path) -> None:
    """Write the files, in a package."""
    folders.write(package, {**FILES, "__init__.py": b""})


def program(imports: str, calls: list[str]) -> str:
    return _PROGRAM.format(imports=imports, calls=calls)


def told(folder: Path, imports: str, calls: list[str]) -> list[str]:
    """What CPython tells of each call, of the package in *folder*."""
    (folder / "main.py").write_text(program(imports, calls))
    return _cpython(folder, "-W", "ignore").splitlines()


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the standard library gives for each call."""
    folder = tmp_path_factory.mktemp("standard")
    write(folder / "data01")
    calls = CALLS + ONLY_CPYTHON
    lines = told(folder, STANDARD, calls)
    assert len(lines) == len(calls)
    return dict(zip(calls, lines, strict=True))


def bundled(package: Path, *options: str) -> None:
    """Write the package, its files in a module R."""
    write(package)
    test_frozen.bundle(package, "-q", *FILES, *options)
    for name in FILES:
        (package / name).unlink()
    for folder in ("sub/deep", "sub"):
        (package / folder).rmdir()


@pytest.mark.parametrize("storage", ["files", "R", "table", "compressed"])
def test_on_cpython(tmp_path: Path, standard: dict[str, str], storage: str) -> None:
    package = tmp_path / "data01"
    options = {"table": ["--table"], "compressed": ["--gzip", "*"]}.get(storage, [])
    (write if storage == "files" else bundled)(package, *options)
    lines = told(tmp_path, OURS, list(standard))
    found = dict(zip(standard, lines, strict=True))
    assert found == standard


@pytest.mark.parametrize("form", ["dict", "table"])
@pytest.mark.parametrize("board", ["unix", "cortex_m3"])
def test_frozen_under_the_name_of_the_standard_library(
    tmp_path: Path, standard: dict[str, str], form: str, board: str
) -> None:
    options = ["--table"] if form == "table" else []
    bundled(tmp_path / "build/code/data01", *options)
    manifest = test_frozen.freeze(tmp_path / "build")
    code = program(ON_A_BOARD, CALLS)
    if board == "cortex_m3":
        output = qemu.run(needing(lambda: firmware.build.cortex_m3(manifest)), code)
    else:
        (tmp_path / "main.py").write_text(code)
        binary = needing(lambda: firmware.build.unix(manifest))
        result = runtimes.unix_firmware(binary, tmp_path, "main.py", ".frozen")
        assert result.stderr == ""
        output = result.stdout
    found = dict(zip(CALLS, output.splitlines(), strict=True))
    assert found == {call: standard[call] for call in CALLS}


def test_as_file(tmp_path: Path) -> None:
    write(tmp_path / "data01")
    code = """\
        from pathlib import Path
        with r.as_file(f / "sub/one.txt") as path, r.path("data01", "sub") as folder:
            print(path.read_text(), folder.is_dir(), isinstance(path, Path))
        try:
            with r.as_file(f / "none"):
                pass
        except FileNotFoundError as e:
            print(e)
    """
    lines = "\n".join(line[8:] for line in code.splitlines())
    (tmp_path / "main.py").write_text(f"{OURS}\nf = r.files('data01')\n{lines}")
    result = _cpython(tmp_path)
    assert result.splitlines() == [
        "one True True",
        "[Errno 2] no resource 'none' in package 'data01'",
    ]
    test_frozen.bundle(tmp_path / "data01", "-q", *FILES)
    (tmp_path / "data01/sub/one.txt").unlink()
    (tmp_path / "main.py").write_text(
        f"{OURS}\n"
        "try:\n"
        "    with r.as_file(r.files('data01') / 'sub/one.txt'):\n"
        "        pass\n"
        "except NotImplementedError as e:\n"
        "    print(e)\n"
    )
    told = "'sub/one.txt' in package 'data01' is not a file: use resource_stream"
    assert _cpython(tmp_path).splitlines() == [told]


def test_what_it_refuses(tmp_path: Path) -> None:
    write(tmp_path / "data01")
    (tmp_path / "secret.txt").write_text("secret")
    calls = [
        "f / '..' / 'secret.txt'",
        "f.joinpath('sub', '../../secret.txt')",
        "f / 'sub\\\\one.txt'",
        "f / 'a\\0b'",
        "(f / 'utf-8.file').open('w')",
        "(f / 'new').open('ab')",
        "(f / '/etc/passwd').is_file()",
    ]
    lines = []
    for call in calls:
        code = f"{OURS}\nf = r.files('data01')\ntry:\n    print({call})\n"
        (tmp_path / "main.py").write_text(
            code + "except (ValueError, OSError) as e:\n    print(type(e).__name__, e)\n"
        )
        lines.append(_cpython(tmp_path).split()[0])
    assert lines == [*["ValueError"] * 4, "OSError", "OSError", "False"]
    assert not (tmp_path / "data01/new").exists()


def _cpython(folder: Path, *options: str) -> str:
    command = [sys.executable, "-B", *options, "main.py"]
    environment = {"PYTHONPATH": str(app.HERE.parent)}
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert result.stderr == ""
    return result.stdout


def test_encodings_of_micropython(tmp_path: Path) -> None:
    """Text is UTF-8: others are refused before anything is read."""
    app.install_pkgres(tmp_path)
    write(tmp_path / "data01")
    calls = [
        "(f / 'utf-8.file').read_text('UTF-8', 'strict') == (f / 'utf-8.file').read_text()",
        "(f / 'utf-8.file').read_text(encoding='latin-1')",
        "(f / 'utf-8.file').open(encoding='utf-16')",
        "(f / 'utf-8.file').open(errors='ignore')",
    ]
    (tmp_path / "main.py").write_text(program(ON_A_BOARD, calls))
    result = runtimes.micropython(tmp_path, "main.py")
    assert (result.stdout.split(), result.stderr) == (["True", *["LookupError"] * 3], "")
