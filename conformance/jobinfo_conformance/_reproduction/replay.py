"""Replays: the requests that it takes to show a problem again, on jobs of its own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import READS, Operation
from jobinfo_conformance._reproduction.ids import Pieces
from jobinfo_conformance._reproduction.now_and_then import answered_otherwise
from jobinfo_conformance._reproduction.trail import Trail
from jobinfo_conformance._results.problem import Problem
from jobinfo_conformance._subjects.several_jobs import FEWEST_REPETITIONS

#: What does not hold if an endpoint departs only now and then.
_EVERY_TIME = "state/every-time"
_UNFINISHED = ("Queued", "InProgress")
#: The most requests to other jobs that are sent again, because they may have had to do with what is shown.
_MOST_MEDDLING = 8


@dataclass(frozen=True)
class Repeat:
    """A request to send again.

    ``place`` is where its step is among all. ``shown`` says that its answer shows the problem, ``waits`` that it is a read of
    a batch, to be sent until the batch is finished.
    """

    place: int
    step: Step
    shown: bool
    waits: bool


class Replay:
    """The requests that show a problem: those of its smallest case, and what made and changed their jobs before.

    Reads and refused requests are left out if they are not likely to have led to the case. A job whose create is not in the
    evidence is created as its answers show it.
    """

    def __init__(self, problem: Problem, evidence: Trail) -> None:
        self._problem = problem
        self._trail = evidence.with_case(problem.finding.exchanges)
        self._shown = self._trail.places_of(problem.finding.exchanges)
        self._end = max(self._shown, default=0)

    @cached_property
    def repeats(self) -> tuple[Repeat, ...]:
        """The requests in their order; none if the problem shows no request to a job."""
        steps = self._trail.steps
        needed = sorted(self._needed()) if self._shown else []
        return tuple(Repeat(place, steps[place], place in self._shown, self._waits(place)) for place in needed)

    @property
    def times(self) -> int:
        """How often it takes to be played: more than once if the endpoint departs only now and then."""
        broken = {self._problem.requirement, *(following.requirement for following in self._problem.follows)}
        now_and_then = _EVERY_TIME in broken or answered_otherwise(self._shown, self._trail)
        return FEWEST_REPETITIONS if now_and_then else 1

    @property
    def writes(self) -> bool:
        """Whether it adds batches to a job that is not a query, and so may write records."""
        added = (each.place for each in self.repeats if each.step.operation is Operation.ADD_BATCH)
        return any(not self._is_of_query(place) for place in added)

    def path(self, place: int) -> Pieces:
        """What follows the base URL in the URL of the request at a place."""
        step = self._trail.steps[place]
        return self.pieces(step.exchange.request.url.removeprefix(step.resource.origin), place)

    def pieces(self, text: str, place: int) -> Pieces:
        """A text of the request at a place."""
        return self._trail.ids.pieces(text, place)

    def makes(self, place: int) -> bool:
        """Whether the answer to the request at a place makes an id."""
        return self._trail.ids.makes(place)

    def is_named(self, place: int) -> bool:
        """Whether a request of the replay names the id that the answer to the request at a place makes."""
        return place in self._named

    def name(self, place: int) -> str:
        """What a script calls the id that the answer to the request at a place makes: job1, job2, batch1."""
        operation = self._trail.steps[place].operation
        makers = [each.place for each in self.repeats if each.step.operation is operation and self.makes(each.place)]
        return f"{'job' if operation is Operation.CREATE else 'batch'}{makers.index(place) + 1}"

    @cached_property
    def _named(self) -> set[int]:
        return {named.maker for repeat in self.repeats for named in self._trail.named_by(repeat.place)}

    # What is needed

    def _needed(self) -> set[int]:
        """The places of all steps that are needed, from those of the case on."""
        needed, added = set[int](), self._shown | self._read_afterwards() | self._meddling()
        while added:
            needed |= added
            jobs = {job for place in needed if (job := self._trail.jobs[place]) is not None}
            named = {piece.maker for place in added for piece in self._trail.named_by(place)}
            added = (named | (jobs or self._last_job()) | self._leading(jobs)) - needed
        return needed

    def _leading(self, jobs: Collection[int]) -> set[int]:
        """The places of the steps that led to the case: what changed its jobs, and reads between the steps that are shown."""
        found = set[int]()
        for job in jobs:
            places = self._trail.of_job[job]
            shown = [place for place in places if place in self._shown]
            # Of a job of which only the create is shown, or nothing, all may matter.
            last = self._end if shown in ([], [job]) else shown[-1]
            first = shown[0] if shown else self._end
            found |= {place for place in places if place < last and (self._trail.changes(place) or self._tells(place, first))}
        return found

    def _tells(self, place: int, first: int) -> bool:
        """Whether a step is a read that may have led to what is shown from a place on: it came later, or waited for a batch."""
        is_read = self._trail.steps[place].operation in READS
        return is_read and (place > first or self._trail.ends_reads_of_batch(place))

    def _meddling(self) -> set[int]:
        """The places of what happened to other jobs while that of the last step existed, unless it is too much to matter."""
        job = self._trail.jobs[self._end]
        between = range(self._end if job is None else job, self._end)
        found = {place for place in between if self._trail.jobs[place] not in (None, job) and self._trail.changes(place)}
        changing = [place for place in found if self._trail.steps[place].operation is not Operation.CREATE]
        return found if changing and len(found) <= _MOST_MEDDLING else set()

    def _last_job(self) -> set[int]:
        """The place where the last job before the case was created: a request that names none should not have found one."""
        return set([job for job in self._trail.of_job if job < self._end][-1:])

    def _read_afterwards(self) -> set[int]:
        """The place of the read after the last step, if that changed the job or is compared with an earlier read."""
        job = self._trail.jobs[self._end]
        is_read = self._trail.steps[self._end].operation in READS
        if job is None or (is_read and self._problem.serializations):
            return set()
        later = next((place for place in self._trail.of_job[job] if place > self._end), None)
        return {later} if later is not None and self._trail.steps[later].operation is Operation.READ else set()

    def _waits(self, place: int) -> bool:
        """Whether a read of a batch is sent until the batch is finished: so it was, or it was waited for in vain."""
        step = self._trail.steps[place]
        is_last = self._trail.ends_reads_of_batch(place)
        return step.operation is Operation.READ_BATCH and (is_last or step.answer.fields.get("state") not in _UNFINISHED)

    def _is_of_query(self, place: int) -> bool:
        job = self._trail.jobs[place]
        return job is not None and self._trail.steps[job].request.fields.get("operation") in ("query", "queryAll")
