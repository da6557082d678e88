"""The web example, built for one storage and served by a real process on the loopback."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import io
import math
import os
import shutil
import socket
import subprocess
import sys
import time
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import app
import microdot
import test_example

from bin2res.encode import compress

DATA = test_example.EXAMPLES / "my_app/data"
(PAGE,), (STYLE,), (SCRIPT,) = (
    sorted(path.name for path in DATA.glob(pattern)) for pattern in ("*.html", "*.css", "*.js")
)
TEXTS = (PAGE, STYLE, SCRIPT)
IMAGE = "image.png"
BIG_NAME = "big.txt"  # more than the buffers of a connection hold; not part of the example
BIG = b"".join([b"line %d of many, none of which is the last\n" % i for i in range(100_000)])
SOUND_NAME = "tone.wav"  # more than a browser loads ahead; likewise
SOUND_SECONDS = 120
_RATE = 11025  # of its samples, each of one byte
MICRODOT = Path(microdot.__file__).parent
MICRODOT_FILES = ("__init__.py", "microdot.py", "helpers.py")
TIME_LIMIT = 120  # seconds


def build(root: Path, storage: str) -> None:
    """Copy the example below *root*, without pkgres and Microdot.

    Its resources, BIG and a sound are "files", "files.gz" with the texts compressed, or in
    "R.py" so.
    """
    package = root / "my_app"
    shutil.copytree(
        test_example.EXAMPLES / "my_app", package, ignore=shutil.ignore_patterns("__pycache__")
    )
    (package / "data" / BIG_NAME).write_bytes(BIG)
    (package / "data" / SOUND_NAME).write_bytes(sound())
    if storage == "R.py":
        bundle(package, *TEXTS, BIG_NAME)
    if storage == "files.gz":
        for name in (*TEXTS, BIG_NAME):
            path = package / "data" / name
            (package / "data" / f"{name}.gz").write_bytes(compress(path.read_bytes(), 10))
            path.unlink()


def sound() -> bytes:
    """Return a tone as a WAV file, mono, of SOUND_SECONDS."""
    second = bytes(128 + int(100 * math.sin(math.tau * 440 * i / _RATE)) for i in range(_RATE))
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setparams((1, 1, _RATE, 0, "NONE", ""))
        file.writeframes(second * SOUND_SECONDS)
    return stream.getvalue()


def bundle(package: Path, *packed: str) -> None:
    """Have the command make R.py, with what *packed* names compressed; take the files away."""
    patterns = [part for name in packed for part in ("--gzip", name)]
    command = [sys.executable, "-m", "bin2res", "-q", "data", *patterns]
    if any((package / "data").glob("*.????????.*")):
        command += ["--immutable", "data/*.????????.*"]
    subprocess.run(command, cwd=package, check=True)
    shutil.rmtree(package / "data")


def put_microdot(code: Path) -> None:
    """Copy what an app needs of Microdot into the folder *code*."""
    (code / "microdot").mkdir(parents=True)
    for name in MICRODOT_FILES:
        shutil.copy(MICRODOT / name, code / "microdot")


def manifest(folder: Path) -> Path:
    """Write the manifest that freezes ``folder/code`` with Microdot, asyncio and pkgres."""
    put_microdot(folder / "code")
    path = folder / "manifest.py"
    asyncio = 'include("$(MPY_DIR)/extmod/asyncio")'
    path.write_text(f"include({str(app.MANIFEST)!r})\n{asyncio}\nfreeze('code')\n")
    return path


class Server:
    """A process that serves HTTP on 127.0.0.1."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}/"

    def open_files(self) -> int:
        """Return how many files and sockets the process has open when it idles (Linux)."""
        counts = [0]
        while len(counts) < 10 or len(set(counts[-10:])) > 1:
            time.sleep(0.02)
            counts.append(len(os.listdir(f"/proc/{self.process.pid}/fd")))
        return counts[-1]


@contextlib.contextmanager
def serving(
    command: Sequence[str], folder: Path, path: str = "", port: int = 0
) -> Iterator[Server]:
    """Run *command* with a port as its last argument, in *folder*, until it listens.

    *path* is MICROPYPATH, *port* 0 a free one. Raises RuntimeError if the process stops by
    itself, with what it printed.
    """
    with socket.create_server(("127.0.0.1", port)) as free:
        port = free.getsockname()[1]
    environment = {n: v for n, v in os.environ.items() if n != "PYTHONUNBUFFERED"}
    if path:
        environment["MICROPYPATH"] = path
    output = folder / "output.txt"
    with (
        open(output, "wb") as file,
        subprocess.Popen(
            [*command, str(port)], cwd=folder, env=environment, stdout=file, stderr=file
        ) as process,
    ):
        try:
            _wait(process, port, output)
            yield Server(process, port)
            if process.poll() is not None:
                raise RuntimeError(f"the server stopped: {output.read_text()}")
        finally:
            process.kill()


def _wait(process: subprocess.Popen[bytes], port: int, output: Path) -> None:
    # Not by connecting: while nobody listens a socket may get that very port, and be connected
    # to itself, which takes the port from the server.
    deadline = time.monotonic() + TIME_LIMIT
    while not _listens(process.pid, port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server does not listen: {output.read_text()}")
        time.sleep(0.05)


def _listens(pid: int, port: int) -> bool:
    """Return whether a process has a socket that listens at a port (Linux)."""
    held = set()
    with contextlib.suppress(OSError):
        for number in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):  # closed meanwhile
                held.add(os.readlink(f"/proc/{pid}/fd/{number}"))
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            is_there = fields[1].endswith(f":{port:04X}") and fields[3] == "0A"
            if is_there and f"socket:[{fields[9]}]" in held:
                return True
    return False


class Answer(NamedTuple):
    """What a server answered."""

    status: int
    body: bytes
    """Inflated, if it came compressed."""
    compressed: bool


def ask(server: Server, name: str, headers: dict[str, str]) -> Answer:
    """GET a page; nothing is taken compressed unless *headers* say so."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request("GET", "/" + name, headers={"Accept-Encoding": "identity", **headers})
        answer = connection.getresponse()
        body = answer.read()
        compressed = answer.headers["Content-Encoding"] == "gzip"
        return Answer(answer.status, gzip.decompress(body) if compressed else body, compressed)
    finally:
        connection.close()
