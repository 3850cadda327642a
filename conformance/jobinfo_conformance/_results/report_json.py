"""report.json: results as JSON, and back.

What an earlier version does not know is left out where there is nothing to say, and what this one does not know is ignored:
members may be added.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.requirement import Level
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._evidence.curl import curl
from jobinfo_conformance._evidence.har import Entry
from jobinfo_conformance._evidence.har_reader import Unusable, exchange_of
from jobinfo_conformance._evidence.har_writer import har_entry
from jobinfo_conformance._evidence.passed_over import PassedOver
from jobinfo_conformance._evidence.provenance import Provenance
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._files.given import LONGEST_REPORT, named, text
from jobinfo_conformance._files.json_text import decoded_strictly, written
from jobinfo_conformance._finding import Finding
from jobinfo_conformance._results.problem import Extent, Following, Problem
from jobinfo_conformance._results.results import Judgement, Known, Outcome, Results, Verdict

#: What stands for no answer: a live endpoint may switch protocols, and a client is left without an answer on purpose.
_NO_ANSWER = (HTTPStatus.SWITCHING_PROTOCOLS, 0)
_Text = Annotated[str, Meta(min_length=1)]
_Count = Annotated[int, Meta(ge=0, le=2**53)]


class _Evidence(Struct):
    """A case in which a requirement does not hold; ``curl`` sends its exchanges again, a line for each."""

    expected: str
    got: str
    where: str
    curl: str
    exchanges: list[Entry]


class _Known(Struct):
    reason: _Text
    issue: str | None


class _Requirement(Struct, omit_defaults=True):
    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]*/[a-z0-9-]+$")]
    level: Level
    sentence: _Text
    source: _Text
    serialization: Serialization | None
    outcome: Outcome
    reason: _Text
    evidence: list[_Evidence]
    known: _Known | None
    extension: str | None = None
    problem: int | None = None
    obstacle: str | None = None

    def __post_init__(self) -> None:
        if self.outcome.holds is bool(self.evidence):
            raise ValueError(f"{self.outcome} {'takes no' if self.outcome.holds else 'needs'} evidence")


class _PassedOver(Struct, omit_defaults=True):
    """An entry of a recording that is no evidence; ``place`` is what users call it, and ``times`` how many it stands for."""

    entry: _Count
    place: _Text
    reason: _Text
    times: Annotated[int, Meta(ge=1)] = 1


class _Following(Struct):
    requirement: _Text
    serialization: Serialization | None
    cases: _Count


class _Extent(Struct):
    """How far a problem goes in an archive."""

    jobs: _Count
    exchanges: _Count
    first: list[str]


class _Problem(Struct, omit_defaults=True):
    """A cause; ``reproduce`` sends its exchanges again, a line for each."""

    number: Annotated[int, Meta(ge=1)]
    requirement: _Text
    level: Level
    serializations: list[Serialization]
    expected: str
    got: str
    where: str
    cases: _Count
    exchanges: list[Entry]
    reproduce: str
    follows: list[_Following]
    extent: _Extent | None = None


class _Report(Struct, rename="camel", omit_defaults=True):
    verdict: Verdict
    target: str
    api_version: str | None
    suite_version: str
    started_at: Annotated[datetime, Meta(tz=True)]
    seconds: Annotated[float, Meta(ge=0)]
    requests: _Count
    left_open: list[str]
    unanswered_creates: _Count
    baseline: str | None
    objections: list[str]
    requirements: list[_Requirement]
    whole: bool
    exchanges: list[Entry]
    extensions: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    shortfall: str | None = None
    showable: _Count | None = None
    passed_over: list[_PassedOver] = field(default_factory=list)
    provenance: Provenance | None = None
    problems: list[_Problem] | None = None
    requirement_set: str | UnsetType | None = UNSET
    later: list[_Requirement] = field(default_factory=list)


def to_json(results: Results) -> str:
    """Return results as report.json."""
    report = _Report(
        verdict=results.verdict,
        target=results.target,
        api_version=results.api_version,
        suite_version=results.suite_version,
        started_at=results.started,
        seconds=results.seconds,
        requests=results.requests,
        left_open=list(results.left_open),
        unanswered_creates=results.unanswered_creates,
        remarks=list(results.remarks),
        unanswered=list(results.unanswered),
        baseline=results.baseline,
        objections=list(results.objections),
        requirements=[_requirement(judgement) for judgement in results.requirements],
        whole=results.whole,
        exchanges=[har_entry(exchange) for exchange in results.exchanges],
        extensions=list(results.extensions),
        errors=list(results.errors),
        shortfall=results.shortfall,
        showable=results.showable,
        passed_over=[
            _PassedOver(skipped.entry, skipped.place, skipped.reason, skipped.times) for skipped in results.passed_over
        ],
        provenance=results.provenance,
        problems=[_problem(problem) for problem in results.problems],
        requirement_set=results.requirement_set,
        later=[_requirement(judgement) for judgement in results.later],
    )
    return written(report)


def _requirement(judgement: Judgement) -> _Requirement:
    return _Requirement(
        id=judgement.id,
        level=judgement.level,
        sentence=judgement.sentence,
        source=judgement.source,
        serialization=judgement.serialization,
        outcome=judgement.outcome,
        reason=judgement.reason,
        evidence=[_evidence(finding) for finding in judgement.findings],
        known=_Known(judgement.known.reason, judgement.known.issue) if judgement.known else None,
        extension=judgement.extension,
        problem=judgement.problem,
        obstacle=judgement.obstacle,
    )


def _problem(problem: Problem) -> _Problem:
    finding, extent = problem.finding, problem.extent
    return _Problem(
        number=problem.number,
        requirement=problem.requirement,
        level=problem.level,
        serializations=list(problem.serializations),
        expected=finding.expected,
        got=finding.got,
        where=finding.where,
        cases=problem.cases,
        exchanges=[har_entry(exchange) for exchange in finding.exchanges],
        reproduce=_curl(finding),
        follows=[_Following(each.requirement, each.serialization, each.cases) for each in problem.follows],
        extent=None if extent is None else _Extent(extent.jobs, extent.exchanges, list(extent.first)),
    )


def _evidence(finding: Finding) -> _Evidence:
    return _Evidence(
        expected=finding.expected,
        got=finding.got,
        where=finding.where,
        curl=_curl(finding),
        exchanges=[har_entry(exchange) for exchange in finding.exchanges],
    )


def _curl(finding: Finding) -> str:
    return "\n".join(curl(exchange.request) for exchange in finding.exchanges)


def read_results(path: Path) -> Results:
    """Read a report.json of this or an earlier version of the suite. Raises BadInput, which says what is wrong and where."""
    try:
        return _results(decoded_strictly(text(path, LONGEST_REPORT), _Report))
    except ValueError as error:
        raise BadInput(f"{named(path)} is not a report.json: {error}") from error


def _results(report: _Report) -> Results:
    judgements = tuple(map(_judgement, report.requirements))
    if report.problems is None:
        judgements, problems = _each_its_own(judgements)
    else:
        problems = tuple(map(_read_problem, report.problems))
        _refuse_lost(problems, judgements)
    return Results(
        verdict=report.verdict,
        target=report.target,
        api_version=report.api_version,
        suite_version=report.suite_version,
        started=report.started_at,
        seconds=report.seconds,
        requests=report.requests,
        requirements=judgements,
        exchanges=_exchanges(report.exchanges, "exchanges", numbered=True),
        whole=report.whole,
        left_open=tuple(report.left_open),
        unanswered_creates=report.unanswered_creates,
        remarks=tuple(report.remarks),
        unanswered=tuple(report.unanswered),
        baseline=report.baseline,
        objections=tuple(report.objections),
        extensions=tuple(report.extensions),
        errors=tuple(report.errors),
        shortfall=report.shortfall,
        showable=report.showable,
        passed_over=tuple(
            PassedOver(skipped.entry, skipped.place, skipped.reason, skipped.times) for skipped in report.passed_over
        ),
        provenance=report.provenance,
        problems=problems,
        requirement_set=report.requirement_set or None,
        later=tuple(map(_judgement, report.later)),
    )


def _refuse_lost(problems: Sequence[Problem], judgements: Sequence[Judgement]) -> None:
    """Raise ValueError for a problem whose requirements are not those of the report."""
    ids = {judgement.id for judgement in judgements}
    heads = {(judgement.problem, judgement.id) for judgement in judgements}
    for problem in problems:
        if (problem.number, problem.requirement) not in heads:
            raise ValueError(f"problem {problem.number}: {in_line(problem.requirement)} does not belong to it")
        for following in problem.follows:
            if following.requirement not in ids:
                raise ValueError(f"problem {problem.number}: {in_line(following.requirement)} is not among the requirements")


def _each_its_own(judgements: Sequence[Judgement]) -> tuple[tuple[Judgement, ...], tuple[Problem, ...]]:
    """The problems of a report from a version that had none: each requirement that does not hold is one, with its number."""
    failing: dict[str, list[Judgement]] = {}
    for judgement in judgements:
        if not judgement.outcome.holds:
            failing.setdefault(judgement.id, []).append(judgement)
    ordered = sorted(failing.values(), key=lambda several: several[0].level is not Level.MUST)
    problems = tuple(
        Problem(
            number,
            several[0].id,
            several[0].level,
            tuple(judgement.serialization for judgement in several if judgement.serialization),
            several[0].findings[0],
            sum(len(judgement.findings) for judgement in several),
        )
        for number, several in enumerate(ordered, 1)
    )
    numbers = {problem.requirement: problem.number for problem in problems}
    numbered = (
        judgement if judgement.outcome.holds else replace(judgement, problem=numbers[judgement.id]) for judgement in judgements
    )
    return tuple(numbered), problems


def _read_problem(saved: _Problem) -> Problem:
    exchanges = _exchanges(saved.exchanges, f"problem {saved.number}")
    return Problem(
        saved.number,
        saved.requirement,
        saved.level,
        tuple(saved.serializations),
        Finding(saved.requirement, saved.expected, saved.got, saved.where, exchanges),
        saved.cases,
        tuple(Following(each.requirement, each.serialization, each.cases) for each in saved.follows),
        None if saved.extent is None else Extent(saved.extent.jobs, saved.extent.exchanges, tuple(saved.extent.first)),
    )


def _judgement(saved: _Requirement) -> Judgement:
    cases = (
        Finding(
            saved.id, case.expected, case.got, case.where, _exchanges(case.exchanges, f"the evidence of {in_line(saved.id)}")
        )
        for case in saved.evidence
    )
    return Judgement(
        id=saved.id,
        level=saved.level,
        sentence=saved.sentence,
        source=saved.source,
        serialization=saved.serialization,
        outcome=saved.outcome,
        reason=saved.reason,
        findings=tuple(cases),
        known=Known(saved.known.reason, saved.known.issue) if saved.known else None,
        extension=saved.extension,
        problem=saved.problem,
        obstacle=saved.obstacle,
    )


def _exchanges(entries: Iterable[Entry], place: str, *, numbered: bool = False) -> tuple[Exchange, ...]:
    """The exchanges at a place in a report. Raises ValueError for an entry that is none."""
    found: list[Exchange] = []
    for number, entry in enumerate(entries):
        if entry.response is not None and entry.response.status in _NO_ANSWER:
            continue
        try:
            found.append(exchange_of(entry, number if numbered else None))
        except Unusable as reason:
            raise ValueError(f"{place}[{number}]: {reason}") from reason
    return tuple(found)
