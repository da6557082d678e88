"""The ways to freeze files that `frozen.py` compares, and how each finds one."""

from __future__ import annotations

COUNTS = (10, 100, 400)
SIZE = 200
SAMPLE = 50  # names, at most
BIG = 4096  # bytes, read through a buffer of 512
PAGE = b"".join([b"<p>line %d of a page that goes on for a while</p>\n" % i for i in range(840)])

# How each way finds the resource `name` of package or mount `n`: what to import before
# anything is counted, what its import is, how it opens.
WAYS = {
    "pkg_resources + mpy_bin2res": (
        "import peer_pkg_resources",
        "import peer{n}.R",
        "peer_pkg_resources.resource_stream('peer{n}', name)",
    ),
    "freezefs, mounted": ("mount = '/fz{n}/'", "import freezefs{n}", "open(name, 'rb')"),
    "ROMFS, mounted": (
        "import vfs, romfs{n}; mount = '/rom{n}/'",
        "vfs.mount(vfs.VfsRom(romfs{n}.IMAGE), mount[:-1])",
        "open(name, 'rb')",
    ),
    "pkgres, dict": (
        "import pkgres",
        "import dict{n}.R",
        "pkgres.resource_stream('dict{n}', name)",
    ),
    "pkgres, --table": (
        "import pkgres",
        "import table{n}.R",
        "pkgres.resource_stream('table{n}', name)",
    ),
    "pkgres, dict, mounted": (
        "import pkgres, dict{n}.R; mount = '/d{n}/'",
        "import pkgres.mount; pkgres.mount.mount('dict{n}', mount)",
        "open(name, 'rb')",
    ),
    "pkgres, --table, mounted": (
        "import pkgres, table{n}; mount = '/t{n}/'",
        "import pkgres.mount; pkgres.mount.mount('table{n}', mount)",
        "open(name, 'rb')",
    ),
}
PEER, FREEZEFS, ROMFS, DICT, TABLE, MOUNTED_DICT, MOUNTED_TABLE = WAYS
MOUNTED = (MOUNTED_DICT, MOUNTED_TABLE)

# How PAGE is opened where it is compressed.
INFLATING = {
    "bin2res --gzip '*=10'": "pkgres.resource_stream('zip', 'page.html')",
    "gzip(1), read by pkgres": "pkgres.resource_stream('zip', 'gzip1.html')",
    "gzip(1), read by DeflateIO": (
        "DeflateIO(pkgres.resource_stream('zip', 'gzip1.html.gz'), deflate_gzip)"
    ),
}
SMALL_WINDOW = next(iter(INFLATING))
