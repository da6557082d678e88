"""What the board tells of itself: add the values of your own sensors here."""

import gc
import sys
import time

_started = time.time()
if not hasattr(gc, "mem_alloc"):  # CPython
    import tracemalloc

    tracemalloc.start()


def values():
    """Return the values as a dict: sizes in bytes, times in seconds."""
    runtime = sys.implementation
    found = {
        "runtime": "{} {}.{}.{}".format(runtime.name, *runtime.version),
        "platform": sys.platform,
        "uptime": time.time() - _started,
    }
    if hasattr(gc, "mem_alloc"):
        found["used"] = gc.mem_alloc()
        found["free"] = gc.mem_free()
    else:
        found["used"] = tracemalloc.get_traced_memory()[0]
    return found
