"""Verdicts: what the evidence says of each requirement, and of all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from jobinfo_conformance.checks import CATALOGUE, Check, Violation
from jobinfo_conformance.contract.jobinfo import Unreadable
from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.contract.requirements import Level, Requirement
from jobinfo_conformance.evidence.exchange import Exchange
from jobinfo_conformance.evidence.history import History, Step
from jobinfo_conformance.evidence.observation import Observation
from jobinfo_conformance.subjects import Subject


class Outcome(StrEnum):
    """What became of a requirement, each worse than the one before."""

    NOT_APPLICABLE = "not-applicable"
    PASS = "pass"  # noqa: S105  # an outcome
    WARN = "warn"
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"
    ERROR = "error"

    @property
    def badness(self) -> int:
        """The place in the order."""
        return list(Outcome).index(self)

    @property
    def tested(self) -> bool:
        """Whether the requirement was put to the test."""
        return self in (Outcome.PASS, Outcome.WARN, Outcome.FAIL)


class Overall(StrEnum):
    """What became of a run."""

    CONFORMANT = "conformant"
    NOT_CONFORMANT = "not-conformant"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"

    @property
    def exit_status(self) -> int:
        """The exit status that says so."""
        return {"conformant": 0, "not-conformant": 1, "inconclusive": 3, "error": 4}[self.value]


@dataclass(frozen=True)
class Problem:
    """One subject that a requirement does not hold for, and the exchanges that show it."""

    expected: str
    got: str
    where: str
    exchanges: tuple[Exchange, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What the evidence says of one requirement in one serialization (None: in both at once)."""

    requirement: Requirement
    serialization: Serialization | None
    outcome: Outcome
    reason: str
    problems: tuple[Problem, ...] = field(default=())


def judge(
    check: Check[Subject], serialization: Serialization | None, observation: Observation, *, strict: bool = False
) -> Verdict:
    """Hold the evidence against one requirement. With ``strict`` a SHOULD that does not hold fails too."""
    requirement = check.requirement

    def verdict(outcome: Outcome, reason: str, problems: Sequence[Problem] = ()) -> Verdict:
        return Verdict(requirement, serialization, outcome, reason, tuple(problems))

    missing = [one for one in Serialization if one not in observation.serializations]
    if missing and (serialization is None or serialization in missing):
        return verdict(Outcome.NOT_APPLICABLE, f"the run is without {missing[0]}")
    shown = [one for one in check.on.among(observation.histories) if serialization in (None, one.serialization)]
    subjects = [subject for subject in shown if subject.version >= requirement.since]
    if shown and not subjects:
        return verdict(Outcome.NOT_APPLICABLE, f"since {requirement.since}")
    if not subjects:
        return verdict(*_not_shown(check, serialization, observation))
    problems, unreadable = judge_all(check, subjects, observation.histories)
    if problems:
        failing = strict or requirement.level is Level.MUST
        reason = f"{_counted(len(problems), 'problem')} in {_counted(len(subjects), 'case')}"
        return verdict(Outcome.FAIL if failing else Outcome.WARN, reason, problems)
    if unreadable:
        return verdict(Outcome.INCONCLUSIVE, unreadable[0])
    return verdict(Outcome.PASS, _counted(len(subjects), "case"))


def judge_all(
    check: Check[Subject], subjects: Iterable[Subject], histories: Iterable[History] = ()
) -> tuple[list[Problem], list[str]]:
    """Run a check on subjects: the problems it has, and why it could not judge others.

    ``histories`` are those that the subjects come from, where a problem may have to show more than the subject itself.
    """
    problems: list[Problem] = []
    unreadable: list[str] = []
    for subject in subjects:
        try:
            check.function(subject)
        except Violation as violation:
            shown = tuple(step.exchange for step in _steps(subject, histories))
            problems += [Problem(one.expected, one.got, one.where, shown) for one in (violation, *violation.further)]
        except Unreadable as reason:
            unreadable.append(str(reason))
    return problems, unreadable


def problems_in(history: History) -> Iterator[tuple[Requirement, Problem]]:
    """Every requirement that does not hold in a history, with each case of it."""
    for check in CATALOGUE.values():
        for problem in problems_of(check, history):
            yield check.requirement, problem


def problems_of(check: Check[Subject], history: History) -> list[Problem]:
    """Each case in a history in which one requirement does not hold."""
    return judge_all(check, (one for one in check.on.find(history) if one.version >= check.requirement.since))[0]


def _steps(subject: Subject, histories: Iterable[History]) -> Sequence[Step]:
    """The steps that show a problem; where Hypothesis drew them, all that led to it."""
    for history in histories:
        if subject.step is not None and history.drawn and any(one is subject.step for one in history.steps):
            return history.until(subject.shown_by[-1])
    return subject.shown_by


def _not_shown(check: Check[Subject], serialization: Serialization | None, observation: Observation) -> tuple[Outcome, str]:
    if check.on.name in observation.expected:
        forms = [serialization] if serialization else list(Serialization)
        obstacles = filter(None, (observation.obstacles.get((check.on.name, form)) for form in forms))
        return Outcome.INCONCLUSIVE, f"needs {check.on.name}: {next(obstacles, 'the endpoint gave none')}"
    return Outcome.NOT_APPLICABLE, f"needs {check.on.name}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def overall(outcomes: Iterable[tuple[Outcome, Level]], *, live: bool) -> Overall:
    """The verdict on a run, of the outcomes and levels of all requirements; 'nothing tested' is never conformant."""
    rows = list(outcomes)
    found = {outcome for outcome, _ in rows}
    if Outcome.ERROR in found:
        return Overall.ERROR
    if Outcome.FAIL in found:
        return Overall.NOT_CONFORMANT
    untested = live and (Outcome.INCONCLUSIVE, Level.MUST) in rows
    if untested or not any(outcome.tested for outcome in found):
        return Overall.INCONCLUSIVE
    return Overall.CONFORMANT
