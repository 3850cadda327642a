"""Kinds of subject, which find subjects in the histories of jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from types import NoneType
from typing import Any, Generic, TypeVar

from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._subjects.subject import Subject

S = TypeVar("S", bound=Subject)


class Shown(Enum):
    """What can show a kind of subject."""

    BY_ANY = auto()
    #: A recording that holds every request about its jobs, as the suite's own do.
    BY_WHOLE = auto()
    #: A live target alone, on which the suite waits for something.
    LIVE = auto()


@dataclass(frozen=True, eq=False)
class SubjectKind(Generic[S]):
    """A kind of subject: its name, which reports print after "needs", and a search that finds such subjects in a history.

    A history that shows no subject of the kind ``part_of`` is not searched. ``shown`` says what can show such a subject.
    ``known_by`` are the fields by whose values such a subject is told from others.
    """

    name: str
    search: Callable[[History], Iterable[S]]
    part_of: SubjectKind[Any] | None = None
    shown: Shown = Shown.BY_ANY
    known_by: tuple[str, ...] = ()

    def find(self, history: History) -> tuple[S, ...]:
        """Find the subjects in a history, which is searched only once."""
        found = history.found.get(self)
        if found is None:
            if self.part_of is not None and not self.part_of.find(history):
                return ()
            found = history.found[self] = tuple(self.search(history))
        return found

    def find_in(self, histories: Sequence[History]) -> tuple[S, ...]:
        """Find the subjects in a few histories, each of which is searched only once."""
        return self.find(histories[0]) if len(histories) == 1 else tuple(self.search_all(histories))

    def find_all(self, observation: Observation) -> tuple[S, ...]:
        """Find the subjects in an observation, which is searched only once."""
        found = observation.found.get(self)
        if found is None:
            found = observation.found[self] = tuple(self.search_all(observation.histories))
        return found

    def search_all(self, histories: Sequence[History]) -> Iterable[S]:
        """Search the histories of several jobs."""
        return (subject for history in histories for subject in self.find(history))


AnySubjectKind = SubjectKind[Any]


@dataclass(frozen=True, eq=False)
class SubjectKindAcross(SubjectKind[S]):
    """A kind of subject that spans the histories of several jobs."""

    search_across: Callable[[Sequence[History]], Iterable[S]] = field(kw_only=True)

    def search_all(self, histories: Sequence[History]) -> Iterable[S]:
        """Search the histories of several jobs."""
        return self.search_across(histories)


def subject_kind(
    name: str, part_of: SubjectKind[Any] | None = None, *, shown: Shown = Shown.BY_ANY, known_by: tuple[str, ...] = ()
) -> Callable[[Callable[[History], Iterable[S]]], SubjectKind[S]]:
    """Turn a function that finds subjects in a history into a kind of subject.

    ``name`` says what a subject is; reports print it after "needs". A history that shows no subject of the kind ``part_of``
    is not searched. ``shown`` says what can show such a subject. ``known_by`` are the fields by whose values such a subject
    is told from others.

        >>> @subject_kind("a close that took long")
        ... def slow_close(history):
        ...     return (Asked(step) for step in history.closes if (step.exchange.milliseconds or 0) > 1000)
        >>> slow_close.name
        'a close that took long'
    """
    if not isinstance(name, str) or not isinstance(part_of, (SubjectKind, NoneType)):
        raise ValueError("a kind of subject has a name, written as @subject_kind('an accepted close'), and is part of a kind")
    return lambda search: SubjectKind(name, search, part_of, shown, known_by)


def subject_kind_across(
    name: str, *, shown: Shown = Shown.BY_ANY
) -> Callable[[Callable[[Sequence[History]], Iterable[S]]], SubjectKind[S]]:
    """Turn a function that finds subjects in the histories of several jobs into a kind of subject."""
    return lambda search: SubjectKindAcross(name, lambda history: search([history]), shown=shown, search_across=search)
