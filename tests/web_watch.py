"""Runs on the device: the web example, with a page /watch that tells of its memory.

micropython web_watch.py PORT
"""

import gc
import sys

from my_app.web import app


class Stream:
    """A stream that is counted while it is open."""

    open = 0

    def __init__(self, stream):
        self._stream = stream
        Stream.open += 1

    def read(self, size):
        return self._stream.read(size)

    def close(self):
        if self._stream:
            self._stream.close()
            self._stream = None
            Stream.open -= 1


@app.after_request
def count(request, response):
    # Microdot sends no body for HEAD, and so does not close it.
    if hasattr(response.body, "read") and request.method != "HEAD":
        response.body = Stream(response.body)


@app.before_request
def watch(request):
    if request.path == "/watch":
        gc.collect()
        return {"allocated": gc.mem_alloc(), "open": Stream.open}
    return None


app.run(port=int(sys.argv[1]))
