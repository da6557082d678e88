"""``python -m bin2res.ship``: the command pkgres."""

from ..commands import pkgres

pkgres()
