"""The steps of a job, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from typing import Any, TypedDict, Unpack

from jobinfo_conformance._contract.ids import LONG, short_form
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._job_requests.job_request import Operation


@dataclass(frozen=True)
class History:
    """The steps of one job, in order.

    ``whole`` says that these are all the requests about the job, as on a live target, whose jobs are the suite's own, and
    in the suite's own recordings. ``waited`` is how long batches were given to finish, in seconds; None if nobody waited
    for them. ``drawn`` says that Hypothesis drew the steps or that they were shortened: then only all of them together
    explain what is wrong with one of them. ``mixed`` says that several creates were answered with the id: then each step
    is a history of its own, since it can't be told which job it is about.
    """

    steps: tuple[Step, ...]
    whole: bool = False
    waited: float | None = None
    drawn: bool = False
    mixed: bool = False

    def __reduce__(self) -> tuple[Callable[..., History], tuple[list[Exchange]]]:
        """Pickle the exchanges alone: what was read from them can be read again."""
        again = partial(History.of, whole=self.whole, waited=self.waited, drawn=self.drawn, mixed=self.mixed)
        return again, ([step.exchange for step in self.steps],)

    @property
    def created(self) -> Step | None:
        """The step that created the job; None if it is not here."""
        first = self.steps[0]
        return first if first.operation is Operation.CREATE and first.accepted else None

    @property
    def job_id(self) -> str | None:
        """The id of the job; None if its create was refused or answered without one."""
        return next((step.job_id for step in self.steps if step.job_id), None)

    @cached_property
    def jobs(self) -> tuple[Step, ...]:
        """The steps that are answered with a jobInfo."""
        return tuple(step for step in self.steps if step.answers_job)

    @cached_property
    def closes(self) -> tuple[Step, ...]:
        """The closes, accepted or not."""
        return tuple(step for step in self.steps if step.operation is Operation.CLOSE)

    @cached_property
    def found(self) -> dict[object, tuple[Any, ...]]:
        """The subjects found here, by kind: each kind is looked for once."""
        return {}

    @cached_property
    def is_of_bulk_1(self) -> bool:
        """Whether the job is known to be one of Bulk API 1.0, because it was created, closed or aborted through it."""
        asked = {step.operation for step in self.steps}
        return self.whole or bool(asked & {Operation.CREATE, Operation.CLOSE, Operation.ABORT})

    @cached_property
    def may_be_chunked(self) -> bool:
        """Whether the server may add batches of its own, as to a query with PK chunking, or to one whose create is not here."""
        if self.created is not None:
            return self.created.exchange.request.headers.get("Sforce-Enable-PKChunking") is not None
        return any(step.job.get("operation") not in ("insert", "update", "upsert", "delete") for step in self.jobs)

    def before(self, step: Step) -> Sequence[Step]:
        """The steps that ended before this one began."""
        place = self._places[id(step)]
        earlier = self.steps[:place]
        return earlier if self._overlaps_none_before[place] else tuple(other for other in earlier if other.precedes(step))

    def after(self, step: Step) -> Sequence[Step]:
        """The steps that began after this one ended."""
        place = self._places[id(step)]
        later = self.steps[place + 1 :]
        return later if self._overlaps_none_after[place] else tuple(other for other in later if step.precedes(other))

    def between(self, first: Step, last: Step) -> Sequence[Step]:
        """The steps between two others, whatever their times."""
        return self.steps[self._places[id(first)] + 1 : self._places[id(last)]]

    def until(self, step: Step) -> Sequence[Step]:
        """The steps up to and including this one."""
        return self.steps[: self._places[id(step)] + 1]

    @cached_property
    def _places(self) -> dict[int, int]:
        """The place of each step, by identity: two reads of one job may well be equal."""
        return {id(step): place for place, step in enumerate(self.steps)}

    @cached_property
    def _overlaps_none_before(self) -> list[bool]:
        """For each step, whether all earlier ones ended before it began: then `before` need not look at each of them."""
        flags: list[bool] = []
        latest: datetime | None = None
        for step in self.steps:
            started, ended = step.exchange.started, step.exchange.ended
            flags.append(latest is None or started is None or latest <= started)
            latest = ended if latest is None or (ended is not None and ended > latest) else latest
        return flags

    @cached_property
    def _overlaps_none_after(self) -> list[bool]:
        """For each step, whether it ended before any later one began."""
        flags: list[bool] = []
        earliest: datetime | None = None
        for step in reversed(self.steps):
            started, ended = step.exchange.started, step.exchange.ended
            flags.append(earliest is None or ended is None or ended <= earliest)
            earliest = started if earliest is None or (started is not None and started < earliest) else earliest
        return flags[::-1]

    @classmethod
    def of(cls, exchanges: Iterable[Exchange], **flags: Unpack[Flags]) -> History:
        """Make a history from exchanges that are all about one job, as a scenario makes them."""
        return cls(tuple(step for step in map(Step.of, exchanges) if step is not None), **flags)


class Flags(TypedDict, total=False):
    """The members of History besides its steps."""

    whole: bool
    waited: float | None
    drawn: bool
    mixed: bool


def histories(exchanges: Iterable[Exchange], **flags: Unpack[Flags]) -> list[History]:
    """Sort exchanges into the histories of the jobs that they name, keeping their order.

    Other traffic is left out. Jobs are told apart by all 18 characters of their ids; 15 characters name the one job whose id
    begins so, if there is one. A create begins a new history, even if its id was seen before.
    """
    steps = [step for step in map(Step.of, exchanges) if step is not None]
    long_ids: dict[_Name, set[str]] = {}
    for step in steps:
        if step.job_id is not None and len(step.job_id) == LONG:
            long_ids.setdefault((step.resource.endpoint, short_form(step.job_id)), set()).add(step.job_id)
    jobs: list[list[Step]] = []
    latest: dict[_Name, list[Step]] = {}
    for step in steps:
        endpoint, job_id = step.resource.endpoint, step.job_id or ""
        long = long_ids.get((endpoint, job_id), set())
        job = (endpoint, next(iter(long)) if len(long) == 1 else job_id)
        if step.operation is Operation.CREATE or job not in latest:
            latest[job] = []
            jobs.append(latest[job])
        latest[job].append(step)
    return [History(tuple(job), **flags) for job in jobs]


def told_apart(found: Iterable[History]) -> list[History]:
    """Take the histories of jobs apart that have one id, or ids that are alike in their first 15 characters.

    It can't be told which of the jobs the endpoint takes a request to be about.
    """
    found = list(found)
    created = Counter(_name(history) for history in found if history.created is not None and history.job_id is not None)
    apart: list[History] = []
    for history in found:
        shared = created[_name(history)] > 1
        apart += [_alone(history, step) for step in history.steps] if shared else [history]
    return apart


def _alone(history: History, step: Step) -> History:
    return replace(history, steps=(step,), waited=None, drawn=False, mixed=True)


#: What tells a job from others: the endpoint of its URI, and its id.
_Name = tuple[str, str]


def _name(history: History) -> _Name:
    return history.steps[0].resource.endpoint, short_form(history.job_id or "")
