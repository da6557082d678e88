"""An app as it is shipped: its code, and its resources in the form they are stored in."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .choice import Rules, patterns
from .code import OURS, code_below
from .compress import Compressor
from .config import EVERYTHING, FILE, Config, find, read
from .encode import Window
from .errors import Bin2resError, NothingFound, Problems, shown
from .exclusions import check_exclude
from .keys import Folder
from .left_out import UNASKED
from .loadable import check_loadable
from .patterns import spec_of
from .select import select
from .stored import Stored, store


class App(NamedTuple):
    """What is in the folder of an app; names are relative to it, with ``/``."""

    config: Config
    code: dict[str, str]
    """Path of each file of code, by name, sorted."""
    resources: dict[str, Stored]
    """What each resource is stored as, by the name it is stored under, sorted."""
    left: dict[str, str]
    """Why something was left out, by name, sorted; a folder's name ends with ``/``."""


def load(config: Config, compressor: Compressor = Compressor()) -> App:  # noqa: B008 - immutable
    """Return the app that *config* describes.

    Raises Bin2resError, naming the file and the key, for a pattern that matches nothing
    and for what cannot be taken.
    """
    check_exclude(
        patterns(config.exclude, config.key("exclude")), config.directory, config.elsewhere()
    )
    problems = Problems()
    code: dict[str, str] = {}
    left: dict[str, str] = {}
    found: dict[str, Stored] = {}
    with problems.noted():
        code, left = code_below(
            config.directory,
            is_project=config.is_project,
            exclude=config.exclude,
            key=config.key("exclude"),
        )
    with problems.noted():
        found = resources(config, left, compressor)
    # A resource may have the suffix of code.
    paths = {os.path.abspath(resource.path) for resource in found.values()}
    code = {name: path for name, path in code.items() if os.path.abspath(path) not in paths}
    for name, path in code.items():
        with problems.noted():
            check_loadable(path, name)
    problems.check()
    if not code:
        raise Bin2resError(f"{shown(config.directory)}: holds no code; name the folder of the code")
    return App(config, code, found, dict(sorted(left.items())))


def resources(
    config: Config,
    left: dict[str, str] | None = None,
    compressor: Compressor = Compressor(),  # noqa: B008 - it is immutable
    *,
    exclude: Sequence[str] = (),
    leave_out: Sequence[str] = (),
    rules: Rules | None = None,
) -> dict[str, Stored]:
    """Return what each resource is stored as, by the name it is stored under, sorted.

    *left* is filled with what was left out, and why. *exclude* are more patterns than those of the
    description, *leave_out* paths, *rules* take the place of its own. Raises Bin2resError like
    `load`.
    """
    files: dict[str, str] = {}
    problems = Problems()
    for pattern in config.resources:
        try:
            if isinstance(pattern, Folder):
                selected = _files_elsewhere(config, pattern, (*config.exclude, *exclude))
            else:
                selected = select(
                    [pattern],
                    config.directory,
                    (*config.exclude, *exclude),
                    leave_out,
                    also_in=(),
                    unasked=(*UNASKED, *OURS) if config.is_project else (),
                    left=left,
                )
            _check_names(files, selected)
            files |= selected
        except Bin2resError as error:
            if config.resources == EVERYTHING and isinstance(error, NothingFound):
                break  # an app need not have resources
            with problems.noted():
                raise error.about(config.key("resources")) from error
    problems.check()
    if not files:
        return {}
    return store(files, rules or config.rules, compressor)


def _files_elsewhere(config: Config, folder: Folder, exclude: Sequence[str]) -> dict[str, str]:
    """Return the path of each file in a folder elsewhere, by its name in the package."""
    path = config.path_of(folder)
    if not os.path.isdir(path):
        raise Bin2resError(
            f"{shown(path)}: is not a folder; run the build that makes it, or fix the path"
        )
    prefix = f"{folder.name}/".lstrip("/")
    names = {prefix + name: file for name, file in select(["."], path).items()}
    if not exclude:
        return names
    is_excluded = spec_of(config.key("exclude"), exclude).match_file
    return {name: file for name, file in names.items() if not is_excluded(name)}


def _check_names(files: Mapping[str, str], more: Mapping[str, str]) -> None:
    for name in files.keys() & more.keys():
        if not os.path.samefile(files[name], more[name]):
            raise Bin2resError(
                f"{shown(files[name])}, {shown(more[name])}: both would be {name}; rename one"
            )


def described_resources(
    folder: str,
    exclude: Sequence[str],
    rules: Rules,
    window: Window | None,
    compressor: Compressor,
    output: str | None = None,
) -> tuple[dict[str, Stored], str, int | None]:
    """Return the resources of the app described in *folder* or above, its package folder, and
    the bytes of flash that they may take.

    The patterns *exclude* and the *rules* are added to those of the description, *window*
    replaces its own. The file *output* is no resource. Raises Bin2resError if there is no
    description, and like `load`.
    """
    file = find(folder)
    if file is None:
        raise Bin2resError(
            f"no PATHS, and no {FILE} with a table [tool.pkgres] here or above; name the files"
        )
    config = read(file)
    excluded = patterns(config.exclude, config.key("exclude")), patterns(exclude, "-x")
    check_exclude([*excluded[0], *excluded[1]], config.directory, config.elsewhere())
    rules = Rules(
        (*config.gzip, *rules.gzip),
        window or config.gzip_window,
        (*config.rules.whole, *rules.whole),
        (*config.rules.immutable, *rules.immutable),
    )
    found = resources(
        config,
        compressor=compressor,
        exclude=exclude,
        leave_out=[output] if output else [],
        rules=rules,
    )
    if not found:
        raise Bin2resError(f"{config.key('resources')}: there is none in {shown(config.directory)}")
    return found, config.directory, config.limit("bin2res")
