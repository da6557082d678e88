"""What making a resource module again would change, resource by resource."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from .bundling import in_form, module_of, text_of
from .contents import contents_in, is_same_program
from .encode import BEST, window_of
from .errors import Bin2resError, reason, shown
from .form import Form, Target
from .module import FORMAT, Resource
from .progress import Progress
from .stored import Stored, immutable_names

_INFLATES_GZIP = 16 + zlib.MAX_WBITS


def differences(
    stored: Mapping[str, Stored], target: Target, progress: Progress = iter
) -> list[str]:
    """Return what writing the module of what is stored would change, a line each.

    Nothing is written. The list is empty if the file would stay the same, byte for byte, or but
    for gzip data of another zlib that inflate to the same bytes. *target* is a path. Raises
    Bin2resError.
    """
    path = target.path()
    assert path is not None
    module = module_of(stored, target.form, progress)
    try:
        with open(path, "rb") as stream:
            if _holds(stream, in_form(module, target)):
                return []
            if target.form.mpy:
                return [f"{shown(path)}: has changed"]
            stream.seek(0)
            text = stream.read()
    except FileNotFoundError:
        return [f"{shown(path)}: does not exist"]
    except OSError as error:
        raise Bin2resError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    return [f"{shown(path)}: {line}" for line in _compare(text, stored, target.form)]


def _holds(stream: BinaryIO, pieces: Iterable[bytes]) -> bool:
    return all(stream.read(len(piece)) == piece for piece in pieces) and not stream.read(1)


def _compare(text: bytes, stored: Mapping[str, Stored], form: Form) -> Iterator[str]:
    old = contents_in(text)
    is_changed = False
    for name in sorted(old.keys() | stored.keys()):
        if name not in old:
            line = f"lacks {name!a}"
        elif name not in stored:
            line = f"holds {name!a}, which does not exist any more"
        elif not _is_alike(old[name], stored[name]):
            line = f"{name!a} has changed"
        else:
            continue
        is_changed = True
        yield line
    if is_changed:
        return
    resources = (Resource(n, old[n], len(old[n]) > r.whole) for n, r in sorted(stored.items()))
    expected = b"".join(text_of(resources, form, immutable_names(stored)))
    if text == expected:
        return
    if text.replace(b"\r\n", b"\n") == expected:
        yield (
            "has Windows line endings; write `R.py text eol=lf` to .gitattributes, and run bin2res"
        )
    elif not is_same_program(text, expected):
        yield "holds the same resources in another form"
    elif FORMAT in text:
        yield "was reformatted; exclude it from the formatter, and run bin2res"
    else:
        yield "was reformatted, or made by an older bin2res; run bin2res"


def _is_alike(old: bytes, new: Stored) -> bool:
    """Return whether old content serves as well: the same bytes, or the same once inflated.

    The gzip data of two versions of zlib may differ. Old data may not need a larger window.
    """
    content = new.content()
    if old == content:
        return True
    if new.gzip is None or old[:4] != content[:4]:
        return False
    if new.gzip.window != BEST and window_of(old) > new.gzip.window:
        return False
    try:
        return zlib.decompress(old, _INFLATES_GZIP) == zlib.decompress(content, _INFLATES_GZIP)
    except zlib.error:
        return False
