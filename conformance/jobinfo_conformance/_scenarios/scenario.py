"""What a scenario is: a few requests to obtain evidence, what they cost, and what they show."""

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
    """A few requests, what they cost at most (``requests`` and ``jobs``, in each serialization), and what they show.

    ``shows`` names the kinds of subject that a conforming endpoint shows in it. ``queries`` marks one that adds batches of
    SOQL, which write nothing, and ``writes`` one that inserts records. ``only`` are the serializations that have it; one
    with ``once`` is played in the first serialization that is offered.
    """

    name: str
    play: Play
    requests: int
    jobs: int = 1
    shows: frozenset[str] = frozenset()
    queries: bool = False
    writes: bool = False
    only: tuple[Serialization, ...] = tuple(Serialization)
    once: bool = False


class Costs(TypedDict, total=False):
    """What a scenario costs, shows and needs."""

    requests: Required[int]
    jobs: int
    shows: Iterable[SubjectKind[Any]]
    queries: bool
    writes: bool
    only: tuple[Serialization, ...]
    once: bool


def scenario(name: str, **costs: Unpack[Costs]) -> Callable[[Play], Scenario]:
    """Make a function that plays on a Stage a scenario.

    The keywords are the members of Scenario; ``shows`` takes kinds of subject. ``name`` says what is asked, in a few words.

        >>> @scenario("create a job and close it", requests=2)
        ... def closed(stage):
        ...     stage.close(stage.create())
        >>> closed.name, closed.requests, closed.jobs
        ('create a job and close it', 2, 1)
    """
    names = frozenset(kind.name for kind in costs.pop("shows", ()))
    return lambda play: Scenario(name, play, shows=names, **costs)  # type: ignore[arg-type,misc]  # shows is not there any more


#: A scenario, and the serialization that it is played in.
Played = tuple[Scenario, Serialization]


def chosen(scenarios: Iterable[Scenario], offered: Sequence[Serialization], *, queries: bool, writes: bool) -> list[Played]:
    """The scenarios that an endpoint is asked, each with the serialization that it is played in, in their order."""
    asked = [one for one in scenarios if (queries or not one.queries) and (writes or not one.writes)]
    plays = [(one, form) for one, form in product(asked, offered) if form in one.only]
    return [(one, form) for one, form in plays if form is offered[0] or not one.once]
