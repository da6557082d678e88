"""Turn files into the Python module from which `pkgres` serves them.

import bin2res
bin2res.bundle(["data"], directory="my_app")      # writes my_app/R.py
"""

from .bundle import Bundle, Form, bundle, differences
from .errors import Bin2resError

__all__ = ["Bin2resError", "Bundle", "Form", "bundle", "differences"]
