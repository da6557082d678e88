"""The arguments and options that both commands have."""

from __future__ import annotations

import click

PATH = click.Path(readable=False)
"""A path, which shells complete. Whether it can be read is told where it is read."""

NO_CACHE = click.option(
    "--no-cache",
    is_flag=True,
    help="Compress anew what was compressed before, and keep nothing in the user's cache.",
)
JSON = click.option(
    "--json", "json_wanted", is_flag=True, help="Report as JSON on standard output."
)
QUIET = click.option(
    "-q", "--quiet", is_flag=True, help="No report and no progress, only warnings and errors."
)
DEPFILE = click.option(
    "--depfile",
    type=PATH,
    metavar="FILE",
    help="Write what the output depends on to FILE, as a rule for make and ninja.",
)
