"""Subjects, which checks judge: an exchange, or several that belong together, that a requirement is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from jobinfo_conformance._contract.document import Reading
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.schema_findings import schema_findings, shows_fields
from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._finding import Finding, Unreadable
from jobinfo_conformance._job_requests.job_request import Operation

#: States of Bulk API 2.0, which a GET may return for a job created through 2.0.
STATES_OF_BULK_2 = ("UploadComplete", "InProgress", "JobComplete")


@dataclass(frozen=True)
class Subject:
    """What a check judges. ``step`` is None for a payload that came without its exchange."""

    step: Step | None

    @property
    def shown_by(self) -> tuple[Step, ...]:
        """The steps to show as evidence of what a check finds, in order."""
        return () if self.step is None else (self.step,)

    @property
    def answered_by(self) -> tuple[Step, ...]:
        """The steps whose answers a finding contradicts."""
        return () if self.step is None else (self.step,)

    @property
    def seen_in(self) -> tuple[Step, ...]:
        """The steps whose answers show the job that a finding contradicts; by default the same steps."""
        return self.answered_by

    @property
    def rests_on(self) -> tuple[Step, ...]:
        """The earlier steps whose answers the judgement takes for granted, in order."""
        return ()

    @property
    def compared(self) -> tuple[Step, ...]:
        """The steps whose answers are compared with each other."""
        return ()

    @property
    def acted(self) -> tuple[Step, ...]:
        """The steps whose effect on the job is judged, whatever their answers say."""
        return ()

    @property
    def serialization(self) -> Serialization:
        """The serialization that is judged: the one that the request names, else that of the answer."""
        assert self.step is not None
        return self.step.requested_serialization or self.step.answer.serialization

    @property
    def version(self) -> Version:
        """The version of the contract that applies."""
        assert self.step is not None
        return self.step.version


@dataclass(frozen=True)
class Asked(Subject):
    """One exchange."""

    step: Step


@dataclass(frozen=True)
class Answer(Subject):
    """A body that must be a jobInfo.

    ``by_bulk_1`` is False if the job may have been created through Bulk API 2.0, whose states are then allowed.
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
        """The version of the contract that applies."""
        return self.contract

    @cached_property
    def job(self) -> JobInfo:
        """The job as it was returned."""
        return self.step.job if self.step else JobInfo.of(self.reading)

    @property
    def shows_fields(self) -> bool:
        """Whether the body can be judged field by field."""
        return shows_fields(self.reading, Body.JOB_INFO, self.contract)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that is wrong with the body by itself."""
        findings = self.step.job_findings if self.step else schema_findings(self.reading, Body.JOB_INFO, self.contract)
        if findings and not self.by_bulk_1 and self.reading.fields.get("state") in STATES_OF_BULK_2:
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
    """A body that must be an error document."""

    reading: Reading
    contract: Version

    @property
    def serialization(self) -> Serialization:
        """The serialization of the request; for a document that came alone, its own."""
        return Subject(self.step).serialization if self.step else self.reading.serialization

    @property
    def version(self) -> Version:
        """The version of the contract that applies."""
        return self.contract

    @property
    def shows_fields(self) -> bool:
        """Whether the document can be judged field by field."""
        return shows_fields(self.reading, Body.ERROR, self.contract)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that is wrong with the error document."""
        return self.step.error_findings if self.step else schema_findings(self.reading, Body.ERROR, self.contract)

    def text(self, name: str) -> str:
        """The text of a field of the error document. Raises Unreadable if there is none."""
        value = self.reading.fields.get(name)
        if not isinstance(value, str):
            raise Unreadable(name)
        return value


@dataclass(frozen=True)
class Later(Subject):
    """A step, and an earlier one to compare it with.

    ``between`` are the requests between the two that must not have changed what is compared.
    """

    step: Step
    earlier: Step
    between: tuple[Step, ...] = ()

    @property
    def shown_by(self) -> tuple[Step, ...]:
        """Every step once, in order."""
        return _each_once(self.earlier, *self.between, self.step)

    @property
    def seen_in(self) -> tuple[Step, ...]:
        """Both steps: if they disagree, either may be wrong."""
        return (self.earlier, self.step)

    @property
    def rests_on(self) -> tuple[Step, ...]:
        """The earlier step, and those between."""
        return (self.earlier, *self.between)

    @property
    def compared(self) -> tuple[Step, ...]:
        """Both steps."""
        return (self.earlier, self.step)

    @property
    def serialization(self) -> Serialization:
        """The serialization of the earlier step, whose effect is judged."""
        return Asked(self.earlier).serialization


@dataclass(frozen=True)
class Reread(Later):
    """A read, and an earlier one, which must not have changed anything."""

    @property
    def acted(self) -> tuple[Step, ...]:
        """The earlier read, and those between."""
        return self.rests_on


@dataclass(frozen=True)
class LeftAlone(Subject):
    """A read of a job that was only ever read, and an earlier request about another, which is shown and judged beside it."""

    step: Step
    other: Step

    @property
    def shown_by(self) -> tuple[Step, ...]:
        """Both steps, in order."""
        return (self.other, self.step)

    @property
    def serialization(self) -> Serialization:
        """The serialization of the other step, whose effect is judged."""
        return Asked(self.other).serialization


@dataclass(frozen=True)
class Between(Subject):
    """A step, and the steps around it that return the job: the last one before, ``earlier``, and the first after, ``later``.

    ``later`` may be the step itself, or None. ``at_rest`` says whether the job was at rest before. ``along`` are other steps
    between the two that are judged together with this one.
    """

    step: Step
    earlier: Step
    later: Step | None
    at_rest: bool = False
    along: tuple[Step, ...] = ()

    @property
    def serialization(self) -> Serialization:
        """The serialization that the request names; for a batch, whose media type is the job's, that of the step before."""
        return Asked(self.earlier).serialization if self.step.operation is Operation.ADD_BATCH else super().serialization

    @property
    def before(self) -> JobInfo:
        """The job before the step."""
        return self.earlier.job

    @property
    def after(self) -> JobInfo | None:
        """The job after the step, or as the step itself returns it."""
        return None if self.later is None else self.later.job

    @property
    def shown_by(self) -> tuple[Step, ...]:
        """Every step once, in order."""
        return _each_once(self.earlier, *self.along, self.step, self.later)

    @property
    def seen_in(self) -> tuple[Step, ...]:
        """The step that shows the job afterwards."""
        return (self.later or self.step,)

    @property
    def rests_on(self) -> tuple[Step, ...]:
        """The step that shows the job before, and those judged together with this one."""
        return (self.earlier, *self.along)

    @property
    def compared(self) -> tuple[Step, ...]:
        """The steps that show the job before and afterwards."""
        return (self.earlier, *self.seen_in)

    @property
    def acted(self) -> tuple[Step, ...]:
        """The step, and those judged together with it."""
        return (*self.along, self.step)


@dataclass(frozen=True)
class Attempt(Asked):
    """An exchange, and the steps around it that return the job, if there are any."""

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
        """Every step once, in order."""
        return _each_once(self.earlier, self.step, self.later)

    @property
    def seen_in(self) -> tuple[Step, ...]:
        """The step that shows the job afterwards."""
        return (self.later or self.step,)

    @property
    def rests_on(self) -> tuple[Step, ...]:
        """The step that shows the job before."""
        return () if self.earlier is None else (self.earlier,)

    @property
    def compared(self) -> tuple[Step, ...]:
        """The steps that show the job before and afterwards."""
        return (*self.rests_on, *self.seen_in)

    @property
    def acted(self) -> tuple[Step, ...]:
        """The step itself."""
        return (self.step,)

    @property
    def serialization(self) -> Serialization:
        """The serialization that the request's media type names; if it names neither, that of the request's body."""
        return self.step.serialization


@dataclass(frozen=True)
class Repetition(Subject):
    """A request that was sent to several jobs alike, the ``number``-th of so many ``times``.

    ``usual`` is a step with the answer that most of them got.
    """

    step: Step
    usual: Step
    number: int
    times: int

    @property
    def shown_by(self) -> tuple[Step, ...]:
        """The usual step, and this one."""
        return _each_once(self.usual, self.step)

    @property
    def answered_by(self) -> tuple[Step, ...]:
        """Both steps: if their answers differ, either may be wrong."""
        return self.shown_by

    @property
    def compared(self) -> tuple[Step, ...]:
        """Both steps."""
        return (self.usual, self.step)


@dataclass(frozen=True)
class TwoCreates(Subject):
    """The creates of two jobs."""

    step: Step
    earlier: Step

    @property
    def shown_by(self) -> tuple[Step, ...]:
        """Both steps, in order."""
        return (self.earlier, self.step)

    @property
    def answered_by(self) -> tuple[Step, ...]:
        """Both steps: either may have the id of the other's job."""
        return self.shown_by


@dataclass(frozen=True)
class ExpectedAnswer(Subject):
    """A returned job, and what the history before it implies for some of its fields.

    ``given`` are the steps before it that imply this.
    """

    step: Step
    expected: Mapping[str, object]
    given: tuple[Step, ...] = ()

    @property
    def shown_by(self) -> tuple[Step, ...]:
        """Every step once, in order."""
        return _each_once(*self.given, self.step)

    @property
    def rests_on(self) -> tuple[Step, ...]:
        """The steps that imply what to expect."""
        return self.given

    @property
    def compared(self) -> tuple[Step, ...]:
        """The first of these steps, and the one judged."""
        return (*self.given[:1], self.step)

    @property
    def job(self) -> JobInfo:
        """The job as it was returned."""
        return self.step.job


@dataclass(frozen=True)
class ListedBatches(Subject):
    """A list of batches, and the ids in it that no accepted batch has."""

    step: Step
    unknown: tuple[str, ...]


def _each_once(*steps: Step | None) -> tuple[Step, ...]:
    return tuple({id(step): step for step in steps if step is not None}.values())
