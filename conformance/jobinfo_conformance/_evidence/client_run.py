"""One run of a client under test: how it was answered, every request that it sent, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from jobinfo_conformance._contract.ids import same_id, short_form
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._url_parts import parts_of

#: How much of what a client writes to a stream is kept, in characters from the end.
_KEPT = 20_000


class Answered(StrEnum):
    """How the requests of a run are answered."""

    #: As the reference answers.
    USUALLY = "usually"
    #: In an unusual way that the contract allows.
    UNUSUALLY = "unusually"
    #: Closes, or what comes before them, are refused.
    BY_REFUSALS = "by refusals"
    #: Closes are answered otherwise than the contract says.
    BY_DEPARTURES = "by departures"

    @property
    def conforms(self) -> bool:
        """Whether the answers are all as the contract has them."""
        return self in (Answered.USUALLY, Answered.UNUSUALLY)


@dataclass(frozen=True)
class Ending:
    """How a client ended.

    ``status`` is its exit status; None if it did not end in the time that it had, which was ``seconds``. ``output`` and
    ``complaint`` are what it wrote to standard output and to standard error; a run keeps their ends, without the session.
    """

    status: int | None
    seconds: float
    output: str = ""
    complaint: str = ""

    @property
    def shortened(self) -> Ending:
        """The same with only the ends of what the client wrote."""
        return replace(self, output=self.output[-_KEPT:], complaint=self.complaint[-_KEPT:])

    @property
    def in_words(self) -> str:
        """How it ended, in a few words."""
        if self.status is None:
            return f"no end within {self.seconds:g} s"
        return f"exit {self.status}, {'something' if self.complaint.strip() else 'nothing'} on standard error"


@dataclass(frozen=True)
class OpenedJob:
    """A job that a client created: the create, and every later request whose path names the job, in order."""

    create: Step
    later: tuple[Step, ...]

    @property
    def closes(self) -> tuple[Step, ...]:
        """The closes, accepted or not."""
        return tuple(step for step in self.later if step.operation is Operation.CLOSE)

    @property
    def close(self) -> Step | None:
        """The close that was accepted; None if none was."""
        return next((step for step in self.closes if step.accepted), None)

    @property
    def is_ended(self) -> bool:
        """Whether the job was closed or aborted."""
        ends = (Operation.CLOSE, Operation.ABORT)
        return any(step.operation in ends and step.accepted for step in self.later)

    @property
    def batches_after_close(self) -> tuple[Step, ...]:
        """The batches that were added after the close was answered."""
        return self._after_close(Operation.ADD_BATCH)

    @property
    def closes_again(self) -> tuple[Step, ...]:
        """The closes that were sent after one had been accepted."""
        return self._after_close(Operation.CLOSE)

    def _after_close(self, operation: Operation) -> tuple[Step, ...]:
        close = self.close
        asked = [step for step in self.later if step.operation is operation and step is not close]
        return () if close is None else tuple(step for step in asked if close.precedes(step))


@dataclass(frozen=True)
class ClientRun:
    """A run of a client: the name and nature of the answers that it got, its requests in order, and its end.

    ``left`` says in what state each job that it opened was left. ``signs`` are the ways in which it showed that something was
    wrong, and ``noticed`` says whether one of them is not usual; None if nobody looked. ``strayed`` says that it sent the
    session where a redirect led, to another origin.
    """

    name: str
    answered: Answered
    steps: tuple[Step, ...]
    ending: Ending
    left: tuple[tuple[str, str], ...] = ()
    refused: tuple[Step, ...] = ()
    signs: frozenset[str] = frozenset()
    noticed: bool | None = None
    strayed: bool = False

    @cached_property
    def jobs(self) -> tuple[OpenedJob, ...]:
        """The jobs that the client opened, in order."""
        creates = [step for step in self.steps if step.operation is Operation.CREATE and step.accepted and step.job_id]
        return tuple(OpenedJob(create, tuple(self._about(create))) for create in creates)

    @property
    def closes(self) -> tuple[Step, ...]:
        """The closes, accepted or not."""
        return tuple(step for step in self.steps if step.operation is Operation.CLOSE)

    @property
    def unserved(self) -> tuple[Step, ...]:
        """The requests for what the reference does not serve."""
        return tuple(step for step in self.steps if step.operation is Operation.ELSEWHERE and step.status == 404)

    @property
    def in_words(self) -> str:
        """How the run ended, what it left open, and whether it gave the session away."""
        return f"{self.ending.in_words}{self.left_open}{self.gave_away}"

    @property
    def gave_away(self) -> str:
        """What a sentence on the run adds if the session was given away; else nothing."""
        return ", the session sent to another origin" if self.strayed else ""

    @property
    def open_jobs(self) -> int:
        """How many jobs were left open."""
        return sum(state == "Open" for _, state in self.left)

    @property
    def left_open(self) -> str:
        """What a sentence on the run's end adds if jobs were left open; else nothing."""
        return f", {self.open_jobs} {'job' if self.open_jobs == 1 else 'jobs'} left Open" if self.open_jobs else ""

    @property
    def has_made_sure(self) -> bool:
        """Whether each close that was answered oddly was followed by a read that says that its job is Closed."""
        closes = [step for step in self.refused if step.operation is Operation.CLOSE]
        return bool(closes) and all(any(_shows_closed(read, close) for read in self.steps) for close in closes)

    @property
    def is_judged(self) -> bool:
        """Whether a bad end would be the client's own doing: everything that it asked is served, and nothing was refused."""
        return not any(step.refused for step in self.steps)

    @property
    def is_telling(self) -> bool:
        """Whether the client closed a job and ended well, so that it can be told what it makes of other answers."""
        return self.ending.status == 0 and any(step.accepted for step in self.closes)

    def is_like(self, usual: ClientRun) -> bool:
        """Whether the client did what it does on the usual answers: it ended so, and closed as many jobs."""
        closed, before = (sum(job.close is not None for job in run.jobs) for run in (self, usual))
        return self.ending.status == usual.ending.status and closed >= before

    def _about(self, create: Step) -> Iterable[Step]:
        """The requests after a create whose path names its job, until another create is answered with the same id."""
        name = short_form(create.job_id or "")
        after = next(place for place, step in enumerate(self.steps) if step is create) + 1
        again = (place for place in range(after, len(self.steps)) if _opens(self.steps[place], create.job_id))
        later = self.steps[after : next(again, None)]
        return (step for step in later if name in parts_of(step.exchange.request.url).path)


def _shows_closed(read: Step, close: Step) -> bool:
    """Whether a read that came after a close says that the job is Closed."""
    says_closed = read.operation is Operation.READ and read.accepted and read.job.get("state") == "Closed"
    return says_closed and close.precedes(read) and same_id(read.job_id or "", close.job_id or "")


def _opens(step: Step, job_id: str | None) -> bool:
    return step.operation is Operation.CREATE and step.accepted and step.job_id == job_id
