"""Quoting for the commands that developers are to type."""

from __future__ import annotations

import re
import shlex

from .. import system


def exec_line(code: str) -> str:
    """Return the command that runs *code*, which may be of several lines, on a board."""
    return f"mpremote exec {quoted(f'exec({literal(code)})')}"


def literal(text: str) -> str:
    """Return *text* in Python, in quotes that the shell passes on."""
    escaped = text.encode("unicode_escape").decode().replace("'", r"\'").replace('"', r"\"")
    quote = "'" if system.IS_WINDOWS else '"'  # PowerShell takes no double quote in an argument
    return quote + escaped + quote


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
