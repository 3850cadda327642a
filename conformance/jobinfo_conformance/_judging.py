"""Judging requirements by the evidence."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import itemgetter

from jobinfo_conformance._catalogue.requirement import AnyRequirement, Level
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import EARLIEST
from jobinfo_conformance._counted import counted
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._finding import Finding, Unreadable, Violation
from jobinfo_conformance._results.results import Judgement, Outcome
from jobinfo_conformance._subjects.kind import AnySubjectKind
from jobinfo_conformance._subjects.subject import Subject


def judge(
    requirement: AnyRequirement, serialization: Serialization | None, observation: Observation, *, strict: bool = False
) -> Judgement:
    """Judge one requirement by the evidence. With ``strict``, a SHOULD that does not hold fails too."""

    def judged(outcome: Outcome, reason: str, findings: Sequence[Finding] = ()) -> Judgement:
        return replace(unjudged(requirement, serialization, reason), outcome=outcome, findings=tuple(findings))

    missing = [form for form in Serialization if form not in observation.serializations]
    if missing and (serialization is None or serialization in missing):
        return judged(Outcome.NOT_APPLICABLE, f"{missing[0]} is not part of this run")
    shown = [subject for subject in requirement.on.find_all(observation) if serialization in (None, subject.serialization)]
    subjects = [subject for subject in shown if subject.version >= requirement.since]
    if shown and not subjects:
        return judged(Outcome.NOT_APPLICABLE, f"applies from API version {requirement.since}")
    if not subjects:
        outcome, obstacle = _without_subjects(requirement, serialization, observation)
        said = "" if outcome is Outcome.NOT_APPLICABLE else f": {obstacle}"
        return replace(judged(outcome, f"needs {requirement.on.name}{said}"), obstacle=obstacle)
    findings, unreadable = findings_on(requirement, subjects, observation.histories)
    if findings:
        failing = strict or requirement.level is Level.MUST
        reason = f"{counted(len(findings), 'finding')} in {counted(len(subjects), 'case')}"
        return judged(Outcome.FAIL if failing else Outcome.WARN, reason, findings)
    if unreadable:
        return replace(
            judged(Outcome.INCONCLUSIVE, unreadable[0]), obstacle="a field that they need is missing or can't be read"
        )
    return judged(Outcome.PASS, counted(len(subjects), "case"))


def unjudged(requirement: AnyRequirement, serialization: Serialization | None, reason: str) -> Judgement:
    """Return the judgement of a requirement that is not tested, with the reason."""
    return Judgement(
        requirement.id,
        requirement.level,
        requirement.sentence,
        str(requirement.source),
        serialization,
        Outcome.NOT_APPLICABLE,
        reason,
        extension=requirement.extension,
    )


def judge_or_report_error(
    requirement: AnyRequirement, serialization: Serialization | None, observation: Observation, *, strict: bool = False
) -> tuple[Judgement, str | None]:
    """Judge; if the suite itself fails, the outcome is an error, and the second value is its traceback."""
    try:
        return judge(requirement, serialization, observation, strict=strict), None
    except Exception as error:  # noqa: BLE001  # a check that breaks is the suite's failure, not the target's
        reason = traceback.format_exception_only(error)[-1].strip()
        broken = replace(unjudged(requirement, serialization, reason), outcome=Outcome.ERROR)
        return broken, error_of(requirement, broken.name)


def error_of(requirement: AnyRequirement, name: str) -> str:
    """Return the error that is being handled, as reports have it: whose it is, what could not be judged, and its traceback."""
    extension = f"extension {requirement.extension}: " if requirement.extension else ""
    return f"{extension}{name}: {traceback.format_exc()}"


def scored_error_of(requirement: AnyRequirement, later: Collection[str]) -> list[str]:
    """Return the error that is being handled; nothing if its requirement is among the ``later`` ones, which are not scored."""
    return [] if requirement.id in later else [error_of(requirement, requirement.id)]


def findings_on(
    requirement: AnyRequirement, subjects: Iterable[Subject], histories: Iterable[History] = ()
) -> tuple[list[Finding], list[str]]:
    """Run a check on subjects; return its findings, and the reasons why it could not judge some of them.

    ``histories`` are those that the subjects come from. They are needed only to show more than the subject itself: if
    Hypothesis drew the steps, a finding shows all that led to it.
    """
    findings: list[Finding] = []
    unreadable: list[str] = []
    for subject in subjects:
        try:
            returned: object = requirement.check(subject)  # type: ignore[func-returns-value]  # as an extension's may
        except Violation as violation:
            exchanges = tuple(step.exchange for step in _steps(subject, histories))
            findings += [finding.shown_by(requirement.id, exchanges) for finding in violation.findings]
        except Unreadable as reason:
            unreadable.append(str(reason))
        else:
            if returned is not None:
                raise TypeError(f"the check of {requirement.id} returned {returned!r}: call expect, or raise violation(…)")
    return findings, unreadable


#: Requirements by their kind of subject, each with its position among all requirements. The kinds are grouped by the kind
#: that they are part of.
ByKind = Mapping[AnySubjectKind | None, Mapping[AnySubjectKind, Sequence[tuple[int, AnyRequirement]]]]


def by_kind(requirements: Iterable[AnyRequirement]) -> ByKind:
    """Group requirements by their kind of subject, so that `findings_in` looks for each kind once."""
    found: dict[AnySubjectKind | None, dict[AnySubjectKind, list[tuple[int, AnyRequirement]]]] = {}
    for position, requirement in enumerate(requirements):
        found.setdefault(requirement.on.part_of, {}).setdefault(requirement.on, []).append((position, requirement))
    return found


@dataclass(frozen=True)
class Judged:
    """A subject in which a requirement does not hold, or that can't be judged: its findings, or the reasons why not."""

    requirement: AnyRequirement
    subject: Subject
    findings: Sequence[Finding]
    unreadable: Sequence[str]


@dataclass(frozen=True)
class JudgedHistories:
    """What histories show: their subjects by kind, and what was judged of them, unless it holds, in the requirements' order."""

    subjects: Mapping[AnySubjectKind, Sequence[Subject]]
    judged: Sequence[Judged]


def findings_in(history: History, requirements: ByKind) -> list[Finding]:
    """Return the findings of these requirements in a history, in the order of the requirements."""
    found: list[tuple[int, Finding]] = []
    for _, subjects, on_kind in _subjects_in([history], requirements):
        for position, requirement in on_kind:
            found += [(position, finding) for finding in findings_on(requirement, _of_version(subjects, requirement))[0]]
    return [finding for _, finding in sorted(found, key=itemgetter(0))]


def shown_in(histories: Sequence[History], requirements: ByKind) -> JudgedHistories:
    """Judge these histories, which are all about one job, by these requirements."""
    shown: dict[AnySubjectKind, Sequence[Subject]] = {}
    found: list[tuple[int, Judged]] = []
    for kind, subjects, on_kind in _subjects_in(histories, requirements):
        shown[kind] = subjects
        for position, requirement in on_kind:
            judged = _of_version(subjects, requirement)
            if any(findings_on(requirement, judged)):
                found += [(position, each) for each in _one_by_one(requirement, judged, histories)]
    return JudgedHistories(shown, [judged for _, judged in sorted(found, key=itemgetter(0))])


def shown_despite_errors(
    histories: Sequence[History], requirements: ByKind, errors: list[str], *, later: Collection[str] = ()
) -> JudgedHistories:
    """Judge the same. If a check or a kind of subject breaks, add its traceback to the errors, and go on.

    Errors of the ``later`` requirements, which are not scored, are not added.
    """
    try:
        return shown_in(histories, requirements)
    except Exception:  # noqa: BLE001  # found again below, and reported
        subjects: dict[AnySubjectKind, Sequence[Subject]] = {}
        judged: list[Judged] = []
        for requirement in _in_order(requirements):
            try:
                shown = shown_in(histories, by_kind([requirement]))
            except Exception:  # noqa: BLE001  # an extension's own error
                errors += scored_error_of(requirement, later)
            else:
                subjects |= shown.subjects
                judged += shown.judged
        return JudgedHistories(subjects, judged)


def _one_by_one(requirement: AnyRequirement, subjects: Iterable[Subject], histories: Sequence[History]) -> Iterator[Judged]:
    for subject in subjects:
        findings, unreadable = findings_on(requirement, [subject], histories)
        if findings or unreadable:
            yield Judged(requirement, subject, findings, unreadable)


def _subjects_in(
    histories: Sequence[History], requirements: ByKind
) -> Iterator[tuple[AnySubjectKind, Sequence[Subject], Sequence[tuple[int, AnyRequirement]]]]:
    """Yield each kind of subject that these histories show, with its subjects, and the requirements on it."""
    for wider_kind, kinds in requirements.items():
        within = histories if wider_kind is None else [history for history in histories if wider_kind.find(history)]
        for kind, on_kind in kinds.items() if within else ():
            subjects = kind.find_in(within)
            if subjects:
                yield kind, subjects, on_kind


def _in_order(requirements: ByKind) -> Iterator[AnyRequirement]:
    """These requirements, in their order."""
    groups = (pairs for kinds in requirements.values() for pairs in kinds.values())
    return (requirement for _, requirement in sorted(chain.from_iterable(groups), key=itemgetter(0)))


def _of_version(subjects: Sequence[Subject], requirement: AnyRequirement) -> Sequence[Subject]:
    """The subjects to which a requirement applies by its version."""
    since = requirement.since
    return subjects if since is EARLIEST else [subject for subject in subjects if subject.version >= since]


def findings_despite_errors(
    history: History, requirements: ByKind, errors: list[str], *, later: Collection[str] = ()
) -> list[Finding]:
    """Return the same findings. If a check or a kind of subject breaks, add its traceback to the errors, and go on.

    Errors of the ``later`` requirements, which are not scored, are not added.
    """
    try:
        return findings_in(history, requirements)
    except Exception:  # noqa: BLE001  # found again below, and reported
        found: list[Finding] = []
        for requirement in _in_order(requirements):
            try:
                found += findings_in(history, by_kind([requirement]))
            except Exception:  # noqa: BLE001  # an extension's own error
                errors += scored_error_of(requirement, later)
        return found


def broken_in(history: History, requirements: ByKind) -> set[str]:
    """Return the ids of the requirements that do not hold in a history. One that can't be judged is not among them."""
    return {finding.requirement for finding in findings_despite_errors(history, requirements, [])}


def _steps(subject: Subject, histories: Iterable[History]) -> Sequence[Step]:
    """Return the steps that show a finding; if Hypothesis drew them, all the steps that led to it."""
    for history in histories:
        if subject.step is not None and history.drawn and any(step is subject.step for step in history.steps):
            return history.until(subject.shown_by[-1])
    return subject.shown_by


def _without_subjects(
    requirement: AnyRequirement, serialization: Serialization | None, observation: Observation
) -> tuple[Outcome, str]:
    """What becomes of a requirement that the evidence shows no subject of, and what stood in the way."""
    kind = requirement.on.name
    forms = [serialization] if serialization else list(Serialization)
    broken = [observation.broken[kind, form] for form in forms if (kind, form) in observation.broken]
    if broken:
        return Outcome.ERROR, broken[0]
    if kind not in observation.expected:
        return Outcome.NOT_APPLICABLE, "the evidence shows nothing that they are about"
    obstacles = filter(None, (observation.obstacles.get((kind, form)) for form in forms))
    return Outcome.INCONCLUSIVE, next(obstacles, None) or _what_came(forms, observation)


def _what_came(forms: Sequence[Serialization], observation: Observation) -> str:
    """Why nothing of the kind was seen, although nothing kept the scenario from its end: what the closes were answered."""
    if any(history.mixed for history in observation.histories):
        return "jobs can't be told apart, since creates were answered with ids that are alike in their first 15 characters"
    closes = [step for history in observation.histories for step in history.closes if step.requested_serialization in forms]
    named = " and ".join(forms)
    if not closes:
        return f"no close was sent in {named}"
    accepted = sum(step.accepted for step in closes)
    if accepted:
        of_all = f"{accepted} of {counted(len(closes), 'close')}"
        return f"the endpoint accepted {of_all} in {named}, but no answer showed what these are about"
    [(answer, _)] = Counter(step.answered for step in closes).most_common(1)
    return f"no close in {named} was accepted; most were answered {answer}"
