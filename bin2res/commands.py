"""The entry points of the commands bin2res and pkgres.

Signals are handled first: importing the rest takes most of the time of many runs, and Ctrl-C
ends those without a traceback.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable

from . import stop


def bin2res() -> None:
    """Run the command bin2res."""
    _run("bin2res")


def pkgres() -> None:
    """Run the command pkgres."""
    _run("pkgres")


def _run(name: str) -> None:
    stop.listen()
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        # A path may have characters that a code page of Windows lacks.
        sys.stdout.reconfigure(errors="backslashreplace")
    main: Callable[..., object]
    if name == "pkgres":
        from .ship.cli import main
    else:
        from .cli import main
    status: object = 0
    try:
        try:
            # Patterns are expanded here, by the same rules on each system.
            main(prog_name=name, windows_expand_args=False)
        except SystemExit as end:
            status = end.code
        if sys.stdout is not None:  # it may be closed
            try:
                sys.stdout.flush()
            except OSError:
                if status in (0, None):
                    raise
                _leave(int(str(status)))  # the error was told
    except BrokenPipeError:  # the reader closed the pipe
        _leave(1)
    except OSError as error:
        # Of a file, it is an error that should have been told where it came from. Otherwise it is
        # one of standard output or error.
        from .errors import printable, reason  # not before signals are handled

        file = error.filename
        where = "the output cannot be shown" if file is None else printable(os.fsdecode(file))
        with contextlib.suppress(OSError, AttributeError):  # standard error may be closed, too
            sys.stderr.write(f"{name}: {where}: {reason(error)}\n")
        _leave(1 if file is None else 2)
    sys.exit(status)  # type: ignore[arg-type]


def _leave(status: int) -> None:
    # Not sys.exit(): Python would try again to write what is left.
    os._exit(status)
