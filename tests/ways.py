"""The other ways to read a resource, and which cases each can have.

Imported by the host's tests and by the program that runs on the device, so it is
plain Python for both.
"""

import app_files

PROGRAM = "run_through.py"
_STREAM = ("stream", "string")
_TELLING = ("exists", "isdir", "listdir")
_TEXT = _STREAM + _TELLING + ("lines", "readline", "two_lines", "readinto")
_BINARY = _TEXT + ("listdir_resources", "closed", "seek_tell")

# The calls of a case that each way has something for.
CALLS = {
    "buffer": _STREAM,
    "files": _BINARY,
    "files-text": _TEXT,
    "mount": _BINARY,
    "mount-text": _TEXT,
    "root": _BINARY,
    "root-text": _TEXT,
}


def by_path(way: str) -> bool:
    """Return whether a way reads a file by its path."""
    return way.startswith("mount") or way.startswith("root")


def has(way: str, case: tuple) -> bool:
    """Return whether a way has what a case asks for."""
    program, call, package, resource, expected, _ = case
    if program != app_files.SCRIPT or call not in CALLS[way]:
        return False
    # MicroPython ends the path of a file at a NUL.
    if by_path(way) and isinstance(resource, str) and "\0" in resource:
        return False
    # At every path there are other files above a package, and packages have no say.
    elsewhere = ".." in resource or (expected == "ImportError" and not package.startswith("broken"))
    # A file used as a folder is ENOTDIR to some filesystems.
    elsewhere = elsewhere or (call == "listdir" and resource == "data/page.html/x")
    # Nor is there anything at the path of a package without resources.
    elsewhere = elsewhere or package == "no_resources"
    return not (way.startswith("root") and elsewhere)
