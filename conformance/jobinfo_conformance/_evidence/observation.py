"""Everything that a run saw of a target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.client_run import ClientRun
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.passed_over import PassedOver
from jobinfo_conformance._evidence.provenance import JobEntries, Obstacle, Provenance
from jobinfo_conformance._exchange import Exchange


@dataclass(frozen=True)
class Observation:
    """What a target was seen to do: the histories of its jobs, and how they came about.

    ``live`` says that a run asked for all of it, even if it is replayed from the run's own recording.
    ``expected`` names the kinds of subject that a conforming live target would have shown; nothing is expected of a
    stranger's recording. If one was not seen in a serialization, ``obstacles`` may say why, and ``broken`` which scenario
    that shows it broke down itself. ``errors`` are the tracebacks of such scenarios, and ``overspent`` says which took more
    than they say. ``unanswered`` are the requests that got no answer, as curl lines. ``left_open`` are the ids of jobs that
    could not be cleaned up, ``unanswered_creates`` is how many creates named no job, and ``requests`` how many requests were
    sent. ``remarks`` say what became of the jobs of earlier runs, and of the command that served the target.
    ``passed_over`` are the entries of a recording that are no evidence. ``version`` is that of the API; None if a recording
    holds more than one. ``client_runs`` are the runs of a client under test.
    """

    target: str
    histories: tuple[History, ...]
    requests: int
    serializations: tuple[Serialization, ...]
    version: str | None = None
    live: bool = False
    expected: frozenset[str] = frozenset()
    obstacles: Mapping[tuple[str, Serialization], str] = field(default_factory=dict)
    left_open: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    unanswered_creates: int = 0
    remarks: tuple[str, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    broken: Mapping[tuple[str, Serialization], str] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    overspent: tuple[str, ...] = ()
    client_runs: tuple[ClientRun, ...] = ()

    def __getstate__(self) -> dict[str, Any]:
        """Pickle only what was seen: what was found in it can be found again."""
        return {member.name: getattr(self, member.name) for member in fields(self)}

    @property
    def whole(self) -> bool:
        """Whether the exchanges include every request about their jobs."""
        return all(history.whole for history in self.histories)

    @cached_property
    def found(self) -> dict[object, tuple[Any, ...]]:
        """The subjects found in the histories, by kind: each kind is looked for once."""
        return {}

    @property
    def provenance(self) -> Provenance | None:
        """How the exchanges came about, for a recording of them; None if they are from a stranger's recording."""
        if not self.expected:
            return None
        places = {id(exchange): place for place, exchange in enumerate(self.exchanges)}
        jobs = [
            JobEntries(tuple(places[id(step.exchange)] for step in history.steps), history.waited, history.drawn)
            for history in self.histories
        ]
        obstacles = [Obstacle(kind, form, reason) for (kind, form), reason in sorted(self.obstacles.items())]
        return Provenance(self.version, self.serializations, tuple(sorted(self.expected)), tuple(obstacles), tuple(jobs))

    @cached_property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All exchanges of the histories, in the order they were seen."""
        seen = [step.exchange for history in self.histories for step in history.steps]
        if any(exchange.started is None for exchange in seen):
            return tuple(sorted(seen, key=lambda exchange: exchange.entry or 0))
        return tuple(sorted(seen, key=lambda exchange: (exchange.started, exchange.entry or 0)))
