"""Runs on the device: unpacks an archive as upip does, with 4 KiB for the window.

    import upip
    upip.unpack("my_app-1.0.0.tar.gz", "lib/")

prints the names that are skipped, and returns what requires.txt holds. The procedure is
that of upip in MicroPython 1.18: blocks of 512 bytes, name and size of the ustar header.
"""

import os

from deflate import GZIP, DeflateIO

_buffer = bytearray(512)


def unpack(archive, prefix):
    requires = b""
    with open(archive, "rb") as file:
        stream = DeflateIO(file, GZIP, 12)
        while True:
            header = stream.read(512)
            if not header or not header[0]:
                return requires
            name = header[:100].rstrip(b"\0").decode()
            size = int(header[124:135], 8)
            name = name[name.index("/") + 1 :]
            skipped = ".egg-info" in name
            for start in ("setup.", "PKG-INFO", "README"):
                skipped = skipped or name.startswith(start)
            if skipped:
                print("skipped", name)
                if name.endswith("/requires.txt"):
                    requires = stream.read(size)
                else:
                    _copy(stream, size, None)
            else:
                _make_folders(prefix + name)
                with open(prefix + name, "wb") as output:
                    _copy(stream, size, output)
            stream.read(-size % 512)


def _copy(stream, size, output):
    while size:
        piece = memoryview(_buffer)[: min(size, 512)]
        n = stream.readinto(piece)
        if not n:
            raise EOFError
        if output:
            output.write(piece[:n])
        size -= n


def _make_folders(path):
    parts = path.split("/")[:-1]
    for i in range(len(parts)):
        try:
            os.mkdir("/".join(parts[: i + 1]))
        except OSError:
            pass
