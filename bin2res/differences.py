"""What making a resource module again would change, resource by resource."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from .bundling import in_form, module_of
from .errors import Bin2resError, reason, shown
from .form import Target
from .progress import Progress
from .stored import Stored

# The line of a resource, or in a table the comment that stands on the line before.
_RESOURCE_LINE = re.compile(rb"""(?:# )?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(: \(?b'|$)""")


def differences(
    stored: Mapping[str, Stored], target: Target, progress: Progress = iter
) -> list[str]:
    """Return what writing the module of what is stored would change, a line each.

    Nothing is written. The list is empty if the file would stay the same, byte for byte. *target*
    is a path. Raises Bin2resError.
    """
    path = target.path()
    assert path is not None
    module = module_of(stored, target.form, progress)
    try:
        with open(path, "rb") as stream:
            if target.form.mpy:
                new = b"".join(in_form(module, target))
                return [] if stream.read() == new else [f"{shown(path)}: has changed"]
            old = _fingerprints(stream)
    except FileNotFoundError:
        return [f"{shown(path)}: does not exist"]
    except OSError as error:
        raise Bin2resError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    return [f"{shown(path)}: {line}" for line in _compared(old, _fingerprints(module))]


def _fingerprints(pieces: Iterable[bytes]) -> dict[str, bytes]:
    """Return a hash of each resource's bytes by name, and of the whole module by ``""``.

    *pieces* are those of a module, or the lines of its file.
    """
    import ast  # as much to import as the rest of this package, and only needed here

    found: dict[str, bytes] = {}
    whole = hashlib.sha256()
    lines = _lines(pieces)
    for line in lines:
        whole.update(line)
        match = _RESOURCE_LINE.match(line)
        if not match:
            continue
        if match[2]:
            line = line[match.start(2) + 2 :]
        else:
            line = next(lines, b"")
            whole.update(line)
        # Any text may be in a file that is not ours.
        with contextlib.suppress(SyntaxError, UnicodeDecodeError):
            name = ast.literal_eval(match[1].decode("ascii"))
            found[name] = hashlib.sha256(line).digest()
    found[""] = whole.digest()
    return found


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    line: list[bytes] = []
    for piece in pieces:
        line.append(piece)
        if piece.endswith(b"\n"):
            yield from b"".join(line).splitlines(keepends=True)
            line.clear()
    yield b"".join(line)


def _compared(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Iterator[str]:
    if old[""] == new[""]:
        return
    changed = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    for name in changed[1:]:
        if name not in old:
            yield f"lacks {name!a}"
        elif name not in new:
            yield f"holds {name!a}, which does not exist any more"
        else:
            yield f"{name!a} has changed"
    if changed == [""]:
        yield "holds the same resources in another form"
