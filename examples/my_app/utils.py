"""The image of the app, and how a resource is shown."""

# On a device plain `import pkg_resources` does, too. On a PC that name may be
# setuptools' own, or nobody's; pkgres is ours wherever it runs.
import pkgres as pkg_resources


def image():
    with pkg_resources.resource_stream(__name__, "data/image.png") as stream:
        return stream.read()


def show(name, content):
    print(name, len(content), "bytes, starts with", content[:15])
