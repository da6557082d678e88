"""What `frozen.py` measures, laid out to be frozen: the same files in each way."""

from __future__ import annotations

import random
import string
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

import peers  # noqa: E402
from firmware import build, source  # noqa: E402
from frozen_ways import BIG, COUNTS, PAGE, SIZE  # noqa: E402

import bin2res  # noqa: E402

FIRMWARES = 5
_NAMES = 25  # more in each than in the one before


def stage(folder: Path) -> Path:
    """Lay out what is frozen below *folder*; return the manifest."""
    code = folder / "code"
    code.mkdir()
    (code / "peer_pkg_resources.py").write_bytes(peers.pkg_resources())
    names = {}
    for n in COUNTS:
        files = folder / f"files{n}"
        (files / "data").mkdir(parents=True)
        names[n] = [f"data/file{i:03}.html" for i in range(n)]
        for i, name in enumerate(names[n]):
            (files / name).write_bytes((b"<p>%03d " % i * SIZE)[:SIZE])
        module = peers.mpy_bin2res(source.source(), files, names[n])
        write(code / f"peer{n}/R.py", module)
        peers.freezefs(files, code / f"freezefs{n}.py", f"/fz{n}")
        peers.romfs(files, folder / "image")
        write(code / f"romfs{n}.py", b"IMAGE = %a\n" % (folder / "image").read_bytes())
        for kind, form in (("dict", bin2res.Form()), ("table", bin2res.Form(table=True))):
            (code / f"{kind}{n}").mkdir()
            output = str(code / f"{kind}{n}/R.py")
            bin2res.bundle(["data"], directory=str(files), output=output, form=form)
        for kind in ("peer", "dict", "table"):
            write(code / f"{kind}{n}/__init__.py", b"")
    write(code / "names.py", f"NAMES = {names!r}\n".encode())
    add_big(folder, code)
    add_compressed(folder, code)
    manifest = folder / "manifest.py"
    ours = HERE.parent / "manifest.py"
    manifest.write_text(f"include({str(ours)!r})\nfreeze('code')\n")
    return manifest


def with_names(manifest: Path) -> list[Path]:
    """Return manifests that freeze the same, and names that nothing uses, other ones each.

    MicroPython numbers names in the order of the alphabet: these are all over it.
    """
    return [_with_names(manifest, number) for number in range(0, FIRMWARES * _NAMES, _NAMES)]


def _with_names(manifest: Path, number: int) -> Path:
    letters = random.Random(number).choices(string.ascii_letters, k=3 * number)
    starts = ["".join(letters[i : i + 3]) for i in range(0, len(letters), 3)]
    names = "".join(f"{start}_unrelated_{i} = {i}\n" for i, start in enumerate(starts))
    folder = manifest.parent / f"with{number}"
    write(folder / "code/unrelated.py", names.encode())
    path = folder / "manifest.py"
    path.write_text(f"include({str(manifest)!r})\nfreeze('code')\n")
    return path


def add_big(folder: Path, code: Path) -> None:
    """Add one file of 4 KiB, in packages and mounts named with "big" for a number."""
    files = folder / "filesbig"
    files.mkdir()
    (files / "big").write_bytes(bytes(range(256)) * (BIG // 256))
    write(code / "peerbig/R.py", peers.mpy_bin2res(source.source(), files, ["big"]))
    peers.freezefs(files, code / "freezefsbig.py", "/fzbig")
    peers.romfs(files, folder / "image")
    write(code / "romfsbig.py", b"IMAGE = %a\n" % (folder / "image").read_bytes())
    add_module(code / "dictbig", files, ["big"])
    add_module(code / "tablebig", files, ["big"], bin2res.Form(table=True))
    write(code / "peerbig/__init__.py", b"")


def add_module(
    package: Path, files: Path, names: list[str], form: bin2res.Form | None = None
) -> None:
    """Add a package with the files of these names in its resource module."""
    write(package / "__init__.py", b"")
    output = str(package / "R.py")
    bin2res.bundle(names, directory=str(files), output=output, form=form or bin2res.Form())


def add_compressed(folder: Path, code: Path) -> None:
    """Add PAGE as bin2res compresses it, and as gzip(1) does, in the package "zip"."""
    files = folder / "fileszip"
    files.mkdir()
    for name in ("page.html", "gzip1.html"):
        (files / name).write_bytes(PAGE)
    subprocess.run(["gzip", "-9", "-n", "gzip1.html"], cwd=files, check=True)
    write(code / "zip/__init__.py", b"")
    names = ["page.html", "gzip1.html.gz"]
    output = str(code / "zip/R.py")
    bin2res.bundle(names, directory=str(files), output=output, gzip=["*.html=10"])


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def flash(folder: Path) -> int:
    """Return the bytes of flash of the frozen core: firmware with it, less without."""
    sizes = []
    for name, content in (
        (
            "with",
            "package('pkgres', base_path={0!r}, files=('__init__.py',))\n"
            "module('pkg_resources.py', base_path={0!r} + '/pkgres')\n",
        ),
        ("without", ""),
    ):
        manifest = folder / name / "manifest.py"
        write(manifest, content.format(str(HERE.parent)).encode())
        elf = build.cortex_m3(manifest)
        output = subprocess.run(["size", str(elf)], capture_output=True, text=True, check=True)
        text, data = output.stdout.splitlines()[1].split()[:2]
        sizes.append(int(text) + int(data))
    return sizes[0] - sizes[1]
