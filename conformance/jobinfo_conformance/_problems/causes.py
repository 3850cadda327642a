"""Causes: for each case, the requirements that explain it; and the requirements that nothing explains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set

from jobinfo_conformance._catalogue.requirement import AnyRequirement, Bearing, Level
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._problems.case import Case, Cases
from jobinfo_conformance._problems.claims import STATUS, Contradictions, topics
from jobinfo_conformance._problems.effects import Effects

#: The requirements that explain each case of a requirement, by its id.
Explanations = Mapping[str, Sequence[set[str]]]
#: The part of its subjects in which a requirement has to fail until what sets them apart is taken for the reason.
_MOSTLY = 0.5
#: Topics, each with the serialization in which something is wrong with it; None: in both at once.
_Broken = Set[tuple[Serialization | None, str]]


class Causes:
    """Explains the cases of requirements that do not hold by each other.

    A requirement explains a case if it condemns what the case rests on, or if both condemn the same answer for the same
    reason and it says more. A MUST follows from a SHOULD only if that is about faulty requests.
    """

    def __init__(self, failing: Sequence[Cases], histories: Iterable[History]) -> None:
        self._failing = {cases.id: cases for cases in failing}
        self._order = {name: place for place, name in enumerate(self._failing)}
        self._contradictions = Contradictions({cases.id: cases.contradicts for cases in failing})
        self._denials = Contradictions({cases.id: cases.denies for cases in failing})
        self._disagreements = Contradictions(
            {cases.id: [claim for case in cases.cases for claim in case.denies_agreement] for cases in failing}
        )
        self._effects = Effects(failing, histories)
        self._unspoken = _unspoken(failing, histories)
        self._alike = {cases.id: [self._condemning_the_same(case) for case in cases.cases] for cases in failing}
        self._behind = {cases.id: [self._condemning_the_basis(case) for case in cases.cases] for cases in failing}
        self._shared = Counter((name, other) for name, found in self._alike.items() for others in found for other in others)

    def explanations(self) -> Explanations:
        """The requirements that explain each case."""
        return {
            name: [
                {other for other in alike if self._says_more(self._failing[other], cases)}
                | behind
                | {other for other, broken in presupposed.items() if _is_about(case, broken)}
                | (self._refusing_all_alike(case) - {name})
                | parts
                for case, alike, behind in zip(cases.cases, self._alike[name], self._behind[name], strict=True)
            ]
            for name, cases in self._failing.items()
            for presupposed, parts in [(self._presupposed(cases), self._broken_parts(cases))]
        }

    def heads(self, explanations: Explanations) -> list[str]:
        """The requirements that are causes: those with a case that nothing explains, and one of each that explain each other.

        Of the latter that is the one whose first case comes first: it may have led to the others.
        """
        causes = {name for name, found in explanations.items() if not all(found)}
        explained = set(causes)
        while len(explained) < len(explanations):
            following = {
                name
                for name, found in explanations.items()
                if name not in explained and all(others & explained for others in found)
            }
            if not following:
                remaining = [cases for cases in self._failing.values() if cases.id not in explained]
                causes.add(min(remaining, key=lambda cases: (standing(cases.requirement), self._begin(cases))).id)
                following = causes
            explained |= following
        for name in reversed(self._failing):
            if name in causes and self._mostly_follows(name, explanations[name], causes):
                causes.remove(name)
        return [name for name in self._failing if name in causes]

    def _mostly_follows(self, name: str, explained: Sequence[set[str]], causes: Set[str]) -> bool:
        """Whether other causes explain most cases of a cause that are like one that they don't explain.

        Those are alike that are about the same places in one serialization.
        """
        cases = self._failing[name].cases
        alike = [(case.about, case.serialization) for case in cases]
        unlike = {kind for kind, others in zip(alike, explained, strict=True) if not others}
        followed = Counter(kind for kind, others in zip(alike, explained, strict=True) if others & causes)
        times = Counter(alike)
        return bool(unlike) and all(followed[kind] >= _MOSTLY * times[kind] for kind in unlike)

    def _begin(self, cases: Cases) -> tuple[int, int]:
        return min(self._effects.place(case.subject.step) for case in cases.cases)

    # Which requirements are about the same answers, or about those that a case rests on

    def _condemning_the_same(self, case: Case) -> set[str]:
        found = set[str]().union(*map(self._contradictions.of, case.contradicts))
        return found - {case.requirement.id}

    def _condemning_the_basis(self, case: Case) -> set[str]:
        own = case.requirement
        basis = set[str]().union(*map(self._contradictions.of, case.rests_on - case.contradicts))
        basis = basis.union(*map(self._denials.of, case.known_by - case.contradicts))
        basis = basis.union(*map(self._disagreements.of, case.rests_on), self._making_unreadable(case))
        presumed = set[str]().union(*map(self._contradictions.of, case.presumes_status))
        found = self._as_binding_as(own, basis | self._effects.behind(case))
        # What state a request leads to that should have been refused is not a question of its own; all else is.
        found |= presumed if case.fields == {"state"} else self._as_binding_as(own, presumed)
        idle = {Bearing.FORM} if own.bearing is Bearing.SUMMARY else {Bearing.FORM, Bearing.SUMMARY}
        return {other for other in found if other != own.id and self._failing[other].requirement.bearing not in idle}

    def _making_unreadable(self, case: Case) -> set[str]:
        """The requirements that a case presupposes and that say that its answer can't be read.

        A status does not depend on how a document is written; it goes with a page of a framework's own.
        """
        answers = {id(step) for step in case.subject.answered_by if case.about != {STATUS} or _is_page(step)}
        return {
            other.id
            for other in self._failing.values()
            if other.requirement.bearing is Bearing.READING and _names(case.requirement.presupposes, other.requirement)
            if not answers.isdisjoint(id(step) for theirs in other.cases for step in theirs.subject.answered_by)
        }

    def _refusing_all_alike(self, case: Case) -> set[str]:
        """The requirements that say that all requests in a serialization are refused, if the answer is such a refusal."""
        refused = (step for step in case.subject.answered_by if step.refused)
        return set[str]().union(*(self._unspoken.get(step.written_in, ()) for step in refused))

    def _as_binding_as(self, requirement: AnyRequirement, others: set[str]) -> set[str]:
        """Those of other requirements that another may follow from.

        A MUST follows from a SHOULD only if that is about faulty requests: whoever accepts one gets what it asks for.
        """
        if requirement.level is Level.SHOULD:
            return others
        failing = self._failing
        return {name for name in others if failing[name].requirement.level is Level.MUST or failing[name].of_faulty_requests}

    def _presupposed(self, cases: Cases) -> dict[str, _Broken]:
        """The requirements that another takes for granted, and what they say is wrong with answers that it does not condemn.

        One that only sums up condemns what others do. That the documented request is refused explains other refusals only if it
        mostly is, and not for some jobs alone.
        """
        sums_up = cases.requirement.bearing is Bearing.SUMMARY
        are_refused = all(case.about == {STATUS} for case in cases.cases)
        return {
            other.id: {
                (theirs.serialization, topic)
                for theirs in other.cases
                if sums_up or not theirs.contradicts <= cases.contradicts
                if not (are_refused and self._is_mostly_let_in(other, theirs))
                for topic in topics(theirs.about)
            }
            for other in self._failing.values()
            if other is not cases and _names(cases.requirement.presupposes, other.requirement)
        }

    def _is_mostly_let_in(self, other: Cases, case: Case) -> bool:
        """Whether a requirement that the documented request is accepted mostly holds in the serialization of a case."""
        gates = [each.requirement for each in self._failing.values() if each.requirement.bearing is Bearing.ACCESS]
        is_one = any(other.requirement is gate or _is_part(other.requirement, gate) for gate in gates)
        return is_one and other.mostly_holds_in(case.serialization)

    def _broken_parts(self, whole: Cases) -> set[str]:
        return {part.id for part in self._failing.values() if _is_the_broken_part(part, whole)}

    # Which of two requirements that condemn the same answers says more

    def _says_more(self, other: Cases, cases: Cases) -> bool:
        """Whether a requirement that condemns the same answers as another says more about the reason."""
        return next(
            (theirs > ours for theirs, ours in self._compared(other, cases) if theirs != ours),
            self._order[other.id] < self._order[cases.id],
        )

    def _compared(self, other: Cases, cases: Cases) -> Iterable[tuple[float, float]]:
        """Yield what speaks for each of two requirements, what counts most first."""
        ours, theirs = cases.requirement, other.requirement
        yield _names(ours.yields_to, theirs), _names(theirs.yields_to, ours)
        yield theirs.bearing is not Bearing.SUMMARY, ours.bearing is not Bearing.SUMMARY
        yield _is_the_broken_part(other, cases), _is_the_broken_part(cases, other)
        yield self._is_always_behind(theirs.id, ours.id), self._is_always_behind(ours.id, theirs.id)
        yield theirs.bearing is Bearing.READING, ours.bearing is Bearing.READING
        covers, is_covered = self._covers(other, cases), self._covers(cases, other)
        if covers is is_covered:
            yield theirs.level is Level.MUST, ours.level is Level.MUST
        yield covers, is_covered
        if covers:
            yield _is_whole_reason(other, cases), _is_whole_reason(cases, other)
            yield other.rate, cases.rate
            yield _is_part(ours, theirs), _is_part(theirs, ours)

    def _covers(self, other: Cases, cases: Cases) -> bool:
        """Whether a requirement condemns something in every case of another."""
        return self._shared[cases.id, other.id] == len(cases.cases)

    def _is_always_behind(self, other: str, name: str) -> bool:
        return all(other in behind for behind in self._behind[name])


def standing(requirement: AnyRequirement) -> tuple[bool, bool]:
    """Sorts a MUST before a SHOULD, and a requirement that only sums up after all others."""
    return requirement.level is not Level.MUST, requirement.bearing is Bearing.SUMMARY


def _unspoken(failing: Iterable[Cases], histories: Iterable[History]) -> Mapping[Serialization | None, Set[str]]:
    """The serializations in which nothing is accepted and answered, each with the requirements that say so."""
    steps = [step for history in histories for step in history.steps if step.accepted]
    spoken = {step.written_in for step in steps if step.written_in is step.answer.serialization}
    return {
        form: {cases.id for cases in failing if cases.requirement.bearing is Bearing.ACCESS and cases.never_hold_in(form)}
        for form in Serialization
        if form not in spoken
    }


def _is_page(step: Step) -> bool:
    """Whether an answer is no document in XML or JSON by its Content-Type."""
    return Serialization.of_media_type(step.exchange.response.content_type) is None


def _names(ids: Iterable[str], requirement: AnyRequirement) -> bool:
    """Whether ids or families name a requirement."""
    return requirement.id in ids or requirement.family in ids


def _is_about(case: Case, broken: _Broken) -> bool:
    """Whether a case is about a topic that is broken in its serialization."""
    forms = {None, case.serialization} if case.serialization else {None, *Serialization}
    return any((form, topic) in broken for form in forms for topic in case.topics)


def _is_part(narrow: AnyRequirement, wide: AnyRequirement) -> bool:
    """Whether the subjects of one requirement are by definition among those of another."""
    kind = narrow.on.part_of
    while kind is not None and kind is not wide.on:
        kind = kind.part_of
    return kind is not None


def _is_whole_reason(whole: Cases, part: Cases) -> bool:
    """Whether a requirement fails on some of a part's subjects, and these are no worse off than they mostly are."""
    return _is_part(part.requirement, whole.requirement) and part.rate < _MOSTLY


def _is_the_broken_part(part: Cases, whole: Cases) -> bool:
    """Whether a requirement on some of another's subjects never holds, while the other mostly holds on the rest."""
    if part.rate < 1 or not _is_part(part.requirement, whole.requirement):
        return False
    inside = {id(subject.step) for subject in part.subjects}
    rest = [subject for subject in whole.subjects if id(subject.step) not in inside]
    return 2 * sum(id(subject) in whole.failing for subject in rest) < len(rest)
