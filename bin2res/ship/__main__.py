"""Run the command as ``python -m bin2res.ship``."""

from .cli import main

main(prog_name="pkgres")
