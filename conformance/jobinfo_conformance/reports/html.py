"""report.html: one page that needs nothing beside it, and runs nothing but its own script."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.reports.shown import Shown, shown
from jobinfo_conformance.reports.tally import Tally, family, shown_outcome
from jobinfo_conformance.reports.text import left_open, objections
from jobinfo_conformance.reports.visible import in_line
from jobinfo_conformance.results import Evidence, Results, Row
from jobinfo_conformance.verdicts import Outcome

_PAGE = Path(__file__).parent / "page"
_WORST_FIRST = (*reversed(Outcome), "known")
_DO_NOT_HOLD = (Outcome.ERROR, Outcome.FAIL, Outcome.WARN, "known")


@dataclass(frozen=True)
class Requirement:
    """A line of the matrix: the rows of one requirement, in the order of the columns."""

    rows: tuple[Row, ...]

    @property
    def first(self) -> Row:
        """Any of them: what they say of the requirement is the same."""
        return self.rows[0]

    @property
    def outcomes(self) -> str:
        """Each outcome that it has."""
        return " ".join(sorted({shown_outcome(row) for row in self.rows}))

    def cell(self, form: str) -> Row | None:
        """Its row in a serialization; None where it is not about that one."""
        return next((row for row in self.rows if row["serialization"] == form), None)


@dataclass(frozen=True)
class Family:
    """A part of the matrix."""

    name: str
    tally: Tally
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True)
class Case:
    """What does not hold in the same exchanges."""

    evidence: tuple[Evidence, ...]
    exchanges: tuple[Shown, ...]
    curl: str


@dataclass(frozen=True)
class Failure:
    """A requirement that does not hold in a serialization, and the cases that show it."""

    row: Row
    cases: tuple[Case, ...]


def as_html(results: Results) -> str:
    """The page: the verdict, what does not hold, and the matrix of all requirements."""
    environment = Environment(
        loader=FileSystemLoader(_PAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"line": in_line, "words": _words, "anchor": _anchor, "instant": _instant}
    environment.filters |= {"family": family, "outcome": shown_outcome}
    style, script = (Markup((_PAGE / name).read_text("utf-8")) for name in ("report.css", "report.js"))  # noqa: S704  # our own
    rows = results["requirements"]
    page = environment.get_template("report.html").render(
        results=results,
        tally=Tally.of(rows),
        left_open=list(left_open(results)),
        objections=list(objections(results)),
        families=_families(rows),
        failures=[_failure(row) for one in _DO_NOT_HOLD for row in rows if shown_outcome(row) == one],
        outcomes=[one for one in _WORST_FIRST if any(shown_outcome(row) == one for row in rows)],
        forms=[one.value for one in Serialization],
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
    )
    return page + "\n"


def _families(rows: Sequence[Row]) -> list[Family]:
    found = []
    for name, group in groupby(rows, key=family):
        members = list(group)
        by_id = [Requirement(tuple(same)) for _, same in groupby(members, key=lambda row: row["id"])]
        found.append(Family(name, Tally.of(members), tuple(by_id)))
    return found


def _failure(row: Row) -> Failure:
    cases = []
    for exchanges, group in groupby(row["evidence"], key=lambda case: case["exchanges"]):
        evidence = tuple(group)
        places = [case["where"] for case in evidence]
        cases.append(Case(evidence, tuple(shown(exchanges, places)), evidence[-1]["curl"]))
    return Failure(row, tuple(cases))


def _words(name: str) -> str:
    """An outcome or a verdict in words."""
    return name.replace("-", " ")


def _anchor(row: Row) -> str:
    """The id of a row's failure in the page."""
    return f"{row['id']}/{row['serialization'] or 'both'}"


def _instant(text: str) -> str:
    """An instant of RFC 3339 as people write it, to the second."""
    return in_line(re.sub(r"\.\d+", "", text).replace("T", " ").replace("+00:00", " UTC"))


def _hash(text: str) -> str:
    """What a content security policy calls a script or a style by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
