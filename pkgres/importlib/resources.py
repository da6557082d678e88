"""What ``import importlib.resources`` finds on a device: the calls of `pkgres.files`."""

from pkgres.files import (
    Traversable,
    as_file,
    contents,
    files,
    is_resource,
    open_binary,
    open_text,
    path,
    read_binary,
    read_text,
)
