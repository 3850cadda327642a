"""report.html: a single page that loads nothing else, and runs only its own script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._evidence.curl import curl
from jobinfo_conformance._finding import Finding
from jobinfo_conformance._left_behind import left_open
from jobinfo_conformance._reports.exchange_view import ExchangeView, views
from jobinfo_conformance._reports.sentences import objections, reservations, untested_reason
from jobinfo_conformance._reports.tally import Tally
from jobinfo_conformance._results.results import Judgement, Outcome, Results

_PAGE = Path(__file__).parent / "page"
_WORST_FIRST = (*reversed(Outcome), "known")
_DO_NOT_HOLD = (Outcome.ERROR, Outcome.FAIL, Outcome.WARN, "known")


@dataclass(frozen=True)
class MatrixLine:
    """A line of the matrix: the judgements of one requirement, in the order of the columns."""

    judgements: tuple[Judgement, ...]

    @property
    def first(self) -> Judgement:
        """The first of them; all say the same about the requirement itself."""
        return self.judgements[0]

    @property
    def outcomes(self) -> str:
        """Each outcome in the line, once."""
        return " ".join(sorted({judgement.shown for judgement in self.judgements}))

    def cell(self, form: str) -> Judgement | None:
        """Return the judgement in a serialization; None if the requirement is not about that one."""
        return next((judgement for judgement in self.judgements if judgement.serialization == form), None)


@dataclass(frozen=True)
class Family:
    """The part of the matrix on one family."""

    name: str
    extension: str | None
    tally: Tally
    lines: tuple[MatrixLine, ...]


@dataclass(frozen=True)
class Case:
    """Findings that the same exchanges show."""

    findings: tuple[Finding, ...]
    exchanges: tuple[ExchangeView, ...]
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Failure:
    """A requirement that does not hold in a serialization, and the cases that show it."""

    judgement: Judgement
    cases: tuple[Case, ...]


def as_html(results: Results) -> str:
    """Return the page: the verdict, what does not hold, and the matrix of all requirements."""
    environment = Environment(
        loader=FileSystemLoader(_PAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "line": in_line,
        "untested_reason": untested_reason,
        "words": _words,
        "anchor": _anchor,
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
        families=_families(judgements),
        failures=[
            _failure(judgement)
            for shown in _DO_NOT_HOLD
            for judgement in judgements
            if judgement.shown == shown and judgement.outcome is not Outcome.INCONCLUSIVE
        ],
        outcomes=[shown for shown in _WORST_FIRST if any(judgement.shown == shown for judgement in judgements)],
        forms=[form.value for form in Serialization],
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
    )
    return page + "\n"


def _families(judgements: Sequence[Judgement]) -> list[Family]:
    found = []
    for name, group in groupby(judgements, key=lambda judgement: judgement.family):
        members = list(group)
        lines = [MatrixLine(tuple(same)) for _, same in groupby(members, key=lambda judgement: judgement.id)]
        found.append(Family(name, members[0].extension, Tally.of(members), tuple(lines)))
    return found


def _failure(judgement: Judgement) -> Failure:
    cases = []
    for exchanges, group in groupby(judgement.findings, key=lambda finding: finding.exchanges):
        findings = tuple(group)
        shown = views(exchanges, [finding.where for finding in findings])
        cases.append(Case(findings, tuple(shown), tuple(curl(exchange.request) for exchange in exchanges)))
    return Failure(judgement, tuple(cases))


def _words(name: str) -> str:
    """Return an outcome or a verdict in words."""
    return name.replace("-", " ")


def _anchor(judgement: Judgement) -> str:
    """Return the id of a failure in the page."""
    return f"{judgement.id}/{judgement.serialization or 'both'}"


def _instant(instant: datetime) -> str:
    """Return an instant as people write it, to the second."""
    return f"{instant:%Y-%m-%d %H:%M:%S %Z}"


def _hash(text: str) -> str:
    """Return the hash by which a content security policy allows a script or a style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
