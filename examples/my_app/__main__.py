"""Show the app's resources: a page read here, an image read in `utils`."""

import pkgres as pkg_resources
from my_app import utils


def main():
    with pkg_resources.resource_stream(__name__, "data/page.html") as page:
        utils.show("data/page.html", page.read())
    utils.show("data/image.png", utils.image())


main()
