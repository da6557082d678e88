"""What one answer to a browser costs on a Cortex-M3: `respond` against Microdot's send_file().

    python benchmarks/web.py    # writes benchmarks/figures/web.json

The firmware is made as in frozen.py, with Microdot from PyPI frozen in, and so are the ticks.
Microdot's `send_file(stream=...)` gets its stream from `resource_stream`: what is compared is the
work on the answer, with a browser's request headers. The board has no network, no clock and
no asyncio: both ways end at the answer that Microdot would write, and its body is read in pieces of
1024 bytes, as Microdot does.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

import microdot  # noqa: E402
from figures import keep  # noqa: E402
from firmware import build, source  # noqa: E402
from frozen_app import with_names  # noqa: E402
from meter import medians, run  # noqa: E402

import bin2res  # noqa: E402

SIZES = {"1 KB": 1000, "40 KB": 40_000}
OTHERS = 20  # resources beside them, as an app has
MODULE, ANSWER = 480, 320  # bytes of RAM, at most

# What Chromium sends for a script.
REQUEST = {
    "Host": "192.168.4.1",
    "Connection": "keep-alive",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
    "Accept": "*/*",
    "Referer": "http://192.168.4.1/",
    "Accept-Encoding": "gzip, deflate",
    "Accept-Language": "en-US,en;q=0.9",
}
WAYS = {
    "Microdot, `send_file(stream=...)`": "send_file(name, stream=resource_stream(site, name))",
    "`respond`": "respond(site, name, headers)",
    "`respond`, made a `Response` by Microdot": "Response(*respond(site, name, headers))",
    "`respond`, a 304": "respond(site, name, again)",
    "`respond`, a range of 500 bytes": "respond(site, name, part)",
}
RESPOND = list(WAYS)[1]
_FIGURES = ("ticks", "all", "held")

# asyncio and its clock are not used up to an answer, but imported.
_SET_UP = f"""\
import sys
class Absent:
    pass
sys.modules["asyncio"] = sys.modules["time"] = Absent
from microdot import Response
from pkgres import resource_stream
from pkgres.static import respond
send_file = Response.send_file
headers = {REQUEST!r}
site, name = "site", "%s"
again, part = headers.copy(), headers.copy()
again["If-None-Match"] = respond(site, name, headers)[2].get("ETag", "*")
part["Range"] = "bytes=100-599"
def answer(_):
    return %s
def sent(_):
    found = answer(0)
    stream = found[0] if isinstance(found, tuple) else found.body
    while stream.read(1024):
        pass
    stream.close()
found = sent(0)
"""


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        manifest = stage(folder)
        firmwares = [build.cortex_m3(each) for each in with_names(manifest)]
    except source.Missing as missing:
        sys.exit(str(missing))
    ways = {
        way: {size: medians([measure(each, way, size) for each in firmwares]) for size in SIZES}
        for way in WAYS
    }
    module = int(run(firmwares[0], _IMPORT))
    keep("web", {"ways": ways, "import": module})
    failed = [line for line, holds in budgets(ways, module) if not holds]
    print("budgets: " + ("all hold" if not failed else "NOT met: " + "; ".join(failed)))
    shutil.rmtree(folder)
    sys.exit(bool(failed))


_IMPORT = """\
import pkgres, errno
from io import BytesIO
before = ram()
import pkgres.static
print(ram() - before)
"""


def stage(folder: Path) -> Path:
    """Lay out what is frozen below *folder*: Microdot, and a package "site" with resources."""
    code, files = folder / "code", folder / "files"
    (code / "microdot").mkdir(parents=True)
    for name in ("__init__.py", "microdot.py", "helpers.py"):
        shutil.copy(Path(microdot.__file__).parent / name, code / "microdot")
    files.mkdir()
    for size in SIZES.values():
        (files / f"{size}.js").write_bytes(random.Random(size).randbytes(size))
    for i in range(OTHERS):
        (files / f"other{i}.css").write_bytes(b"p{}")
    names = [path.name for path in files.iterdir()]
    (code / "site").mkdir()
    (code / "site/__init__.py").write_text("")
    bin2res.bundle(names, directory=str(files), output=code / "site/R.py")
    manifest = folder / "manifest.py"
    ours = HERE.parent / "manifest.py"
    manifest.write_text(f"include({str(ours)!r})\nfreeze('code')\n")
    return manifest


def measure(firmware: Path, way: str, size: str) -> dict[str, int]:
    """Return the ticks up to an answer, those with its body read, and the bytes that it holds."""
    code = _SET_UP % (f"{SIZES[size]}.js", WAYS[way])
    code += """
found = sent(0)
gc.collect()
print(ticks(answer, 0) - idle)
gc.collect()
print(ticks(sent, 0) - idle)
before = ram()
found = answer(0)
print(ram() - before)
"""
    return dict(zip(_FIGURES, map(int, run(firmware, code).split()), strict=True))


def budgets(ways: dict[str, dict[str, dict[str, int]]], module: int) -> list[tuple[str, bool]]:
    """Return each promise with whether it holds."""
    held = [ways[RESPOND][size]["held"] for size in SIZES]
    return [
        (f"import pkgres.static: {MODULE} B", module <= MODULE),
        (f"an answer: {ANSWER} B", max(held) <= ANSWER),
    ]


if __name__ == "__main__":
    main()
