"""Effects: what requests did to their jobs although their answers do not say so, and which later findings that explains."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from jobinfo_conformance._catalogue.requirement import Bearing
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.near_misses import OUTSIDE_BODY
from jobinfo_conformance._problems.case import Case, Cases
from jobinfo_conformance._problems.claims import STATUS, topics
from jobinfo_conformance._subjects.neighbours import state_before

#: What a request may have changed that was accepted and should not have been.
_ANYTHING = "anything"
#: In how many cases a kind of request has to change a field, and in none leave it, until others are taken to change it too.
_ENOUGH = 3


class Effects:
    """Which requirements say that a request changed a job and must not have, and when."""

    def __init__(self, failing: Iterable[Cases], histories: Iterable[History]) -> None:
        #: The history and the place in it of each step, by identity, and where each kind of request first comes in a history.
        self._places: dict[int, tuple[int, int]] = {}
        self._first_of_kind: dict[tuple[int, Hashable], int] = {}
        #: For a history and a topic, the first place at which each requirement saw that change.
        self._first: dict[tuple[int, str], dict[str, int]] = {}
        #: Requirements that saw a topic change after every request of a kind, so that others of this kind change it too.
        self._always: dict[str, dict[Hashable, set[str]]] = {}
        self._histories = list(histories)
        for number, history in enumerate(self._histories):
            for place, step in enumerate(history.steps):
                self._places[id(step)] = number, place
                self._first_of_kind.setdefault((number, _kind(step)), place)
        for cases in failing:
            if cases.requirement.bearing is not Bearing.FORM:
                self._note(cases)

    def _note(self, cases: Cases) -> None:
        for case in cases.cases:
            for step, name in _changes(case):
                history, place = self._places[id(step)]
                first = self._first.setdefault((history, name), {})
                first[cases.id] = min(place, first.get(cases.id, place))
                if cases.rate == 1 and len(cases.failing) >= _ENOUGH and name != _ANYTHING:
                    self._always.setdefault(name, {}).setdefault(_kind(step), set()).add(cases.id)

    def place(self, step: Step | None) -> tuple[int, int]:
        """Where a step is: the number of its history, and its place there. A step of no history comes last."""
        return self._places.get(id(step), (len(self._places), 0))

    def behind(self, case: Case) -> set[str]:
        """The requirements that say that an earlier request changed what the finding is about."""
        shown = [step for step in (*case.subject.answered_by, *case.subject.seen_in) if id(step) in self._places]
        if not shown:
            return set()
        history, last = max(self._places[id(step)] for step in shown)
        own = [self._places[id(step)][1] for step in case.subject.acted if self._places[id(step)][0] == history]
        until = min(own, default=last)
        names = topics(case.fields) | ({"state"} if STATUS in case.about else set())
        found = {
            requirement
            for name in (*names, _ANYTHING)
            for requirement, place in self._first.get((history, name), {}).items()
            if place < until
            if not (name == _ANYTHING and STATUS in case.about and self._have_nothing_in_common(history, place, until))
        }
        own_kinds = {_kind(step) for step in case.subject.acted}
        for name in names:
            for kind, requirements in self._always.get(name, {}).items():
                if kind not in own_kinds and self._first_of_kind.get((history, kind), last + 1) <= last:
                    found |= requirements
        return found

    def _have_nothing_in_common(self, history: int, first: int, second: int) -> bool:
        """Whether one of two requests has a fault in its body and the other none there, and the first left the job as it was.

        That is so if the job is known to be in the same state before each. An endpoint that accepts two bodies with a fault may
        read neither.
        """
        seen = self._histories[history]
        one, other = seen.steps[first], seen.steps[second]
        state = state_before(seen, one)
        is_as_it_was = state is not None and state == state_before(seen, other)
        return is_as_it_was and (one.near_miss in OUTSIDE_BODY) is not (other.near_miss in OUTSIDE_BODY)


def _changes(case: Case) -> Iterator[tuple[Step, str]]:
    """The requests that changed a job and must not have, each with a topic of what it changed."""
    for step in case.subject.acted:
        yield from ((step, name) for name in topics(case.fields))
        if STATUS in case.about and step.accepted:
            yield step, _ANYTHING


def _kind(step: Step) -> Hashable:
    return step.operation, step.accepted, step.near_miss is None
