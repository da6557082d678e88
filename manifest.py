# pkgres for a firmware build: include("/path/to/pkgres/manifest.py") in your own manifest.
#
# All its parts are taken. A board that does without some leaves them out,
# include("/path/to/pkgres/manifest.py", gz=False, static=False):
#
#   gz      reads resources that are stored compressed
#   info    resource_exists, resource_isdir, resource_listdir, resource_filename
#   static  pkgres.static.respond, for web frameworks

options.defaults(gz=True, info=True, static=True)

parts = [part + ".py" for part in ("gz", "info", "static") if getattr(options, part)]
package("pkgres", files=["__init__.py", *parts])
module("pkg_resources.py", base_path="pkgres")
