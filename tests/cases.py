"""The table of cases that holds on every runtime and for every storage.

Imported by the host's tests and by the program that runs on the device, so it is
plain Python for both.
"""

from app_files import (
    APP,
    COMPRESSED,
    DEEP,
    GZIP1,
    IMAGE,
    LINES,
    PAGE,
    RESOURCES,
    SCRIPT,
    TOOL,
)

# What a case needs of the runtime.
FILES, MODULE = "filesystem", "module"

# (program, call, package, resource, what comes back or is raised, what it needs)
CASES = []


def _case(package, resource, expected, call="stream", program=SCRIPT, needs=None):
    CASES.append((program, call, package, resource, expected, needs))


# --- what a package may be
for _package in ("my_app", "my_app.utils", "my_app.__init__"):
    _case(_package, "data/page.html", PAGE)
    _case(_package, "data/image.png", IMAGE)
_case("my_app.inner", "data/i.txt", b"inner")
_case("my_app.inner.deep", "own.txt", b"own")
_case("my_app.inner.deep.leaf", "own.txt", b"own")
_case("my_app.inner.deep", "up.txt", b"kept two packages above")
_case("my_app.inner.deep.leaf", "up.txt", b"kept two packages above")
_case("my_app.inner", "deep/up.txt", b"kept two packages above")
_case("my_app", "inner/data/i.txt", b"inner")
_case("not_imported", "x.txt", b"imported on demand")
_case("no_init", "x.txt", b"no __init__.py")
for _root in ("", None, "__main__", "top"):
    _case(_root, "root.txt", b"at the root")
    _case(_root, "folder/root2.txt", b"below the root")
_case(None, "my_app/data/page.html", PAGE)
# A folder without code is a package: on a filesystem by the rules of import, frozen by ours.
for _call in ("stream", "string"):
    _case("my_app.data", "page.html", PAGE, call=_call)
    _case("my_app.data.sub", "b/c.txt", b"c", call=_call)
_case("my_app.inner.data", "i.txt", b"inner")
_case("folder", "root2.txt", b"below the root")
_case("my_app.data", "none", "ENOENT")
_case("my_app.data", "sub", "EISDIR")
_case("my_app.data", "sub", ["a.txt", "b", "b.txt"], call="listdir")
_case("my_app.data", "sub", True, call="isdir")
for _program, _name in ((APP, "data/page.html"), (TOOL, "data/image.png")):
    _case("__main__", _name, PAGE if _program == APP else IMAGE, program=_program)
    _case("__main__", "root.txt", "ENOENT", program=_program)
    _case("my_app.utils", "data/page.html", PAGE, program=_program)
    _case(None, "root.txt", b"at the root", program=_program)
    _case("", "my_app/data/page.html", PAGE, program=_program)
_case("__main__", "data/i.txt", b"inner", program=DEEP)
_case("__main__", "page.html", "ENOENT", program=DEEP)
for _package in ("none_such", "my_app.none_such", "my_app/data", "my_app/", "my_app/R"):
    _case(_package, "data/page.html", "ImportError")
for _package in (
    "my_app\0x",
    "my_app.",
    ".my_app",
    "my_app..inner",
    ".",
    "../my_app",
    "my_app.utils.x",
):
    _case(_package, "data/page.html", "ImportError")

# --- what a resource may be
for _name in ("./data/page.html", "data//page.html", "data/./page.html", ".//data/.//page.html"):
    _case("my_app", _name, PAGE)
for _path in sorted(RESOURCES):  # MicroPython does not keep the order
    if _path.startswith("my_app/names/") or _path.startswith("my_app/data/"):
        _case("my_app", _path[7:], RESOURCES[_path])
_case("large", "big", "big")
for _name in ("", ".", "./", "/", "//", "/.", "/./"):
    _case("my_app", _name, "ValueError")
    _case("my_app", _name, "ValueError", call="string")
for _name in ("..", "../secret.txt", "data/../data/page.html", "data/..", "./../secret.txt"):
    _case("my_app", _name, "ValueError")
    _case("my_app", "/" + _name, "ValueError")
# Slashes in front are folded: the path of a URL is a name.
for _name in ("/data/page.html", "//data/page.html", "/./data/page.html", "/.///data/page.html"):
    _case("my_app", _name, PAGE)
    _case("my_app", _name, PAGE, call="string")
    _case("my_app", _name, True, call="exists")
_case("my_app", "/etc/passwd", "ENOENT")
_case("my_app", "/secret.txt", "ENOENT")
_case("my_app", "/etc", False, call="exists")
_case("my_app.inner", "/data/i.txt", b"inner")
_case("my_app.inner", "/data/i.txt", "path", call="filename")
_case("my_app", "/data", "EISDIR")
_case("my_app", "/data", True, call="isdir")
_case("my_app", "//data/sub/", ["a.txt", "b", "b.txt"], call="listdir")
_case("my_app", "/gz/page.html", LINES)
_case(None, "/root.txt", b"at the root")
_case("", "/folder/root2.txt", b"below the root")
for _name in (
    "data\\page.html",
    "..\\secret.txt",
    "data/page.html\0",
    "\0",
    "\\",
):
    _case("my_app", _name, "ValueError")
# The name is looked at before the package.
_case("none_such", "../x", "ValueError")
for _call in ("exists", "isdir", "listdir", "filename", "string"):
    _case("my_app", "../secret.txt", "ValueError", call=_call)
    _case("my_app", "/../secret.txt", "ValueError", call=_call)
    _case("my_app", "data\\sub", "ValueError", call=_call)
    _case("my_app", "data\0", "ValueError", call=_call)
    _case("none_such", "x", "ImportError", call=_call)

# --- not found, folders
for _name in ("missing", "data/missing", "missing/page.html", "data/page.html/x", "page.html"):
    _case("my_app", _name, "ENOENT")
    _case("my_app", _name, "ENOENT", call="string")
    _case("my_app", _name, "ENOENT", call="filename")
    _case("my_app", _name, "ENOENT", call="listdir")
    _case("my_app", _name, False, call="exists")
    _case("my_app", _name, False, call="isdir")
_case("my_app", "DATA/PAGE.HTML", "ENOENT")
_case("my_app", "long" * 500, "ENOENT")
_case("my_app", "data/pag", "ENOENT")
_case("my_app.inner", "data/page.html", "ENOENT")
_case("no_resources", "x", "ENOENT")
_case("none", "x", "ImportError")
_case(None, "missing", "ENOENT")
for _name in ("data", "data/", "./data", "data/sub", "data/sub/b"):
    _case("my_app", _name, "EISDIR")
    _case("my_app", _name, "EISDIR", call="string")
    _case("my_app", _name, True, call="exists")
    _case("my_app", _name, True, call="isdir")
_case("my_app.inner", "data", "EISDIR")
_case("my_app.inner.deep", "", True, call="isdir")
_case(None, "folder", "EISDIR")

# --- the rest of the API
_case("my_app", "data/page.html", PAGE, call="string")
_case("my_app", "data/empty", b"", call="string")
_case("my_app.inner.deep", "up.txt", b"kept two packages above", call="string")
_case("my_app", "data/page.html", True, call="same_object", needs=MODULE)
_case("my_app", "data/page.html", True, call="exists")
_case("my_app", "data/page.html", False, call="isdir")
_case("my_app", "", True, call="exists")
_case("my_app", "", True, call="isdir")
_case("my_app", "/", True, call="exists")
_case("my_app", "/", True, call="isdir")
_case("my_app", "/", ["data", "gz", "inner", "names", "site", "spa"], call="listdir_resources")
_case("no_resources", "", True, call="isdir")
_case("my_app", "data/sub", ["a.txt", "b", "b.txt"], call="listdir")
_case("my_app", "data/sub/", ["a.txt", "b", "b.txt"], call="listdir")
_case("my_app.utils", "data/sub/b", ["c.txt"], call="listdir")
_case("my_app.inner", "data", ["i.txt"], call="listdir")
_case("my_app.inner", "deep", ["order.txt", "own.txt", "up.txt"], call="listdir_resources")
_case("my_app", "data/page.html", "ENOTDIR", call="listdir")
_case("my_app", "", ["data", "gz", "inner", "names", "site", "spa"], call="listdir_resources")
_case(None, "folder", ["root2.txt"], call="listdir")
_case("my_app", "data/page.html", "path", call="filename")
_case("my_app", "data/sub", "path", call="filename")
_case("my_app.inner", "data/i.txt", "path", call="filename")
_case("my_app", "data/lines.txt", "one|two||last", call="lines")
_case("my_app", "data/lines.txt", "one|two||last", call="readline")
_case("my_app", "data/image.png", IMAGE, call="readinto")
_case("my_app", "data/image.png", True, call="seek_tell")
_case("my_app", "data/image.png", True, call="closed")

# --- the order
_case("my_app", "both.txt", b"in the file", needs=FILES)
_case("my_app.inner.deep", "order.txt", b"own comes first")
_case("my_app", "mixed", ["file.txt", "module.txt", "sub"], call="listdir", needs=FILES)
_case("my_app", "file_here", "ENOTDIR", call="listdir", needs=FILES)
_case("my_app", "mixed/module.txt", b"R", needs=FILES)
_case("my_app", "mixed/file.txt", b"file", needs=FILES)

# --- the root's R holds names of packages, too
for _package in ("flat", "flat.code"):
    _case(_package, "data/x.txt", b"beside a package without R")
    _case(_package, "inner/y.txt", b"beside a subpackage without R")
_case("flat.inner", "y.txt", b"beside a subpackage without R")
_case(None, "flat/data/x.txt", b"beside a package without R")
_case("flat", "data/x.txt", b"beside a package without R", call="string")
_case("flat", "gz/z.txt", COMPRESSED["flat/gz/z.txt"])
_case("flat", "gz/z.txt", COMPRESSED["flat/gz/z.txt"], call="string")
_case("flat", "data", "EISDIR")
_case("flat", "root.txt", "ENOENT")
_case("flat.inner", "x.txt", "ENOENT")
_case("flat.inner", "data/x.txt", "ENOENT")
for _name, _exists, _is_folder in (
    ("data/x.txt", True, False),
    ("data", True, True),
    ("inner/y.txt", True, False),
    ("gz/z.txt", True, False),
    ("", True, True),
    ("flat/data", False, False),
):
    _case("flat", _name, _exists, call="exists")
    _case("flat", _name, _is_folder, call="isdir")
_case("flat", "data", ["x.txt"], call="listdir")
_case("flat", "", ["data", "gz", "inner"], call="listdir_resources")
_case("flat.inner", "", ["y.txt"], call="listdir_resources")
_case("flat", "flat", "ENOENT", call="listdir")
_case("flat.inner", "y.txt", "path", call="filename")
# --- compressed
_GUNZIPPED = b"made by gzip(1)\n" * 20
for _call in ("stream", "string"):
    _case("my_app", "gz/page.html", LINES, call=_call)
    _case("my_app", "gz/gzip1.txt", _GUNZIPPED, call=_call)
    _case("my_app", "gz/gzip1.txt.gz", GZIP1, call=_call)
    _case("my_app", "gz/padded.txt", _GUNZIPPED, call=_call)
    _case("my_app.inner", "gz/i.txt", COMPRESSED["my_app/inner/gz/i.txt"], call=_call)
    _case("my_app", "gz/both.txt", b"NAME comes before NAME.gz", call=_call)
    for _name in ("cut", "headless", "nothing", "more", "bad", "none"):
        _case("my_app", "gz/" + _name + ".txt", "damaged", call=_call)
_case("my_app", "gz/page.html", "<p>line 0 of a page|<p>line 1 of a page", call="two_lines")
_case("my_app", "gz/lines.txt", "one|two||last" + " and some more" * 10, call="lines")
_case("my_app", "gz/lines.txt", "one|two||last" + " and some more" * 10, call="readline")
_case("my_app", "gz/page.html", LINES, call="readinto")
_case("my_app", "gz/padded.txt", _GUNZIPPED, call="readinto")
_case("my_app", "gz/more.txt", "damaged", call="readinto")
_case("my_app", "gz/more.txt", "damaged", call="readline")
_case("my_app", "gz/page.html", True, call="exists")
_case("my_app", "gz/page.html.gz", True, call="exists")
_case("my_app", "gz/page.html", False, call="isdir")
_case("my_app", "gz/none", "ENOENT")
_case("my_app", "gz/page", "ENOENT")
_case("my_app.inner", "gz", ["i.txt.gz"], call="listdir")
_case("my_app", "gz/page.html", "NotImplementedError", call="filename")
_case("my_app", "gz/page.html.gz", "path", call="filename")

# --- modules R of another tool, and broken ones
for _name in ("x", "../x", "a/../x", "a\\b", "x"):
    _case("of_another_tool", _name, b"found" if _name == "x" else "ValueError")
_case("broken_import", "x", "ImportError")
_case("broken_import_alike", "x", "ImportError")
_case("broken_import_ending", "x", "ImportError")
_case("broken_none", "x", "ImportError")
_case("broken_memory", "x", "MemoryError")
_case("broken_empty", "x", "ImportError")
_case("broken_value", "x", "ValueError")
_case("folder_named_r", "x", "ENOENT", needs=FILES)
_case("folder_named_r", "R/x.txt", b"in a folder named R", needs=FILES)
