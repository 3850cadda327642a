"""The results of a run. Every report is a view of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from jobinfo_conformance._catalogue.requirement import Level
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.passed_over import PassedOver
from jobinfo_conformance._evidence.provenance import Provenance
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._finding import Finding
from jobinfo_conformance._results.problem import Problem


class Outcome(StrEnum):
    """What became of a requirement, from the best outcome to the worst.

    As text it is the word that report.json has.

        >>> Outcome("warn").tested, Outcome("inconclusive").tested
        (True, False)
    """

    NOT_APPLICABLE = "not-applicable"
    PASS = "pass"  # noqa: S105  # an outcome
    WARN = "warn"
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"
    ERROR = "error"

    @property
    def badness(self) -> int:
        """The position in this order."""
        return list(Outcome).index(self)

    @property
    def tested(self) -> bool:
        """Whether the requirement was put to the test."""
        return self in (Outcome.PASS, Outcome.WARN, Outcome.FAIL)

    @property
    def holds(self) -> bool:
        """Whether nothing was found against the requirement."""
        return self not in (Outcome.WARN, Outcome.FAIL)


#: What stands in place of an outcome where a requirement that is not scored does not hold: it came after the set asked for.
LATER = "later"


class Verdict(StrEnum):
    """What became of a run.

    As text it is the word that report.json has, and the last line of a run begins with.

        >>> Verdict("inconclusive").exit_status
        3
    """

    CONFORMANT = "conformant"
    NOT_CONFORMANT = "not-conformant"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"

    @property
    def exit_status(self) -> int:
        """The exit status of a command with this verdict."""
        return {"conformant": 0, "not-conformant": 1, "inconclusive": 3, "error": 4}[self.value]


@dataclass(frozen=True)
class Known:
    """Why a requirement is known not to hold, or known to be one that can't be tested, and where that is tracked.

    ``reason`` is a sentence, and ``issue`` a URL; both come from the file of known failures.

        >>> Known("fixed in 4.2", "https://example.test/issues/1").reason
        'fixed in 4.2'
    """

    reason: str
    issue: str | None = None


@dataclass(frozen=True)
class Judgement:
    """The outcome of one requirement in one serialization; ``serialization`` is None if the requirement is on both at once.

    ``reason`` says how many cases were looked at, or why none was. ``findings`` are those of the cases that do not hold,
    ``known`` is set if it is known that the requirement does not hold or can't be tested, and ``extension`` names the package
    that adds it. ``problem`` is the number of the problem that a requirement which does not hold belongs to. ``obstacle`` is
    what kept the evidence from showing what a requirement is about; many requirements may have the same.

        >>> from jobinfo_conformance import run
        >>> requirements = {judgement.name: judgement for judgement in run(serialization="xml").requirements}
        >>> closed = requirements["state/closed (xml)"]
        >>> closed.outcome.value, closed.reason
        ('pass', '1 case')
    """

    id: str
    level: Level
    sentence: str
    source: str
    serialization: Serialization | None
    outcome: Outcome
    reason: str
    findings: tuple[Finding, ...] = ()
    known: Known | None = None
    extension: str | None = None
    problem: int | None = None
    obstacle: str | None = None

    @property
    def name(self) -> str:
        """The requirement with its serialization, as sentences name it: ``state/closed (json)``."""
        return f"{self.id} ({self.serialization})" if self.serialization else self.id

    @property
    def family(self) -> str:
        """The part of the id before the slash."""
        return self.id.partition("/")[0]

    @property
    def shown(self) -> str:
        """The outcome as reports show it: ``known`` for a requirement that is known not to hold or not to be testable."""
        return "known" if self.known else self.outcome.value


@dataclass(frozen=True)
class Results:
    """All that a run found.

    ``seconds`` is how long it took, and ``requests`` how many were sent, cleanup included. ``unanswered`` are curl lines of
    those that got no answer. ``left_open`` are the ids of jobs that could not be ended, ``unanswered_creates`` is how many more
    jobs may be open whose ids nobody knows, and ``remarks`` say what became of the jobs that earlier runs left open, and of the
    command that served the target.
    ``objections`` are sentences that each fail the run, whatever the requirements say; ``baseline`` is the report that it
    was compared with. ``whole`` says that ``exchanges`` are all that was asked of their jobs, and ``provenance`` how a live
    run came by them. ``errors`` are those of the suite itself, with their tracebacks. ``problems`` are the causes of what does
    not hold, each with what follows from it.

    ``requirement_set`` names the frozen set of requirements that was judged by; None if some are in none yet. ``later`` are
    those that came after it: they count nowhere else.

    Of a recording, ``shortfall`` says why it does not show the operation at work, if it does not; ``showable`` is how many
    requirements a recording like it can show, and ``passed_over`` are the entries that are no evidence.

        >>> from jobinfo_conformance import run
        >>> results = run(serialization="json")
        >>> results.exit_status, len(results.exchanges)
        (0, 2)
    """

    verdict: Verdict
    target: str
    api_version: str | None
    suite_version: str
    started: datetime
    seconds: float
    requests: int
    requirements: tuple[Judgement, ...]
    exchanges: tuple[Exchange, ...] = ()
    whole: bool = False
    provenance: Provenance | None = None
    unanswered: tuple[str, ...] = ()
    left_open: tuple[str, ...] = ()
    unanswered_creates: int = 0
    remarks: tuple[str, ...] = ()
    baseline: str | None = None
    objections: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    shortfall: str | None = None
    showable: int | None = None
    passed_over: tuple[PassedOver, ...] = ()
    problems: tuple[Problem, ...] = ()
    requirement_set: str | None = None
    later: tuple[Judgement, ...] = ()

    @property
    def exit_status(self) -> int:
        """The exit status of a command: 0 conformant, 1 not conformant or objections, 3 inconclusive, 4 an error of the suite.

        Against a baseline, only objections count, and whether anything was tested.
        """
        if self.verdict is Verdict.ERROR:
            return Verdict.ERROR.exit_status
        if self.objections:
            return Verdict.NOT_CONFORMANT.exit_status
        if self.baseline is None:
            return self.verdict.exit_status
        tested = any(judgement.outcome.tested for judgement in self.requirements)
        return Verdict.CONFORMANT.exit_status if tested else Verdict.INCONCLUSIVE.exit_status

    def to_json(self) -> str:
        """Return report.json; its form is schemas/report.schema.json."""
        from jobinfo_conformance._results.report_json import to_json

        return to_json(self)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Results:
        """Read a report.json. Raises BadInput, which says what is wrong and where."""
        from jobinfo_conformance._results.report_json import read_results

        return read_results(Path(path))


def verdict_of(judgements: Iterable[Judgement], *, live: bool, works: bool = True) -> Verdict:
    """Return the verdict on a run, which is never conformant if nothing was tested.

    What is known neither fails a run nor leaves it inconclusive. It has been tested only if its outcome says so. ``works``
    says whether the operation was seen to work; a recording may show no accepted close.
    """
    judgements = list(judgements)
    news = [judgement for judgement in judgements if not judgement.known]
    outcomes = {judgement.outcome for judgement in news}
    if Outcome.ERROR in outcomes:
        return Verdict.ERROR
    if Outcome.FAIL in outcomes:
        return Verdict.NOT_CONFORMANT
    untested = live and any(judgement.outcome is Outcome.INCONCLUSIVE and judgement.level is Level.MUST for judgement in news)
    if untested or not works or not any(judgement.outcome.tested for judgement in judgements):
        return Verdict.INCONCLUSIVE
    return Verdict.CONFORMANT


def worst_outcomes(judgements: Iterable[Judgement]) -> dict[str, Outcome]:
    """Return the worst outcome of each requirement over its serializations."""
    worst: dict[str, Outcome] = {}
    for judgement in judgements:
        outcome = judgement.outcome
        worst[judgement.id] = max(worst.get(judgement.id, outcome), outcome, key=lambda each: each.badness)
    return worst
