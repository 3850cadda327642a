"""The problems of a run: each cause once, with its smallest case and what follows from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._catalogue.requirement import Level
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.har_writer import as_recorded
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._finding import Finding
from jobinfo_conformance._judging import findings_on
from jobinfo_conformance._problems.case import Case, Cases
from jobinfo_conformance._problems.causes import Causes, Explanations, standing
from jobinfo_conformance._results.problem import Following, Problem
from jobinfo_conformance._results.results import Judgement

#: How many different values of several places a problem quotes.
_MOST_VALUES = 3


def problems_of(judgements: Iterable[Judgement], observation: Observation, catalogue: Catalogue) -> tuple[Problem, ...]:
    """Group the requirements that do not hold by their causes: a MUST before a SHOULD, else in the catalogue's order."""
    forms: dict[str, list[Serialization | None]] = {}
    for judgement in judgements:
        if not judgement.outcome.holds:
            forms.setdefault(judgement.id, []).append(judgement.serialization)
    requirements = [requirement for name, requirement in catalogue.requirements.items() if name in forms]
    failing = [Cases.of(requirement, forms[requirement.id], observation) for requirement in requirements]
    found = Causes(failing, observation.histories)
    explanations = found.explanations()
    causes = found.heads(explanations)
    follows = _following(explanations, causes)
    groups = [
        _Group(cases, [other for other in failing if follows.get(other.id) == cases.id])
        for cases in failing
        if cases.id in causes
    ]
    groups.sort(key=lambda group: (group.level is not Level.MUST, standing(group.head.requirement)))
    return tuple(group.problem(number, explanations, observation) for number, group in enumerate(groups, 1))


def with_problems(judgements: Iterable[Judgement], problems: Iterable[Problem]) -> tuple[Judgement, ...]:
    """Return the judgements, each with the number of the problem that it belongs to."""
    numbers = {
        name: problem.number
        for problem in problems
        for name in (problem.requirement, *(following.requirement for following in problem.follows))
    }
    return tuple(
        judgement if judgement.outcome.holds else replace(judgement, problem=numbers.get(judgement.id))
        for judgement in judgements
    )


def _following(explanations: Explanations, causes: Sequence[str]) -> Mapping[str, str]:
    """The cause of each requirement that is none: the one that explains most of its cases, directly or through others."""
    cause_of = {name: name for name in causes}
    while len(cause_of) < len(explanations):
        for name, found in explanations.items():
            reached = Counter(dict.fromkeys(causes, 0))
            for others in found if name not in cause_of else ():
                reached.update({cause_of[other] for other in others if other in cause_of})
            cause, times = max(reached.items(), key=lambda item: item[1])
            if times:
                cause_of[name] = cause
    return {name: cause for name, cause in cause_of.items() if name != cause}


@dataclass(frozen=True)
class _Group:
    """A cause and what follows from it, in the order of the catalogue."""

    head: Cases
    following: Sequence[Cases]

    @property
    def level(self) -> Level:
        levels = {cases.requirement.level for cases in (self.head, *self.following)}
        return Level.MUST if Level.MUST in levels else Level.SHOULD

    def problem(self, number: int, explanations: Explanations, observation: Observation) -> Problem:
        head = self.head
        unexplained = [case for case, others in zip(head.cases, explanations[head.id], strict=True) if not others]
        smallest = _smallest(unexplained or head.cases, observation)
        findings, _ = findings_on(head.requirement, [smallest.subject], observation.histories)
        finding = _merged(findings)
        forms = dict.fromkeys(case.serialization for case in head.cases)
        return Problem(
            number,
            head.id,
            self.level,
            tuple(form for form in Serialization if form in forms),
            replace(finding, exchanges=tuple(map(as_recorded, finding.exchanges))),
            len(head.failing),
            tuple(following for cases in self.following for following in _per_serialization(cases)),
        )


def _smallest(cases: Iterable[Case], observation: Observation) -> Case:
    """The case that takes the fewest exchanges to show. If Hypothesis drew it, that is all that led to it."""
    drawn = {id(step) for history in observation.histories if history.drawn for step in history.steps}
    return min(cases, key=lambda case: (id(case.subject.step) in drawn, len(case.subject.shown_by)))


def _merged(findings: Sequence[Finding]) -> Finding:
    """One finding that names the places of several in one answer."""
    where = ", ".join(dict.fromkeys(finding.where for finding in findings))
    expected = _listed(finding.expected for finding in findings)
    return replace(findings[0], expected=expected, got=_listed(finding.got for finding in findings), where=where)


def _listed(values: Iterable[str]) -> str:
    different = list(dict.fromkeys(values))
    more = len(different) - _MOST_VALUES
    return "; ".join(different[:_MOST_VALUES]) + (f" and {more} more" if more > 0 else "")


def _per_serialization(cases: Cases) -> Iterable[Following]:
    subjects = {(case.serialization, id(case.subject)) for case in cases.cases}
    counts = Counter(form for form, _ in subjects)
    return (Following(cases.id, form, counts[form]) for form in cases.requirement.serializations if counts[form])
