"""Handle signals: clean up, then end as the signal would have."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from types import FrameType

# Windows has no SIGHUP, and others have no SIGBREAK: Ctrl-Break, a closed console.
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
_IS_WINDOWS = os.name == "nt"  # not that of system: nothing is loaded before this
_STATUS_CONTROL_C_EXIT = 0xC000013A - (1 << 32)  # of Windows, as a signed number
_cleaning: list[Callable[[], object]] = []


def listen() -> None:
    """On Ctrl-C and other signals that end a program, clean up and print nothing.

    A signal that was ignored when the program started stays ignored.
    """
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


@contextlib.contextmanager
def cleaning(clean: Callable[[], object]) -> Iterator[None]:
    """Have *clean* called if a signal ends the program within the block.

    It may be called between any two steps of the block, which does not go on.
    """
    _cleaning.append(clean)
    try:
        yield
    finally:
        _cleaning.remove(clean)


def _stop(number: int, frame: FrameType | None) -> None:
    for clean in reversed(_cleaning):
        with contextlib.suppress(Exception):
            clean()
    if _IS_WINDOWS:
        # os.kill() would end it with the number as its exit status, and 2 means refused.
        os._exit(_STATUS_CONTROL_C_EXIT)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
