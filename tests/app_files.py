"""The files of the app that the cases ask for.

Imported by the host's tests and by the program that runs on the device, so it is
plain Python for both.
"""

PAGE = b"<!DOCTYPE html>\n<p>page\n"
IMAGE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
BIG_SIZE = 1 << 20

# Path below the app's root -> content. "files" keeps them as they are; the other
# storages keep them in the modules R that MODULES names, and take the files away.
RESOURCES = {
    "root.txt": b"at the root",
    "folder/root2.txt": b"below the root",
    "my_app/data/page.html": PAGE,
    "my_app/data/image.png": IMAGE,
    "my_app/data/empty": b"",
    "my_app/data/lines.txt": b"one\ntwo\n\nlast",
    "my_app/data/sub/a.txt": b"a",
    "my_app/data/sub/b/c.txt": b"c",
    "my_app/data/sub/b.txt": b"b",
    "my_app/names/sp ace.txt": b"space",
    "my_app/names/per%20cent%.txt": b"percent",
    "my_app/names/quo'te\".txt": b"quotes",
    "my_app/names/ümläut ß.txt": b"umlaut",
    "my_app/names/日本語.txt": b"kanji",
    "my_app/names/🎉.txt": b"emoji",
    "my_app/names/" + "long" * 50: b"long",
    "my_app/names/R.py.txt": b"like code",
    "my_app/names/..dots..": b"dots",
    "my_app/site/index.html": b"<p>of the folder",
    "my_app/site/UPPER.HTML": b"<p>upper",
    "my_app/site/none/index.html/x": b"a folder of this name",
    "my_app/spa/index.html": b"<p>an app of one page",
    "my_app/spa/app.3f2a91c0.js": b"'the app'",
    "my_app/spa/404.html": b"<p>no such page",
    "my_app/inner/data/i.txt": b"inner",
    "my_app/inner/index.html": b"<p>of the package",
    "my_app/inner/deep/up.txt": b"kept two packages above",
    "my_app/inner/deep/own.txt": b"own",
    "my_app/inner/deep/order.txt": b"own comes first",
    "not_imported/x.txt": b"imported on demand",
    "no_init/x.txt": b"no __init__.py",
    "folder_named_r/R/x.txt": b"in a folder named R",
    "flat/data/x.txt": b"beside a package without R",
    "flat/inner/y.txt": b"beside a subpackage without R",
}

# What the resource module of the package tells browsers to keep for a year.
IMMUTABLE = ("my_app/spa/app.3f2a91c0.js",)

# What lies compressed in every storage, under its name with .gz.
LINES = b"".join([b"<p>line %d of a page\n" % i for i in range(100)])
COMPRESSED = {
    "my_app/gz/page.html": LINES,
    "my_app/gz/lines.txt": b"one\ntwo\n\nlast" + b" and some more" * 10,
    "my_app/site/small/index.html": LINES,
    "my_app/spa/small/404.html": LINES,
    "my_app/inner/gz/i.txt": b"inner " * 50,
    "flat/gz/z.txt": b"flat " * 50,
}
GZIP1 = (  # without the field for the window
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcbMLIUH\xaaTH\xaf\xca,\xd00\xd4\xe4\xca\x1d\xe5"
    b"\x93\xc4\x07\x00P\x9d\x7f\x08@\x01\x00\x00"
)
RESOURCES["my_app/gz/gzip1.txt.gz"] = GZIP1
RESOURCES["my_app/gz/cut.txt.gz"] = GZIP1[:-12]
RESOURCES["my_app/gz/headless.txt.gz"] = GZIP1[:8]
RESOURCES["my_app/gz/nothing.txt.gz"] = b""
RESOURCES["my_app/gz/more.txt.gz"] = GZIP1 + b"more"
RESOURCES["my_app/gz/padded.txt.gz"] = GZIP1 + bytes(20)
RESOURCES["my_app/gz/bad.txt.gz"] = GZIP1[:-6] + b"\x80" + GZIP1[-5:]
RESOURCES["my_app/gz/none.txt.gz"] = b"this is not gzip, and longer than a header"
RESOURCES["my_app/gz/both.txt"] = b"NAME comes before NAME.gz"
RESOURCES["my_app/gz/both.txt.gz"] = GZIP1

# Folder of a package -> what its module R holds, by name.
MODULES = {
    "": {
        "root.txt": "root.txt",
        "folder/root2.txt": "folder/root2.txt",
        "my_app/data/page.html": "my_app/data/page.html",
        "flat/data/x.txt": "flat/data/x.txt",
        "flat/inner/y.txt": "flat/inner/y.txt",
        "flat/gz/z.txt": "flat/gz/z.txt",
    },
    "my_app": {
        path[7:]: path
        for path in list(RESOURCES) + list(COMPRESSED)
        if path.startswith("my_app/") and not path.startswith("my_app/inner/deep/o")
    },
    "my_app/inner/deep": {
        "own.txt": "my_app/inner/deep/own.txt",
        "order.txt": "my_app/inner/deep/order.txt",
    },
    "not_imported": {"x.txt": "not_imported/x.txt"},
    "no_init": {"x.txt": "no_init/x.txt"},
    "large": {"big": "large/big"},
}
# Names that a module holds with other bytes than the file or the module before it.
SHADOWED = {
    "": {"my_app/data/lines.txt": b"the root", "not_imported/x.txt": b"the root"},
    "my_app": {"both.txt": b"in R", "inner/deep/order.txt": b"the package above"},
    "my_app/inner": {"deep/own.txt": b"the package above"},
}
# Files that lie beside the modules, where there is a filesystem.
BESIDE = {
    "my_app/both.txt": b"in the file",
    "my_app/file_here": b"",
    "my_app/mixed/file.txt": b"file",
}
MIXED = {
    "my_app": {
        "file_here/x": b"R",
        "mixed/file.txt": b"R",
        "mixed/module.txt": b"R",
        "mixed/sub/x": b"R",
    }
}

# Packages whose module R bin2res did not make, or is broken, with its source.
BROKEN = {
    "of_another_tool": "R = {'x': b'found', '../x': b'no', 'a/../x': b'no', 'a\\\\b': b'no'}\n",
    "broken_import": "import nothing_of_this_name\nR = {}\n",
    "broken_import_alike": "import broken_import_alike.R2\nR = {}\n",
    "broken_import_ending": "import xbroken_import_ending.R\nR = {}\n",
    "broken_none": "R = None\n",
    "broken_memory": "raise MemoryError\n",
    "broken_empty": "X = 1\n",
    "broken_value": "R = {'x': int('x')}\n",
}

CODE = (
    "my_app/__init__.py",
    "my_app/utils.py",
    "my_app/inner/__init__.py",
    "my_app/inner/deep/__init__.py",
    "my_app/inner/deep/leaf.py",
    "not_imported/__init__.py",
    "flat/__init__.py",
    "flat/code.py",
    "flat/inner/__init__.py",
    "folder_named_r/__init__.py",
    "no_resources/__init__.py",
    "top.py",
)
# The programs that run the cases, by the file that is theirs: a script, and modules
# run by -m.
SCRIPT, APP, TOOL, DEEP = "main.py", "my_app/__main__.py", "my_app/tool.py", "my_app/inner/m.py"


def big() -> bytes:
    """Return the content of the 1 MB resource large/big."""
    return b"".join([bytes([i & 255, i >> 8]) * 2048 for i in range(BIG_SIZE // 4096)])
