"""How a command ends: its report, its messages, its exit status."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator, Mapping

import click

from .errors import Bin2resError
from .limit import TooLarge


@contextlib.contextmanager
def exit_status(command: str) -> Iterator[None]:
    """Turn what is raised in the block into a message and an exit status.

    2: refused; 1: more than max-size; 130: Ctrl-C, as a shell has it.
    """
    try:
        yield
    except TooLarge as error:
        click.echo(f"{command}: {error}", err=True)
        sys.exit(1)
    except Bin2resError as error:
        for line in error.lines(command):
            click.echo(line, err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def report(
    command: str,
    data: Mapping[str, object],
    lines: Iterable[str],
    *,
    json_wanted: bool,
    quiet: bool,
    warnings: Iterable[str] = (),
) -> None:
    """Report: *data* as JSON on standard output if asked for, else *lines* on standard error.

    The *warnings* follow in any case.
    """
    if json_wanted:
        import json  # most runs do without

        click.echo(json.dumps(data, indent=2))
    elif not quiet:
        for line in lines:
            click.echo(line, err=True)
    for warning in warnings:
        click.echo(f"{command}: warning: {warning}", err=True)
