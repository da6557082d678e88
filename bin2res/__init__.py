"""Turn files into the Python module from which `pkgres` serves them.

import bin2res
bin2res.bundle(["data"], directory="my_app")      # writes my_app/R.py
"""

from .bundle import Bundle, bundle, differences
from .errors import Bin2resError

__all__ = ["Bin2resError", "Bundle", "bundle", "differences"]
