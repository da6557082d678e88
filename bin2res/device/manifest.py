# pkgres for a firmware build: include() it in your own manifest, by the path that
# `pkgres manifest` prints, or by that of manifest.py in a clone.
#
# All parts of pkgres are taken. A board that does without some leaves them out,
# include("PATH", files=False, static=False):
#
#   files   pkgres.files, and importlib.resources
#   gz      reads resources that are stored compressed
#   info    resource_buffer, resource_exists, resource_filename, resource_isdir, resource_listdir
#   mount   pkgres.mount.mount, for code that opens files by path
#   pieces  reads resources of more than 100 KiB
#   root    pkgres.mount.root, for a program as it is
#   static  pkgres.static.respond, for web frameworks
#
# Manifests of apps that `pkgres freeze` writes can be included as well, in any order.

options.defaults(files=True, gz=True, info=True, mount=True, pieces=True, root=True, static=True)

optional = ("files", "gz", "info", "mount", "pieces", "root", "static")
parts = {part for part in optional if getattr(options, part)}
if options.gz or options.pieces or options.root or options.static:
    parts |= {"stream_calls", "streams"}
if options.files:
    parts |= {"folder", "info", "where"}
if options.mount or options.root:
    parts |= {"folder", "mount", "mounted", "where"}
if options.static:
    parts |= {"ranges", "where"}
if (options.gz or options.pieces) and (options.files or options.mount or options.root):
    parts |= {"text"}
package(
    "pkgres",
    base_path="../..",
    files=["__init__.py", "modules.py", *(part + ".py" for part in sorted(parts))],
)
module("pkg_resources.py", base_path="../../pkgres")
if options.files:
    package("importlib", base_path="../../pkgres")
include("once.py")
