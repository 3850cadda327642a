"""Tables in docs that commands write, each between the comments ``<!-- NAME -->`` and ``<!-- end of NAME -->``."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def text_between(document: Path, name: str) -> str:
    """Return what stands between the comments of a name. Raises ValueError if there are none."""
    return _parts(document, name)[1]


def write_between(document: Path, name: str, text: str) -> None:
    """Put a text between the comments of a name. Raises ValueError if there are none."""
    before, _, after = _parts(document, name)
    document.write_text(f"{before}\n{text}\n\n{after}", "utf-8")


def _parts(document: Path, name: str) -> tuple[str, str, str]:
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, begun, rest = document.read_text("utf-8").partition(begin)
    text, ended, after = rest.partition(end)
    if not begun or not ended:
        raise ValueError(f"{document.name} has no place for {name}")
    return before + begun, text, ended + after
