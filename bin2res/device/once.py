# The manifests of pkgres end with include("once.py"), so that a firmware has each file once:
# two apps may both bring pkgres, and the board may freeze a dependency of an app.
import os
import re


def read(file):
    with open(file.full_path, "rb") as stream:
        # The index of micropython-lib adds the version of the package to its code.
        return re.sub(rb"\n__version__ = .*\n\Z", b"", stream.read()).rstrip()


files = include.__self__.files()  # what all manifests until here freeze
once = {}
for file in files:
    name = os.path.splitext(file.target_path.replace("\\", "/"))[0]
    other = once.setdefault(name, file)
    if other is not file and read(other) != read(file):
        both = f"{file.target_path}: {other.full_path} and {file.full_path}"
        raise ValueError(f"{both} differ; use one version of it, or rename or remove one")
files[:] = once.values()
