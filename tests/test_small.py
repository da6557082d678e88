"""Firmware with fewer features than most: what the ESP8266 and smaller configurations lack."""

from __future__ import annotations

from pathlib import Path

import firmware.build
import folders
import pytest
import runtimes
import test_frozen
from conftest import needing
from firmware import qemu

_SMALL = Path(firmware.build.__file__).with_name("small.h")
# Level -> what the compiler is told.
LEVELS = {
    "esp8266": f"-include {_SMALL}",
    "basic": f"-DPKGRES_BASIC -include {_SMALL}",
    "less": f"-DPKGRES_BASIC -DPKGRES_LESS -include {_SMALL}",
}
# What shows that the firmware is of the level: prints False.
_LACKS = {
    "esp8266": "print(hasattr('', 'partition'))\n",
    "basic": "print('max' in dir(__import__('builtins')))\n",
    "less": "print('set' in dir(__import__('builtins')))\n",
}

_PROGRAM = """\
import errno
import pkg_resources
import pkgres.info as info
from pkgres.static import respond

def error(call, *arguments):
    try:
        return call(*arguments)
    except OSError as e:
        return {errno.ENOENT: "ENOENT", errno.EISDIR: "EISDIR", 20: "ENOTDIR"}[e.errno]
    except Exception as e:
        return e.__class__.__name__

read = pkg_resources.resource_string
for package in ("my_app", "my_app.utils", "my_app.inner"):
    for name in ("data/x.txt", "/data//x.txt", "inner/data/x.txt", "data", "none", "../x", "/"):
        print(package, name, error(read, package, name))
    print(error(info.resource_listdir, package, ""), error(info.resource_listdir, package, "/data"))
    print(error(info.resource_listdir, package, "data/x.txt"))
    print(error(info.resource_exists, package, "data"), error(info.resource_isdir, package, "data"))
for accepted in ("gzip;q=0.5, *;q=0", "identity"):
    print(respond("my_app", "/data/%78.txt", {"Accept-Encoding": accepted})[1:])
print(respond("my_app", "none")[1])
for asked in ("0-0", "1-", "-3", "-30", "20-", "2-1", "9-99"):
    for name in ("data/x.txt", "data/packed.txt.gz"):
        body, status, headers = respond("my_app", name, {"Range": "bytes=" + asked})
        print(status, headers.get("Content-Range"), len(body.read()))
for name in ("x", "data/x", "x.js", "app.3f2a91c0.js", "../x"):
    pages = {"fallback": "data/x.txt", "not_found": "data/packed.txt"}
    print(sorted(respond("my_app", name, {}, "GET", **pages)[2].items()))
print(respond("my_app", "x", {}, "POST")[1:])
print(read("my_app", "data/packed.txt"))
print(error(read, "none_such", "x"), error(read, "my_app.", "x"))
import os
import pkgres.mount
from pkgres.files import files

pkgres.mount.mount("my_app", "/m")
for name in ("data/x.txt", "data/packed.txt"):
    for mode in ("r", "rb"):
        with open("/m/" + name, mode) as stream:
            print(stream.read())
    print(os.stat("/m/" + name)[6], bytes(info.resource_buffer("my_app", name)))
    print(files("my_app").joinpath(name).read_text())
print(sorted(os.listdir("/m/data")), error(open, "/m/data"), error(os.listdir, "/m/none"))
os.chdir("/m/data")
print(os.getcwd(), open("packed.txt").read(6))
print([found.name for found in files("my_app").joinpath("data").iterdir()])
pkgres.mount.umount("/m")
print(hasattr(pkg_resources, "resource_exists"))
"""
_CONTENT = {
    "data/x.txt": b"x",
    "data/packed.txt": b"packed " * 9,
    "inner/data/x.txt": b"inner x",
}


@pytest.mark.parametrize("board", ["unix", "qemu"])
@pytest.mark.parametrize("level", LEVELS)
def test_reads_and_tells(tmp_path: Path, level: str, board: str) -> None:
    code = tmp_path / "code/my_app"
    folders.write(code, {**_CONTENT, "__init__.py": b"", "utils.py": b""})
    (code / "inner/__init__.py").write_bytes(b"")
    test_frozen.bundle(code, "-q", *_CONTENT, "--gzip", "packed.txt")
    for name in _CONTENT:
        (code / name).unlink()
    manifest = test_frozen.freeze(tmp_path)
    plain = needing(lambda: _run(board, manifest, tmp_path / "plain", ""))
    small = needing(lambda: _run(board, manifest, tmp_path / "small", LEVELS[level], level))
    assert small.splitlines()[0] == "False"
    has_getattr = str(level != "less")
    assert small.splitlines()[1:] == [*plain.splitlines()[:-1], has_getattr]


def _run(board: str, manifest: Path, folder: Path, flags: str, level: str = "") -> str:
    variables = [f"CFLAGS_EXTRA={flags}"] if flags else []
    product = {"unix": "micropython", "qemu": "firmware.elf"}[board]
    binary = firmware.build._build(board, manifest, product, *variables)
    program = _LACKS.get(level, "") + _PROGRAM
    if board == "qemu":
        return qemu.run(binary, program)
    folder.mkdir()
    (folder / "main.py").write_text(program)
    result = runtimes.unix_firmware(binary, folder, "main.py")
    assert result.stderr == ""
    return result.stdout
