"""The options of a run: what it may replace, whether it writes, what it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..limit import check
from ..progress import Progress
from .content import Tree
from .folder import replace_folder


def _none(label: str) -> Progress:
    return iter


class How(NamedTuple):
    """The options that all ways have."""

    force: bool = False
    """Replace what was changed by hand, too."""
    dry: bool = False
    """Write nothing."""
    progress: Callable[[str], Progress] = _none
    """Returns what shows the progress of a step, named in its argument."""
    limit: int | None = None
    """Bytes of flash that the app may take."""

    def check(self, sizes: Mapping[str, int], overhead: int = 0) -> None:
        """Raise TooLarge if files of these *sizes*, with *overhead*, are over the limit."""
        check(sizes, sum(sizes.values()) + overhead, self.limit)

    def sizes(self, tree: Tree) -> dict[str, int]:
        """Return the size in bytes of each file of *tree*, by its path."""
        names = self.progress("reading")(sorted(tree))
        return {name: sum(map(len, tree[name].pieces())) for name in names}

    def folder(self, path: str, tree: Tree) -> None:
        """Make the folder *path* hold *tree*, unless nothing is to be written."""
        if not self.dry:
            replace_folder(path, tree, force=self.force, progress=self.progress("writing"))

    def board(self, path: str, tree: Tree) -> dict[str, int]:
        """Make the folder *path* hold *tree*, all of which goes to flash; return the sizes.

        The record of the folder remembers files of earlier runs. Raises TooLarge before the
        folder is replaced.
        """
        if self.dry:
            sizes = self.sizes(tree)
            self.check(sizes)
            return sizes
        progress = self.progress("writing")
        return replace_folder(
            path, tree, force=self.force, progress=progress, check=self.check, remembers=True
        )
