"""``python -m bin2res``."""

from .cli import main

main(prog_name="bin2res")
