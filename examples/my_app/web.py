"""The app as a web UI: python -m my_app.web [PORT]"""

import gc
import sys

from microdot import Microdot

from my_app import board
from pkgres.static import respond

app = Microdot()


@app.get("/api/board")
async def values(request):
    return board.values()


@app.post("/api/collect")
async def collect(request):
    gc.collect()
    return board.values()


@app.get("/")
@app.get("/<path:path>")
async def resource(request, path=""):
    page = "data/page.html"  # for / and /about, which it tells apart itself
    return respond(__name__, "data/" + path, request.headers, request.method, fallback=page)


if __name__ == "__main__":
    port = (sys.argv[1:] or ["8000"])[0]
    if not port.isdigit():
        sys.exit("usage: python -m my_app.web [PORT]")
    port = int(port)
    print(f"Open http://127.0.0.1:{port}/", file=sys.stderr)  # at once, into a pipe as well
    app.run(port=port)
