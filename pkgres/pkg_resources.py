"""What ``import pkg_resources`` finds on a device: the calls of `pkgres`."""

from pkgres import __getattr__, invalidate_caches, resource_stream, resource_string
