"""What bin2res refuses: exit status 2, one line that names it, the old output untouched."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Bin2res

OLD = b"# Made by bin2res: resources for pkgres.\nR = {'old': b'old'}\n"
# Root may read what has no permission, unless it gives that up.
CAPABILITIES = "-dac_override,-dac_read_search"
WITHOUT_PRIVILEGE = ["setpriv", "--bounding-set", CAPABILITIES] if os.getuid() == 0 else []


def _unreadable(package: Path) -> None:
    (package / "data/page.html").chmod(0)


def _unreadable_folder(package: Path) -> None:
    (package / "data/sub").chmod(0)


def _socket(package: Path) -> None:
    here = Path.cwd()
    os.chdir(package)
    try:
        with socket.socket(socket.AF_UNIX) as unix:
            unix.bind("data/socket")
    finally:
        os.chdir(here)


def _nothing(package: Path) -> None:
    pass


def _make(name: str | bytes, content: bytes = b"") -> Callable[[Path], None]:
    def make(package: Path) -> None:
        with open(os.path.join(os.fsencode(package), os.fsencode(name)), "wb") as stream:
            stream.write(content)

    return make


CASES: dict[str, tuple[Callable[[Path], object], list[str | bytes], str]] = {
    "does not exist": (_nothing, ["data/none.html"], "data/none.html: does not exist"),
    "one of many": (_nothing, ["data", "none"], "none: does not exist"),
    "pattern": (_nothing, ["data/*.jpeg"], "data/*.jpeg: the pattern matches no resource"),
    "only code": (_make("data/sub/y.py"), ["data/sub/y*"], "data/sub/y*: the pattern matches no"),
    "exclude nothing": (_nothing, ["data", "-x", "*.key"], "-x *.key: matches nothing; fix or"),
    "exclude with ./": (_nothing, ["data", "-x", "./data/page.html"], "nothing; drop the ./"),
    "exclude by backslash": (_nothing, ["data", "-x", "data\\sub"], "nothing; write / for \\"),
    "exclude with the package": (
        _nothing,
        ["data", "-x", "my_app/data/sub"],
        "matches nothing; it is relative to the package folder",
    ),
    "not ours, by name": (
        _make("notes.py", b"# mine\n"),
        ["data", "-o", "notes.py"],
        "notes.py: was not made by bin2res; rename or remove it, or name another with -o",
    ),
    "not ours, compiled": (
        _make("R.mpy", b"M\6\0\37mine"),
        ["data", "--mpy"],
        "R.mpy: was not made by bin2res; rename or remove it, or name another with -o",
    ),
    "all excluded": (_nothing, ["data/*.png", "-x", "*.png"], "data/*.png: the pattern"),
    "empty folder": (lambda p: (p / "empty").mkdir(), ["empty"], "empty: the folder holds no"),
    "outside": (lambda p: _make("../x")(p), ["../x"], "x: is outside the package folder"),
    "outside, absolute": (_nothing, ["/etc/hostname"], "/etc/hostname: is outside"),
    "unreadable": (_unreadable, ["data"], "data/page.html: cannot be read: permission denied"),
    "unreadable folder": (_unreadable_folder, ["data"], "data/sub: cannot be read: permission"),
    "not UTF-8": (_make(b"data/a\xffb"), ["data"], "data/a\\xffb: the name is not valid UTF-8"),
    "not UTF-8, named": (_make(b"data/\xe4"), [b"data/\xe4"], "data/\\xe4: the name is not"),
    "backslash": (_make("data/a\\b"), ["data"], "no caller can name a resource with a backslash"),
    "fifo": (lambda p: os.mkfifo(p / "data/fifo"), ["data"], "data/fifo: is a device, fifo or"),
    "fifo, named": (lambda p: os.mkfifo(p / "fifo"), ["fifo"], "fifo: is a device, fifo or"),
    "socket": (_socket, ["data"], "data/socket: is a device, fifo or socket"),
    "device": (_nothing, ["-C", "/dev", "null", "-o", "{package}/R.py"], "/dev/null: is a device"),
    "dangling": (
        lambda p: (p / "data/l").symlink_to("x"),
        ["data"],
        "data/l: is a broken link",
    ),
    "loop": (lambda p: (p / "data/l").symlink_to("."), ["data"], "data/l: links to a folder above"),
    "loop, pattern": (
        lambda p: (p / "data/l").symlink_to("."),
        ["**/*.html"],
        "is in a loop of links",
    ),
    "empty": (_nothing, [""], "an empty path"),
    "output as input": (_nothing, ["R.py"], "R.py: is the output itself"),
    "exclude": (_nothing, ["data", "-x", "!"], "-x: "),
    "no package folder": (_nothing, ["-C", "none", "data"], "none: is not a folder"),
    "no folder for the output": (_nothing, ["data", "-o", "no/R.py"], "no/R.py: its folder does"),
    "output is a folder": (_nothing, ["data", "-o", "data"], "data: is not a file"),
    "output is a device": (_nothing, ["data", "-o", "/dev/null"], "/dev/null: is not a file"),
    "no room": (_nothing, ["data", "-o", "/dev/full"], "/dev/full: is not a file"),
    "newline in the name": (lambda p: (p / "a\nb").mkdir(), ["a\nb"], "a\\nb: the folder holds no"),
}


@pytest.mark.parametrize("case", CASES)
def test_refused(package: Path, bin2res: Bin2res, case: str) -> None:
    prepare, arguments, message = CASES[case]
    output = package / "R.py"
    output.write_bytes(OLD)
    prepare(package)
    given = [a.format(package=package) if isinstance(a, str) else a for a in arguments]
    result = bin2res(*given, before=WITHOUT_PRIVILEGE)
    lines = result.stderr.decode().splitlines()
    assert result.returncode == 2
    assert len(lines) == 1
    assert lines[0].startswith("bin2res: ")
    assert message in lines[0]
    assert result.stdout == b""
    assert output.read_bytes() == OLD
    assert not [path for path in package.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--no-such-option", "data"],
        ["data", "-o", "-", "--json"],
        ["data", "-o", "-", "--check"],
    ],
)
def test_usage(bin2res: Bin2res, arguments: list[str]) -> None:
    result = bin2res(*arguments)
    assert result.returncode == 2
    assert b"Error: " in result.stderr


def test_full_disk(package: Path) -> None:
    command = [sys.executable, "-m", "bin2res", "data", "-o", "-"]
    with open("/dev/full", "wb") as full:
        result = subprocess.run(command, cwd=package, stdout=full, stderr=-1, check=False)
    assert result.returncode == 2
    assert result.stderr == b"bin2res: the output cannot be written: no space left on device\n"
