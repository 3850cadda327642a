"""Subjects: what checks are handed, and what a kind of subject is.

A subject is an exchange, or a few that belong together, of which a requirement says something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

from jobinfo_conformance._contract.document import Reading
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.schema_findings import schema_findings
from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._finding import Finding, Unreadable

#: States of Bulk API 2.0, which a GET may answer for a job that 2.0 made.
STATES_OF_BULK_2 = ("UploadComplete", "InProgress", "JobComplete")


@dataclass(frozen=True)
class Subject:
    """What a check looks at: the step that is judged; None for a payload that came without its exchange."""

    step: Step | None

    @property
    def shown_by(self) -> tuple[Step, ...]:
        """The steps that show what a check says of this, in their order."""
        return () if self.step is None else (self.step,)

    @property
    def serialization(self) -> Serialization:
        """The serialization that a judgement on this is about: the request's, where it names one."""
        assert self.step is not None
        return self.step.requested_serialization or self.step.answer.serialization

    @property
    def version(self) -> Version:
        """The version of the contract that holds."""
        assert self.step is not None
        return self.step.version


@dataclass(frozen=True)
class Asked(Subject):
    """One exchange."""

    step: Step


@dataclass(frozen=True)
class Answer(Subject):
    """A body that has to be a jobInfo.

    ``by_bulk_1`` is False where Bulk API 2.0 may have made the job: then its states are no departure.
    """

    reading: Reading
    contract: Version
    by_bulk_1: bool = True

    @property
    def serialization(self) -> Serialization:
        """The serialization of the answer itself."""
        return self.reading.serialization

    @property
    def version(self) -> Version:
        """The version of the contract that holds."""
        return self.contract

    @cached_property
    def job(self) -> JobInfo:
        """The job as it was answered."""
        return self.step.job if self.step else JobInfo.of(self.reading)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All that is wrong with the body by itself."""
        findings = self.step.job_findings if self.step else schema_findings(self.reading, Body.JOB_INFO, self.contract)
        if not self.by_bulk_1 and self.reading.fields.get("state") in STATES_OF_BULK_2:
            return tuple(found for found in findings if (found.requirement, found.where) != ("schema/enumerations", "state"))
        return findings


@dataclass(frozen=True)
class CloseAnswer(Answer):
    """The answer to a close."""

    @property
    def serialization(self) -> Serialization:
        """The serialization that the close was sent in."""
        return Subject(self.step).serialization if self.step else self.reading.serialization


@dataclass(frozen=True)
class Refusal(Subject):
    """A body that has to be an error document."""

    reading: Reading
    contract: Version

    @property
    def serialization(self) -> Serialization:
        """The serialization of the request; of a document that came alone, its own."""
        return Subject(self.step).serialization if self.step else self.reading.serialization

    @property
    def version(self) -> Version:
        """The version of the contract that holds."""
        return self.contract

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All that is wrong with the error document."""
        return self.step.error_findings if self.step else schema_findings(self.reading, Body.ERROR, self.contract)

    def text(self, name: str) -> str:
        """A field of the error document. Raises Unreadable where it is not there."""
        value = self.reading.fields.get(name)
        if not isinstance(value, str):
            raise Unreadable(name)
        return value


@dataclass(frozen=True)
class Later(Subject):
    """A step, and an earlier one that it is held against."""

    step: Step
    earlier: Step

    @property
    def shown_by(self) -> tuple[Step, ...]:
        """Both."""
        return (self.earlier, self.step)

    @property
    def serialization(self) -> Serialization:
        """The serialization of the earlier step, whose effect is judged."""
        return Asked(self.earlier).serialization


@dataclass(frozen=True)
class Between(Subject):
    """A step, and the answered jobs next to it: the latest before (``earlier``), the first after (``later``), if there is one.

    ``along`` are other steps between the two, to which the same applies.
    """

    step: Step
    earlier: Step
    later: Step | None
    at_rest: bool = False
    along: tuple[Step, ...] = ()

    @property
    def before(self) -> JobInfo:
        """The job before the step."""
        return self.earlier.job

    @property
    def after(self) -> JobInfo | None:
        """The job after the step, or as the step itself answers it."""
        return None if self.later is None else self.later.job

    @property
    def shown_by(self) -> tuple[Step, ...]:
        """All of them; the later one may be the step itself."""
        return _each_once(self.earlier, *self.along, self.step, self.later)


@dataclass(frozen=True)
class Attempt(Asked):
    """An exchange, and the answered jobs next to it, where there are any."""

    earlier: Step | None
    later: Step | None

    @property
    def before(self) -> JobInfo | None:
        """The job before the attempt."""
        return None if self.earlier is None else self.earlier.job

    @property
    def after(self) -> JobInfo | None:
        """The job after the attempt."""
        return None if self.later is None else self.later.job

    @property
    def shown_by(self) -> tuple[Step, ...]:
        """All of them."""
        return _each_once(self.earlier, self.step, self.later)

    @property
    def serialization(self) -> Serialization:
        """The serialization of the request, by its body where its media type is of neither."""
        by_body = self.step.request.serialization if self.step.exchange.request.body else None
        return self.step.requested_serialization or by_body or super().serialization


@dataclass(frozen=True)
class Repeated(Subject):
    """The same request to jobs alike, time after time."""

    step: Step
    earlier: tuple[Step, ...]

    @property
    def shown_by(self) -> tuple[Step, ...]:
        """All of them."""
        return (*self.earlier, self.step)


@dataclass(frozen=True)
class ExpectedAnswer(Subject):
    """An answered job, and what the history before it says of some of its fields."""

    step: Step
    expected: Mapping[str, object]

    @property
    def job(self) -> JobInfo:
        """The job as it was answered."""
        return self.step.job


def _each_once(*steps: Step | None) -> tuple[Step, ...]:
    return tuple({id(step): step for step in steps if step is not None}.values())


S = TypeVar("S", bound=Subject)


@dataclass(frozen=True, eq=False)
class SubjectKind(Generic[S]):
    """A kind of subject: its name, for the sentence that says what a run lacked, and how it is found in a history.

    ``part_of`` is a kind that each is of as well: where a history has none of that, it is not searched.
    """

    name: str
    search: Callable[[History], Iterable[S]]
    part_of: SubjectKind[Any] | None = None

    def find(self, history: History) -> tuple[S, ...]:
        """Those in a history, which is searched once."""
        found = history.found.get(self)
        if found is None:
            if self.part_of is not None and not self.part_of.find(history):
                return ()
            found = history.found[self] = tuple(self.search(history))
        return found

    def find_all(self, observation: Observation) -> tuple[S, ...]:
        """Those in an observation, which is searched once."""
        found = observation.found.get(self)
        if found is None:
            found = observation.found[self] = tuple(self.search_all(observation.histories))
        return found

    def search_all(self, histories: Sequence[History]) -> Iterable[S]:
        """Look for them in the histories of several jobs."""
        return (subject for history in histories for subject in self.find(history))


AnySubjectKind = SubjectKind[Any]


@dataclass(frozen=True, eq=False)
class SubjectKindAcross(SubjectKind[S]):
    """A kind of subject that spans the histories of several jobs."""

    search_across: Callable[[Sequence[History]], Iterable[S]] = field(kw_only=True)

    def search_all(self, histories: Sequence[History]) -> Iterable[S]:
        """Look for them in the histories of several jobs."""
        return self.search_across(histories)


def subject_kind(
    name: str, part_of: SubjectKind[Any] | None = None
) -> Callable[[Callable[[History], Iterable[S]]], SubjectKind[S]]:
    """Make a function that finds subjects in a history a kind of subject.

    ``name`` says what a subject is, and goes on "needs". ``part_of`` is a kind that each is of as well.

        >>> @subject_kind("a close that took long")
        ... def slow_close(history):
        ...     return (Asked(step) for step in history.closes if (step.exchange.milliseconds or 0) > 1000)
        >>> slow_close.name
        'a close that took long'
    """
    return lambda search: SubjectKind(name, search, part_of)


def subject_kind_across(name: str) -> Callable[[Callable[[Sequence[History]], Iterable[S]]], SubjectKind[S]]:
    """Make a function that finds subjects in the histories of several jobs a kind of subject."""
    return lambda search: SubjectKindAcross(name, lambda history: search([history]), search_across=search)
