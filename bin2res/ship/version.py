"""The version of an app, which those ways of shipping need that carry its name."""

from __future__ import annotations

import re

from packaging.version import InvalidVersion, Version

from ..config import Config
from ..errors import Bin2resError, shown


def version_of(config: Config) -> str:
    """Return the version of the app. Raises Bin2resError where there is none to compare."""
    try:
        if not re.fullmatch(r"\S+", config.version):  # Version takes white space around it
            raise InvalidVersion
        Version(config.version)
    except InvalidVersion:
        what, fix = f"is {config.version!a}, no version", 'write one such as "1.0.0"'
        if config.has_dynamic_version and not config.version:
            what, fix = "is dynamic", "write the key version of [tool.pkgres], or type --version"
        raise Bin2resError(f"{shown(config.file)}: [project] version: {what}; {fix}") from None
    return config.version
