# pkgres for a firmware build: include("/path/to/pkgres/manifest.py") in your own manifest.

package("pkgres", files=("__init__.py", "gz.py", "info.py", "static.py"))
module("pkg_resources.py", base_path="pkgres")
