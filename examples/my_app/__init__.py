"""An app with two resources, laid out as in MicroPython's documentation."""
