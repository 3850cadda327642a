"""A stage: one performance of a scenario, which sends requests and keeps what it sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.statuses import PASSING_STATUSES
from jobinfo_conformance._evidence.history import History, histories
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Exchange, Request
from jobinfo_conformance._job_requests import plain
from jobinfo_conformance._job_requests.job_request import READS, Operation
from jobinfo_conformance._job_requests.plain import Place
from jobinfo_conformance._subjects.kind import SubjectKind

if TYPE_CHECKING:
    from jobinfo_conformance._judging import ByKind

T = TypeVar("T")

#: What can be sent again without a fresh job: reads change nothing, and a create makes a job of its own.
_REPEATABLE = (Operation.CREATE, *READS)


class Unanswered(Exception):
    """A request got no answer; the message says why."""


class Spent(Unanswered):
    """A request was not sent: no more are allowed, or more would be pointless; the message says why."""


class Passing(Unanswered):
    """A gateway or a limit refused a request that was answered otherwise when it was sent again, to a fresh job."""


class NoJob(Exception):
    """A create was not accepted, or its answer names no job, so there is nothing to play on; the message says what came."""


class Endpoint(Place, Protocol):
    """The endpoint that a scenario is played on: the job resource in one version.

    ``wait`` is how long accepted batches may take to finish, in seconds. ``no_creates_in`` are the serializations in which it
    refused to create a job.
    """

    wait: float
    no_creates_in: set[Serialization]

    def send(self, request: Request) -> Exchange:
        """Send a request. Raises Unanswered."""

    def pause(self, seconds: float) -> None:
        """Wait."""


class Obstacle(NamedTuple):
    """Why a scenario did not show everything. ``kinds`` names what it did not show; nothing, if all that was to come."""

    reason: str
    kinds: frozenset[str] = frozenset()


class Stage:
    """One performance of a scenario in a serialization, ``form``.

    ``offered`` are the serializations that may be used. A trial fails if it breaks one of the ``requirements``. ``trials``
    holds the exchanges of each sequence that Hypothesis drew or that was sent to shorten one, and ``seen`` all others.
    ``obstacles`` say what kept the scenario from showing everything. ``next_act`` is what the scenario leaves for later:
    what shortens, and what is drawn.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        form: Serialization,
        offered: Sequence[Serialization],
        requirements: ByKind | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.form = form
        self.offered = offered
        self.requirements = requirements or {}
        self.seen: list[Exchange] = []
        self.trials: list[list[Exchange]] = []
        self.obstacles: list[Obstacle] = []
        self.next_act: Callable[[], None] | None = None

    def afterwards(self, act: Callable[[], None]) -> None:
        """Leave an act for later: it is played once every scenario has shown what it can without."""
        self.next_act = act

    def play(self, act: Callable[[], None]) -> None:
        """Play an act to its end if possible; if an answer ended it that passes, once more from its beginning."""
        try:
            act()
        except Passing:
            self.attempt(act)
        except (Unanswered, NoJob) as obstacle:
            self.obstacles.append(Obstacle(str(obstacle)))

    def attempt(self, play: Callable[[], T], *, shows: Iterable[SubjectKind[Any]] = ()) -> T | None:
        """Play a part that the rest can do without; None if it could not be played to its end.

        ``shows`` are the kinds of subject that only this part shows, or one like it.
        """
        try:
            return play()
        except (Unanswered, NoJob) as obstacle:
            self.obstacles.append(Obstacle(str(obstacle), frozenset(kind.name for kind in shows)))
        return None

    def obstacle_to(self, kind: str, *, alone: bool = False) -> str | None:
        """Why a kind of subject was not shown: the last of the reasons that are about it, or else the first of all.

        With ``alone`` only the former; None if there is none.
        """
        own = [obstacle.reason for obstacle in self.obstacles if kind in obstacle.kinds]
        others = [] if alone else sorted(self.obstacles, key=lambda obstacle: bool(obstacle.kinds))
        return next((reason for reason in (*own[-1:], *(obstacle.reason for obstacle in others))), None)

    def send(self, request: Request) -> Step:
        """Send a request to the job resource, and keep the exchange.

        Raises Unanswered, also if a gateway or a limit refuses the request and would not refuse it again.
        """
        step = self._ask(request)
        if step.status in PASSING_STATUSES:
            step = self._ask(request) if step.operation in _REPEATABLE else self._refused_again(step)
        self.seen.append(step.exchange)
        return step

    def _ask(self, request: Request) -> Step:
        step = Step.of(self.endpoint.send(request))
        assert step is not None
        return step

    def _refused_again(self, refused: Step) -> Step:
        """The step, if it is refused so on a fresh job too, to which the same was sent before. Raises Passing."""
        told = [step for step in map(Step.of, self.seen) if step is not None and step.job_id == refused.job_id]
        changes = [step.exchange.request for step in told if step.accepted and step.operation not in READS]
        with self.trial() as exchanges:
            moved = self.replay(str(refused.job_id), changes) if changes else None
            request = refused.exchange.request
            exchanges.append(self._ask(moved(request) if moved else request).exchange)
        if exchanges[-1].response.status in PASSING_STATUSES:
            return refused
        raise Passing(f"{refused.answered} came, and did not come again when the same was sent to a fresh job")

    def replay(self, job_id: str, requests: Sequence[Request]) -> Callable[[Request], Request]:
        """Send the create of a job and what followed again, to a new job; return what turns more requests into the new job's.

        Raises NoJob, and Unanswered.
        """
        create, *others = requests
        moved = partial(plain.for_other_job, job_id, self.create(create))
        for request in others:
            self.send(moved(request))
        return moved

    @property
    def other(self) -> Serialization:
        """The other serialization, or this stage's own if there is no other."""
        return self.form.other if self.form.other in self.offered else self.form

    @property
    def content_type(self) -> str:
        """The contentType of the jobs that `create` creates."""
        return plain.content_type(self.endpoint, self._working(self.form))

    def create(self, request: Request | None = None) -> str:
        """Create a job and return its id. Raises NoJob, and Unanswered.

        Where creates are refused in this serialization, the job is created in the other: the request that closes it can
        still be in this one.
        """
        return self._create_in(self.form) if request is None else _created(self.send(request))

    def create_in_other(self) -> str:
        """Create a job in the other serialization if that works, else in this one. Raises NoJob, and Unanswered."""
        return self._create_in(self.other)

    def _create_in(self, preferred: Serialization) -> str:
        form = self._working(preferred)
        step = self.send(plain.create(self.endpoint, form))
        if step.refused:
            self.endpoint.no_creates_in.add(form)
            if self._working(form) is not form:
                return self._create_in(form)
        return _created(step)

    def _working(self, preferred: Serialization) -> Serialization:
        """The serialization to create a job in: the preferred one, unless creates are refused in it alone."""
        falls_back = preferred in self.endpoint.no_creates_in and preferred.other not in self.endpoint.no_creates_in
        return preferred.other if falls_back and preferred.other in self.offered else preferred

    def close(self, job_id: str, form: Serialization | None = None) -> Step:
        """Close a job in the documented form."""
        return self.change(job_id, "Closed", form)

    def close_request(self, job_id: str) -> Request:
        """The documented close of a job, ready to be changed and sent."""
        return plain.close(self.endpoint, job_id, self.form)

    def change(self, job_id: str, state: str, form: Serialization | None = None) -> Step:
        """Ask for a job's state to become another."""
        return self.send(plain.change(self.endpoint, job_id, state, form or self.form))

    def read(self, job_id: str, form: Serialization | None = None) -> Step:
        """Read a job."""
        return self.send(plain.read(self.endpoint, job_id, form or self.form))

    @property
    def steps(self) -> list[Step]:
        """All steps that were seen, including those of trials."""
        exchanges = chain(self.seen, *self.trials)
        return [step for step in map(Step.of, exchanges) if step is not None]

    @contextmanager
    def trial(self) -> Iterator[list[Exchange]]:
        """Keep the exchanges of a block apart from the others, as a trial, even if it ends in an error."""
        outside, self.seen = self.seen, []
        try:
            yield self.seen
        finally:
            self.trials.append(self.seen)
            self.seen = outside

    def show_first(self, trial: list[Exchange]) -> None:
        """Put a trial before all others."""
        self.trials = [trial, *(other for other in self.trials if other is not trial)]

    def histories(self, wait: float) -> list[History]:
        """The histories of all jobs, trials first; ``wait`` is how long batches were given to finish, in seconds."""
        found = [history for trial in self.trials for history in histories(trial, whole=True, drawn=True)]
        return found + histories(self.seen, whole=True, waited=None if self.obstacles else wait)


def _created(step: Step) -> str:
    """The id of the job that a create made. Raises NoJob."""
    if not step.accepted or step.job_id is None:
        raise NoJob(f"a create in {step.requested_serialization} was answered {step.answered}")
    return step.job_id
