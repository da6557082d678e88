"""How a run goes: what it may replace, whether it writes, what it shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

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

    def folder(self, path: str, tree: Tree) -> dict[str, int]:
        """Make the folder *path* hold *tree*, unless nothing is to be written; return the sizes."""
        progress = self.progress("writing")
        if self.dry:
            return {name: sum(map(len, tree[name].pieces())) for name in progress(sorted(tree))}
        return replace_folder(path, tree, force=self.force, progress=progress)
