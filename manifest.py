# pkgres for a firmware build: include("/path/to/pkgres/manifest.py") in your own manifest.
#
# All its parts are taken. A board that does without some leaves them out,
# include("/path/to/pkgres/manifest.py", gz=False, static=False):
#
#   files   pkgres.files, and importlib.resources
#   gz      reads resources that are stored compressed
#   info    resource_buffer, resource_exists, resource_isdir, resource_listdir, resource_filename
#   mount   pkgres.mount, for code that opens files by path
#   static  pkgres.static.respond, for web frameworks

options.defaults(files=True, gz=True, info=True, mount=True, static=True)

parts = [part for part in ("files", "gz", "info", "mount", "static") if getattr(options, part)]
if options.files or options.mount or options.static:
    parts += ["folder", "where"]
if options.mount:
    parts.append("mounted")
if options.gz and options.mount:
    parts.append("text")
package("pkgres", files=["__init__.py"] + [part + ".py" for part in parts])
module("pkg_resources.py", base_path="pkgres")
if options.files:
    package("importlib", base_path="pkgres")
