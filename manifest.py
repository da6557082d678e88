# pkgres for a firmware build: include("/path/to/pkgres/manifest.py") in your own manifest. The
# manifest proper, which says what the options are, is part of the installed tool as well.

options.defaults(files=True, gz=True, info=True, mount=True, pieces=True, root=True, static=True)
include(
    "bin2res/device/manifest.py",
    files=options.files,
    gz=options.gz,
    info=options.info,
    mount=options.mount,
    pieces=options.pieces,
    root=options.root,
    static=options.static,
)
