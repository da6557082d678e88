"""How much flash frozen code takes on a 32-bit board: what MicroPython's mpy-tool makes of .mpy.

The format of .mpy: https://docs.micropython.org/en/latest/reference/mpyfiles.html and, in
MicroPython's source, py/persistentcode.c. A firmware build turns it into constants in C: byte
code as it is, a struct for each function, table and object, and each name that the firmware does
not know yet. Native code is a constant with a struct as well.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from importlib import resources

from .module import HASH

_WORD = 4  # bytes
_NAME = 7  # bytes of a name beside its text: a pointer, its length, its hash
_STR, _BYTES, _INT, _FLOAT, _COMPLEX, _TUPLE = range(5, 11)
_LONGEST_SMALL = 2**30
_STORED = 15  # bytes of byte code and tables that put a resource into the dict
_PYTHON, _ASM = 1, 3  # kinds of native code
_INTERNED = 25  # bytes; shorter strings become names


def flash_of(compiled: Iterable[bytes]) -> int:
    """Return the bytes of flash that .mpy files take when they are frozen together.

    Raises ValueError for what is not a .mpy file that mpy-cross made.
    """
    names: set[bytes] = set()
    texts: set[bytes] = set()
    size = 0
    for content in compiled:
        found = _Reader(content)
        size += found.size
        names |= found.names
        texts |= found.texts
    names -= {b"", *_known()}
    return size + _NAME * len(names) + _linked(texts | names)


def flash_of_resource(name: str, literals: Sequence[int]) -> int:
    """Return approximately how many bytes of flash a resource takes in a frozen module.

    *literals* are the sizes in bytes of the objects that it is.
    """
    text = len(name.encode())
    named = _NAME + text + 1 if text < _INTERNED else 4 * _WORD + text + 1
    objects = sum(size + 1 + 4 * _WORD for size in literals)
    if len(literals) > 1:
        objects += (2 + len(literals)) * _WORD
    return named + objects + _STORED + HASH


def names_of(compiled: bytes) -> set[bytes]:
    """Return the names in a .mpy file that are not MicroPython's own. Raises ValueError."""
    return _Reader(compiled).names


def _linked(texts: set[bytes]) -> int:
    """Return the bytes of texts as the linker lays them out: one may be the end of another."""
    backwards = sorted({text[::-1] for text in texts | _known()})
    following = [*backwards[1:], b""]
    new = {text[::-1] for text in texts - _known()}
    return sum(
        len(text) + 1
        for text, after in zip(backwards, following, strict=True)
        if text in new and not after.startswith(text)
    )


@functools.cache
def _known() -> frozenset[bytes]:
    text = (resources.files(__package__) / "firmware_names.txt").read_bytes()
    return frozenset(text.split())


class _Reader:
    """What is in one .mpy."""

    def __init__(self, content: bytes) -> None:
        if content[:2] != b"M\x06":
            raise ValueError("no .mpy of mpy-cross")
        self._content = content
        self._at = 4
        self.names: set[bytes] = set()
        self.texts: set[bytes] = set()
        """Texts without a NUL, which may be shared."""
        qstrs, objects = self._number(), self._number()
        source = b""
        for number in range(qstrs):
            length = self._number()
            if not length & 1:  # else it is one of MicroPython's own
                name = self._bytes(length >> 1)
                self._at += 1
                self.names.add(name)
                source = source if number else name
        self.size = 2 * qstrs + _WORD * objects
        self.size += len(source) + 1 + _WORD + 3 * _WORD  # among the names of frozen modules
        for _ in range(objects):
            self._object()
        self._code()

    def _number(self) -> int:
        value = 0
        while True:
            byte = self._content[self._at]
            self._at += 1
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                return value

    def _bytes(self, length: int) -> bytes:
        found = self._content[self._at : self._at + length]
        if len(found) < length:
            raise ValueError("a damaged .mpy")
        self._at += length
        return found

    def _object(self) -> None:
        kind = self._content[self._at]
        self._at += 1
        if kind < _STR:
            return
        length = self._number()
        if kind == _TUPLE:
            self.size += (2 + length) * _WORD
            for _ in range(length):
                self._object()
            return
        found = self._bytes(length)
        if kind in (_STR, _BYTES):
            self._at += 1
            if kind == _STR and (length < _INTERNED or found in self.names):
                self.names.add(found)
                return
            self.size += 4 * _WORD if length else 0
            if b"\0" in found:
                self.size += length + 1
            elif length:
                self.texts.add(found)
        elif kind == _INT:
            value = abs(int(found))
            if value >= _LONGEST_SMALL:
                self.size += 4 * _WORD + _aligned(-(-value.bit_length() // 16) * 2)
        elif kind == _FLOAT:
            self.size += 2 * _WORD
        else:
            self.size += 3 * _WORD

    def _code(self) -> None:
        head = self._number()
        kind = head & 3
        self.size += len(self._bytes(head >> 3))
        for _ in range(3 if kind == _ASM else min(kind, 1)):
            self._number()  # where its other tables begin, its flags, its arguments
        children = self._number() if head & 4 else 0
        if kind or children:
            self.size += (4 if kind == _ASM else 3) * _WORD
        if children:
            self.size += _WORD * (children + (kind == _PYTHON))
            for _ in range(children):
                self._code()


def _aligned(size: int) -> int:
    return -(-size // _WORD) * _WORD
