"""The pictures of the README and of the documents: ``python bench/pictures.py``.

Runs the suite on the reference with a fault, as a user does, and writes what the terminal shows and what the page of the
report shows to docs/images. Takes Chromium and playwright.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.text import Text

IMAGES = Path(__file__).parent.parent / "docs" / "images"
COMMAND = ["jobinfo-conformance", "run", "reference:closes-every-job", "--report", "report"]
#: How many characters a line of the terminal holds.
COLUMNS = 126
#: What the page is looked at in, in pixels.
WIDTH, HEIGHT = 1100, 760


def main() -> int:
    """Write both pictures, and say where they are."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("Chromium is not here: apt-get install chromium", file=sys.stderr)
        return 2
    IMAGES.mkdir(exist_ok=True)
    with TemporaryDirectory() as name:
        folder = Path(name)
        said = subprocess.run(
            [sys.executable, "-m", "jobinfo_conformance", *COMMAND[1:]],
            cwd=folder,
            env={**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(COLUMNS)},
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        (IMAGES / "terminal.svg").write_text(terminal(said), "utf-8")
        photograph(folder / "report" / "report.html", chromium)
    print(f"written: {IMAGES / 'terminal.svg'}, {IMAGES / 'page.png'}")
    return 0


def terminal(said: str) -> str:
    """A picture of a terminal in which the command was called and said this; in the viewer's font, so that none is fetched."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, legacy_windows=False)
        console.print(Text.assemble(("$ ", "bold green"), " ".join(COMMAND)))
        console.print(Text.from_ansi(re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8080", said)))
    picture = console.export_svg(title="jobinfo-conformance", unique_id="terminal")
    return re.sub(r"\s*@font-face \{.*?\}", "", picture, flags=re.DOTALL).replace("Fira Code, monospace", "monospace")


def photograph(page: Path, chromium: str) -> None:
    """Keep what the beginning of a page looks like."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        view = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=1.5)
        view.goto(page.as_uri())
        view.screenshot(path=IMAGES / "page.png")
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
