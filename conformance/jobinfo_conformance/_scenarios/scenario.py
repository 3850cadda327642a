"""What a scenario is: a few requests that obtain evidence, what they cost, and what they show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Required, TypedDict, Unpack

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._scenarios.stage import Stage
from jobinfo_conformance._subjects.subject import SubjectKind

Play = Callable[[Stage], None]


@dataclass(frozen=True)
class Scenario:
    """A few requests, what they cost in each serialization, and what they show.

    ``requests`` and ``jobs`` are the most that a conforming endpoint is sent. ``at_worst`` is the most requests that any
    endpoint is sent, since where something fails more are sent to find out what; None means no more than ``requests``.
    ``shows`` names the kinds of subject that a conforming endpoint shows. ``queries`` marks a scenario that adds batches of
    SOQL, which write nothing, and ``writes`` one that inserts records. ``only`` are the serializations in which it is played;
    with ``once`` it is played only in the first serialization that is offered.
    """

    name: str
    play: Play
    requests: int
    jobs: int = 1
    at_worst: int | None = None
    shows: frozenset[str] = frozenset()
    queries: bool = False
    writes: bool = False
    only: tuple[Serialization, ...] = tuple(Serialization)
    once: bool = False

    @property
    def most_requests(self) -> int:
        """The most requests that any endpoint is sent, those that end its jobs included."""
        return (self.requests if self.at_worst is None else self.at_worst) + self.jobs


class ScenarioOptions(TypedDict, total=False):
    """The keywords of `scenario`, which are members of Scenario."""

    requests: Required[int]
    jobs: int
    at_worst: int
    shows: Iterable[SubjectKind[Any]]
    queries: bool
    writes: bool
    only: tuple[Serialization, ...]
    once: bool


def scenario(name: str, **options: Unpack[ScenarioOptions]) -> Callable[[Play], Scenario]:
    """Turn a function that plays on a Stage into a scenario.

    ``name`` says in a few words what is sent. The keywords are the members of Scenario; ``shows`` takes kinds of subject.

        >>> @scenario("create a job and close it", requests=2)
        ... def closed(stage):
        ...     stage.close(stage.create())
        >>> closed.name, closed.requests, closed.jobs
        ('create a job and close it', 2, 1)
    """
    names = frozenset(kind.name for kind in options.pop("shows", ()))
    return lambda play: Scenario(name, play, shows=names, **options)  # type: ignore[arg-type,misc]  # shows was popped


#: A scenario, and the serialization that it is played in.
Played = tuple[Scenario, Serialization]


def chosen(scenarios: Iterable[Scenario], offered: Sequence[Serialization], *, queries: bool, writes: bool) -> list[Played]:
    """The scenarios that are played on an endpoint, each with the serialization that it is played in, in order."""
    allowed = [scenario for scenario in scenarios if (queries or not scenario.queries) and (writes or not scenario.writes)]
    plays = [(scenario, form) for scenario, form in product(allowed, offered) if form in scenario.only]
    return [(scenario, form) for scenario, form in plays if form is offered[0] or not scenario.once]
