"""What a scenario is: a few requests that obtain evidence, what they cost, and what they show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from itertools import product
from typing import Any, Required, TypedDict, Unpack

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._scenarios.stage import Stage
from jobinfo_conformance._subjects.kind import SubjectKind, SubjectKindAcross

Play = Callable[[Stage], None]


@dataclass(frozen=True)
class Scenario:
    """A few requests, what they cost in each serialization, and what they show.

    ``requests`` and ``jobs`` are the most that a conforming endpoint is sent. ``at_worst`` is the most requests that any
    endpoint is sent, since where something fails more are sent to find out what; None means no more than ``requests``.
    ``kinds`` are the kinds of subject that a conforming endpoint shows. ``queries`` marks a scenario that adds batches of
    SOQL, which write nothing, and ``writes`` one that inserts records. ``only`` are the serializations in which it is played;
    with ``once`` it is played only in the first serialization that is offered.
    ``extension`` names the extension that adds the scenario; None for a built-in one.
    """

    name: str
    play: Play
    requests: int
    jobs: int = 1
    at_worst: int | None = None
    kinds: frozenset[SubjectKind[Any]] = frozenset()
    queries: bool = False
    writes: bool = False
    only: tuple[Serialization, ...] = tuple(Serialization)
    once: bool = False
    extension: str | None = None

    @property
    def shows(self) -> frozenset[str]:
        """The names of the kinds of subject that it shows."""
        return frozenset(kind.name for kind in self.kinds)

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

    ``name`` says in a few words what is sent. The keywords are the members of Scenario, and ``shows``, its kinds of
    subject. Raises ValueError if one is missing, unknown, or of the wrong type.

        >>> @scenario("create a job and close it", requests=2)
        ... def closed(stage):
        ...     stage.close(stage.create())
        >>> closed.name, closed.requests, closed.jobs
        ('create a job and close it', 2, 1)
    """
    options["shows"] = tuple(options.get("shows", ()))  # it may be an iterator
    _refuse_odd(name, options)
    kinds = frozenset(options.pop("shows"))
    return lambda play: Scenario(name, play, kinds=kinds, **options)  # type: ignore[misc]  # shows was popped


def _refuse_odd(name: str, options: ScenarioOptions) -> None:
    """Raise ValueError if the keywords of a scenario are not what they have to be."""
    unknown = ", ".join(sorted(set(options) - set(ScenarioOptions.__annotations__)))
    if unknown:
        raise ValueError(f"the scenario {name!r} takes no {unknown}")
    if "requests" not in options:
        raise ValueError(f"the scenario {name!r} does not say how many requests it takes")
    for cost in ("requests", "jobs"):
        value = options.get(cost, 1)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ValueError(f"the scenario {name!r} takes {value!r} {cost}: give a whole number")
    odd = [kind for kind in options.get("shows", ()) if not isinstance(kind, SubjectKind)]
    if odd:
        raise ValueError(f"the scenario {name!r} shows {odd[0]!r}, which is not a kind of subject")
    if not set(options.get("only", ())) <= set(Serialization):
        raise ValueError(f"the scenario {name!r} is only for {options['only']!r}: give a tuple of serializations")


#: A scenario, and the serialization that it is played in.
Played = tuple[Scenario, Serialization]


def chosen(
    scenarios: Iterable[Scenario],
    offered: Sequence[Serialization],
    *,
    queries: bool,
    writes: bool,
    kinds: Set[SubjectKind[Any]] | None = None,
) -> list[Played]:
    """The scenarios that are played on an endpoint, each with the serialization that it is played in, in order.

    ``kinds`` are those that have to be shown; None means all. One that spans jobs, or that no scenario says it shows, takes all
    scenarios.
    """
    allowed = [scenario for scenario in scenarios if (queries or not scenario.queries) and (writes or not scenario.writes)]
    if kinds is not None and kinds <= _shown_by_one(allowed):
        allowed = [scenario for scenario in allowed if scenario.kinds & kinds]
    plays = [(scenario, form) for scenario, form in product(allowed, offered) if form in scenario.only]
    return [(scenario, form) for scenario, form in plays if form is offered[0] or not scenario.once]


def _shown_by_one(scenarios: Iterable[Scenario]) -> frozenset[SubjectKind[Any]]:
    """The kinds that a scenario shows by itself."""
    shown = frozenset[SubjectKind[Any]]().union(*(scenario.kinds for scenario in scenarios))
    return frozenset(kind for kind in shown if not isinstance(kind, SubjectKindAcross))
