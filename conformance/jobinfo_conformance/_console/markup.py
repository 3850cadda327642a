"""Colour, on a terminal that shows it."""

from __future__ import annotations

import os
from typing import TextIO

from jobinfo_conformance._console.results import Markup, plain

_NAMES = {"purple": "magenta"}


def markup_of(stream: TextIO) -> Markup:
    """Return the markup for a stream: none if it is not a terminal, or the user wants no colour."""
    if not stream.isatty() and not os.environ.get("FORCE_COLOR"):
        return plain
    from rich.color import ColorSystem
    from rich.console import Console
    from rich.style import Style

    console = Console(file=stream)
    if not console.is_terminal or console.no_color:
        return plain

    def styled(text: str, **how: bool) -> str:
        style = " ".join(_NAMES.get(name, name) for name, is_wanted in how.items() if is_wanted)
        return Style.parse(style).render(text, color_system=ColorSystem.STANDARD)

    return styled
