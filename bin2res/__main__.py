"""``python -m bin2res``."""

from .commands import bin2res

bin2res()
