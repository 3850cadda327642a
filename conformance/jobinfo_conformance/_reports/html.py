"""report.html: a single page that loads nothing else, and runs only its own script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._escaping import in_line, quoted
from jobinfo_conformance._left_behind import left_open
from jobinfo_conformance._reports.evidence_view import evidence
from jobinfo_conformance._reports.grid import families, levels_of, outcomes_of
from jobinfo_conformance._reports.later import later_heading, later_lines
from jobinfo_conformance._reports.problem_text import told
from jobinfo_conformance._reports.sentences import objections, reservations, untested_reason
from jobinfo_conformance._reports.tally import Tally
from jobinfo_conformance._reports.untested import untested
from jobinfo_conformance._reproduction.script import Script
from jobinfo_conformance._results.results import Outcome, Results

_PAGE = Path(__file__).parent / "page"
#: The longest text in a line, in characters.
_LONGEST = 1000
#: The longest text beside a heading, in characters.
_SHORT = 60


def as_html(results: Results, scripts: Mapping[int, Script] | None = None) -> str:
    """Return the page: the verdict, the problems, a grid of all requirements, and the evidence.

    ``scripts`` are those that show problems again, by the numbers of the problems. The size of the page is bounded, whatever
    a target answered: bodies and scripts are shortened, and of many exchanges only the first and the last are shown.
    """
    environment = Environment(
        loader=FileSystemLoader(_PAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "line": _line,
        "short": _short,
        "untested_reason": untested_reason,
        "words": _words,
        "instant": _instant,
    }
    style, script = (Markup((_PAGE / name).read_text("utf-8")) for name in ("report.css", "report.js"))  # noqa: S704  # our own
    judgements = results.requirements
    page = environment.get_template("report.html").render(
        results=results,
        tally=Tally.of(judgements),
        left_open=list(left_open(results)),
        objections=list(objections(results)),
        reservations=list(reservations(results)),
        errors=[judgement for judgement in judgements if judgement.outcome is Outcome.ERROR],
        found=_found(results),
        problems=evidence(results, scripts or {}),
        families=families(judgements),
        outcomes=outcomes_of(judgements),
        levels=levels_of(judgements),
        untested=list(untested(results, outcomes=[Outcome.INCONCLUSIVE])),
        later_heading=later_heading(results).capitalize(),
        later=list(later_lines(results)),
        forms=[form.value for form in Serialization],
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
    )
    return page + "\n"


def _found(results: Results) -> str:
    """Return how many problems there are, and how many more are known."""
    new = len(told(results))
    known = len(results.problems) - new
    found = "No problem found" if not new else "1 problem" if new == 1 else f"{new} problems"
    return f"{found}, {known} known" if known else found


def _line(text: str) -> str:
    """Return a text in one line, shortened."""
    return in_line(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)")


def _short(text: str) -> str:
    """Return the beginning of a text in one line."""
    return quoted(text, _SHORT) if len(text) > _SHORT else in_line(text)


def _words(name: str) -> str:
    """Return an outcome or a verdict in words."""
    return name.replace("-", " ")


def _instant(instant: datetime) -> str:
    """Return an instant as people write it, to the second."""
    return f"{instant:%Y-%m-%d %H:%M:%S %Z}"


def _hash(text: str) -> str:
    """Return the hash by which a content security policy allows a script or a style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
