"""Put a hash of each script and style into its name, and the names into the pages.

    python hash_names.py my_app/data

`app.3f2a91c0.js` becomes `app.HASH.js`, with the hash of what is in it now, and pages in the same
folder name it so. Run it after a change; call a new file `new.00000000.js` first. Nothing is
changed if a file would replace another, or if something else than a page names one. (vite,
esbuild and webpack do all of this by themselves.)
"""

import hashlib
import re
import shutil
import sys
import tempfile
from pathlib import Path


def main(folder: Path) -> None:
    names = hashed(folder)
    for path in folder.rglob("*"):
        new = names.get(path.name)
        if new not in (None, path.name) and (folder / new).exists():
            sys.exit(f"{path}: would replace {new}; remove the one that is old")
    pages = {}
    for path in folder.rglob("*"):
        if not path.is_file() or path.suffix not in (".html", ".css", ".js"):
            continue
        old = path.read_bytes()
        text = re.sub(rb"[\w.-]+", lambda m: names.get(m[0].decode(), m[0].decode()).encode(), old)
        if text != old and (path.suffix != ".html" or path.parent != folder):
            sys.exit(f"{path}: names one of these files; only pages in {folder} may")
        if text != old:
            pages[path] = text
    # Pages first, and each in one step: when this is stopped, the next run does the rest.
    for path, text in pages.items():
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as new:
            new.write(text)
        shutil.copymode(path, new.name)
        Path(new.name).replace(path)
    for name, new in names.items():
        if name != new:
            (folder / name).rename(folder / new)
            print(name, "->", new)


def hashed(folder: Path) -> dict[str, str]:
    """Return the name that each file is to have, by the name that it has."""
    names = {}
    for path in sorted(folder.iterdir()):
        found = re.fullmatch(r"([\w-]+)\.[0-9a-f]{8}\.(js|css)", path.name)
        if found:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            # The first eight digits with a letter and a digit among them: no number, no word.
            starts = (digest[i : i + 8] for i in range(len(digest)))
            part = next(p for p in starts if not p.isdigit() and not p.isalpha())
            names[path.name] = f"{found[1]}.{part}.{found[2]}"
    if len(set(names.values())) < len(names):
        sys.exit(f"{folder}: holds a file twice; remove one")
    return names


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("usage: python hash_names.py FOLDER")
    main(Path(sys.argv[1]))
