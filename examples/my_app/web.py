"""The app as a web UI: python -m my_app.web [PORT]"""

import sys

from microdot import Microdot

from pkgres.static import respond

app = Microdot()


@app.get("/about.json")
async def about(request):
    runtime = sys.implementation
    return {"name": runtime.name, "version": "{}.{}.{}".format(*runtime.version)}


@app.get("/")
@app.get("/<path:path>")
async def resource(request, path="page.html"):
    return respond(__name__, "data/" + path, request.headers, request.method)


if __name__ == "__main__":
    app.run(port=int((sys.argv[1:] or ["8000"])[0]))
