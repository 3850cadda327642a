"""A stage: one performance of a scenario, which sends requests and keeps what it sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Protocol, TypeVar

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._escaping import quoted
from jobinfo_conformance._evidence.history import History, histories
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Exchange, Request
from jobinfo_conformance._job_requests import plain
from jobinfo_conformance._job_requests.plain import Place

if TYPE_CHECKING:
    from jobinfo_conformance._judging import ByKind

T = TypeVar("T")


class Unanswered(Exception):
    """A request got no answer; the message says why."""


class Spent(Unanswered):
    """A request was not sent: no more are allowed, or more would be pointless; the message says why."""


class NoJob(Exception):
    """A create was not accepted, or its answer names no job, so there is nothing to play on; the message says what came."""


def answered(step: Step) -> str:
    """The answer in a few words: the status, and the code and message of an error."""
    said = [step.answer.fields.get(name) for name in ("exceptionCode", "exceptionMessage")]
    return ": ".join([str(step.status), *(quoted(text, 100) for text in said if text)])


class Endpoint(Place, Protocol):
    """The endpoint that a scenario is played on: the job resource in one version.

    ``wait`` is how long accepted batches may take to finish, in seconds; ``queries`` says whether it has query jobs.
    """

    wait: float

    def send(self, request: Request) -> Exchange:
        """Send a request. Raises Unanswered."""

    def pause(self, seconds: float) -> None:
        """Wait."""


class Stage:
    """One performance of a scenario in a serialization, ``form``.

    ``offered`` are the serializations that may be used. A trial fails if it breaks one of the ``requirements``. ``trials``
    holds the exchanges of each sequence that Hypothesis drew or that was sent to shorten one, and ``seen`` all others.
    ``obstacles`` say what kept the scenario from showing everything.
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
        self.obstacles: list[str] = []

    def attempt(self, play: Callable[[], T]) -> T | None:
        """Play a part that the rest can do without; None if it could not be played to its end."""
        try:
            return play()
        except (Unanswered, NoJob) as obstacle:
            self.obstacles.append(str(obstacle))
        return None

    def send(self, request: Request) -> Step:
        """Send a request to the job resource, and keep the exchange. Raises Unanswered."""
        exchange = self.endpoint.send(request)
        self.seen.append(exchange)
        step = Step.of(exchange)
        assert step is not None
        return step

    def create(self, request: Request | None = None) -> str:
        """Create a job and return its id. Raises NoJob, and Unanswered."""
        step = self.send(request or plain.create(self.endpoint, self.form))
        if not step.accepted or step.job_id is None:
            raise NoJob(f"a create in {step.requested_serialization} was answered {answered(step)}")
        return step.job_id

    def create_in_other(self) -> tuple[str, Serialization]:
        """Create a job in the other serialization if that works, else in this one; return its id and the serialization.

        Raises NoJob, and Unanswered.
        """
        other = self.form.other
        if other in self.offered:
            made = self.attempt(lambda: self.create(plain.create(self.endpoint, other)))
            if made is not None:
                return made, other
        return self.create(), self.form

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
