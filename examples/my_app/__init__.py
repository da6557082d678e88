"""An app with a few resources, laid out as in MicroPython's documentation."""
