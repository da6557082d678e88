"""The types of arguments that both commands have."""

from __future__ import annotations

import click

PATH = click.Path(readable=False)
"""A path, which shells complete. Whether it can be read is told where it is read."""
