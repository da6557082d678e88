"""Put a hash of each script and style into its name, and the names into the pages.

    python hash_names.py my_app/data

`app.3f2a91c0.js` becomes `app.HASH.js`, with the hash of what is in it now, and pages in the same
folder name it so. Run it after a change. (vite, esbuild and webpack do this by themselves.)
"""

import hashlib
import re
import sys
from pathlib import Path


def main(folder: Path) -> None:
    names = {}
    for path in sorted(folder.iterdir()):
        found = re.fullmatch(r"([\w-]+)\.[0-9a-f]{8}\.(js|css)", path.name)
        if found:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            # The first eight digits with a letter and a digit among them: no number, no word.
            starts = (digest[i : i + 8] for i in range(len(digest)))
            part = next(p for p in starts if not p.isdigit() and not p.isalpha())
            names[path.name] = f"{found[1]}.{part}.{found[2]}"
    for page in folder.glob("*.html"):
        text = old = page.read_text("utf-8")
        for name, new in names.items():
            text = text.replace(name, new)
        if text != old:
            page.write_text(text, "utf-8")
    for name, new in names.items():
        if name != new:
            (folder / name).rename(folder / new)
            print(name, "->", new)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
