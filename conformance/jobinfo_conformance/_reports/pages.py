"""A page in a single file: it loads nothing else, and runs only its own script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from jobinfo_conformance._escaping import in_line, quoted, shortened
from jobinfo_conformance._reports.sentences import untested_reason

_FOLDER = Path(__file__).parent / "page"
#: The longest text in a line, in characters.
_LONGEST = 1000
#: The longest text beside a heading, in characters.
_SHORT = 60


@dataclass(frozen=True)
class Page:
    """A template with the styles and scripts that it takes, all of them files in page/."""

    template: str
    styles: Sequence[str]
    scripts: Sequence[str]

    def rendered(self, **values: object) -> str:
        """Return the page with these values, which are escaped wherever they stand."""
        style, script = _joined(self.styles), _joined(self.scripts)
        return (
            _environment()
            .get_template(self.template)
            .render(style=style, style_hash=_hash(style), script=script, script_hash=_hash(script), **values)
            + "\n"
        )


@cache
def _environment() -> Environment:
    """What compiles each template, once in a process."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= _FILTERS
    return environment


def _joined(names: Sequence[str]) -> Markup:
    """Return files in page/ as they are: they are our own."""
    return Markup("\n").join(Markup((_FOLDER / name).read_text("utf-8")) for name in names)  # noqa: S704  # our own


def _hash(text: str) -> str:
    """Return the hash by which a content security policy allows a script or a style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _line(text: str) -> str:
    """Return a text in one line, shortened."""
    return in_line(shortened(text, _LONGEST))


def _short(text: str) -> str:
    """Return the beginning of a text in one line."""
    return quoted(text, _SHORT) if len(text) > _SHORT else in_line(text)


def _words(name: str) -> str:
    """Return an outcome or a verdict in words."""
    return name.replace("-", " ")


def _instant(instant: datetime) -> str:
    """Return an instant as people write it, to the second."""
    return f"{instant:%Y-%m-%d %H:%M:%S %Z}"


_FILTERS: Mapping[str, Callable[..., str]] = {
    "line": _line,
    "short": _short,
    "untested_reason": untested_reason,
    "words": _words,
    "instant": _instant,
}
