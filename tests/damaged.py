"""Runs on the device: reads gzip streams that were damaged, and counts what came of it.

    import damaged
    damaged.run(5000, ("a.gz", "b.gz"))

prints how many gave the right bytes and how many an error; anything else, as it comes.
"""

import errno
import io

from pkgres.gz import Inflated

# A linear congruential generator: the same damage on every runtime.
_seed = 1


def _random(below):
    global _seed
    _seed = (_seed * 69069 + 1) & 0x3FFFFFFF
    return (_seed >> 8) % below


def _cut(data):
    return data[: _random(len(data))]


def _flip(data):
    data = bytearray(data)
    for _ in range(1 + _random(3)):
        data[_random(len(data))] ^= 1 << _random(8)
    return data


def _grow(data):
    at = (_random(len(data)), len(data))[_random(2)]
    return data[:at] + bytes([_random(256) for _ in range(1 + _random(40))]) + data[at:]


def run(times, names):
    """Damage the gzip files *names*, whose content is in the files without .gz."""
    good = []
    for name in names:
        with open(name, "rb") as file, open(name[:-3], "rb") as inside:
            good.append((file.read(), inside.read()))
    right = failed = 0
    for number in range(times):
        data, content = good[number % len(good)]
        try:
            if _is_right((_cut, _flip, _grow)[_random(3)](data), content):
                right += 1
            else:
                print(number, "gave wrong bytes and no error")
        except OSError as e:
            failed += 1
            if e.errno != errno.EIO:
                print(number, "gave", repr(e))
    print(right, "right,", failed, "failed")


def _is_right(data, content):
    # Compared as it comes: a flipped bit may make a stream much longer.
    size, same = 0, True
    way = _random(3)
    buffer = bytearray(1 + _random(512))
    with Inflated(io.BytesIO(data), "damaged") as stream:
        while True:
            if way == 0:
                piece = stream.read(len(buffer))
            elif way == 1:
                piece = stream.readline()
            else:
                piece = memoryview(buffer)[: stream.readinto(buffer)]
            if not len(piece):
                return same and size == len(content)
            same = same and piece == content[size : size + len(piece)]
            size += len(piece)
