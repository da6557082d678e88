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
}


def has(way: str, case: tuple) -> bool:
    """Return whether a way has what a case asks for."""
    program, call, _, resource, _, _ = case
    if program != app_files.SCRIPT or call not in CALLS[way]:
        return False
    # MicroPython ends the path of a file at a NUL.
    return not (way.startswith("mount") and isinstance(resource, str) and "\0" in resource)
