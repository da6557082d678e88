"""Quoting for the commands that developers are to type."""

from __future__ import annotations

import re
import shlex

from .. import system


def quoted(text: str) -> str:
    """Return *text* as one argument of a command to type.

    On Windows both cmd.exe and PowerShell take it, if there is no double quote in it.
    """
    if not system.IS_WINDOWS:
        return shlex.quote(text)
    if re.fullmatch(r"[\w@+=:./\\-]+", text, re.ASCII):
        return text
    # By the rules of Microsoft's C library: backslashes count only before a double quote.
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', text)
    return '"' + re.sub(r"(\\+)$", r"\1\1", escaped) + '"'
