"""The suite against faults: which requirement notices which, as ``jobinfo-conformance selftest`` reports it.

A fault survives where the requirement that it is meant to break does not notice it, whatever others do. A SHOULD notices
by a warning.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from jobinfo_conformance._catalogue.catalogue import Catalogue, Place
from jobinfo_conformance._catalogue.extensions import installed
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._judging import judge
from jobinfo_conformance._reference.adaptation import adapted
from jobinfo_conformance._reference.faults.fault import Fault
from jobinfo_conformance._reference.service import Service
from jobinfo_conformance._results.results import Outcome
from jobinfo_conformance._targets.served import of_service
from jobinfo_conformance._targets.target import Asking, TargetUnusable

#: How long batches are given to finish, in seconds. By the clock of the service they do so after a few looks at it.
_WAIT = 0.1
_STARTED, _TICK, _BATCH_TICKS = datetime(2026, 1, 1, tzinfo=UTC), timedelta(milliseconds=1), 4
#: Enough for whatever a fault makes the suite ask, so that none hides behind the bound of a run.
_REQUESTS = 2000


@dataclass(frozen=True)
class Trial:
    """The suite against a fault, or against the reference without one: the places where requirements did not hold.

    ``unusable`` says why nothing could be observed.
    """

    fault: Fault | None
    places: frozenset[Place] = frozenset()
    unusable: str | None = None

    def meant(self, catalogue: Catalogue) -> list[Place]:
        """Where the fault is meant to be noticed: in each serialization that it and its requirement have."""
        if self.fault is None:
            return []
        requirement = catalogue.requirements[self.fault.breaks]
        forms = (None, *self.fault.serializations)
        return [(requirement.id, form) for form in requirement.serializations if form in forms]

    def missed(self, catalogue: Catalogue) -> list[Place]:
        """Where the fault is meant to be noticed and is not."""
        return [place for place in self.meant(catalogue) if place not in self.places]

    def others(self, catalogue: Catalogue) -> list[str]:
        """The other requirements that notice the fault, in the order of the catalogue."""
        found = {name for name, _ in self.places} - {name for name, _ in self.meant(catalogue)}
        return [name for name in catalogue.requirements if name in found]

    def is_right(self, catalogue: Catalogue) -> bool:
        """Whether the fault does not survive; the reference without one has to conform, strictly."""
        if self.unusable is not None:
            return False
        return not self.places if self.fault is None else not self.missed(catalogue)


@dataclass(frozen=True)
class KillMap:
    """The trials of a catalogue."""

    catalogue: Catalogue
    trials: tuple[Trial, ...]

    @property
    def wrong(self) -> list[Trial]:
        """The trials that did not end as they should."""
        return [trial for trial in self.trials if not trial.is_right(self.catalogue)]

    @property
    def unshown(self) -> list[Place]:
        """Where no fault shows that a requirement is tested."""
        shown = {place for trial in self.trials for place in trial.meant(self.catalogue) if place in trial.places}
        return [place for place in self.catalogue.places if place not in shown]


def trials(names: Sequence[str | None] | None = None, extension: Sequence[str] = ()) -> Iterator[Trial]:
    """Run the suite against the reference as it is (None) and with each fault, in this order, on all processors.

    Those are all of the catalogue with extensions, where no names are given.
    """
    catalogue = installed(extension)
    chosen: Iterable[str | None] = (None, *catalogue.faults) if names is None else names
    with ProcessPoolExecutor(os.cpu_count(), initializer=_begin, initargs=(tuple(extension),)) as pool:
        try:
            for name, places, unusable in pool.map(_trial, chosen):
                yield Trial(None if name is None else catalogue.fault(name), places, unusable)
        finally:
            pool.shutdown(cancel_futures=True)


_catalogue: Catalogue


def _begin(extension: tuple[str, ...]) -> None:
    """Prepare a process: Ctrl-C is left to the one that started it."""
    global _catalogue  # noqa: PLW0603  # a process of the pool has one catalogue, which is too large to be sent with each trial
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _catalogue = installed(extension)


def _trial(name: str | None) -> tuple[str | None, frozenset[Place], str | None]:
    """What a trial comes to, without the fault itself, which no other process can be sent."""
    found = trial(name, _catalogue)
    return name, found.places, found.unusable


def trial(name: str | None, catalogue: Catalogue) -> Trial:
    """Run the suite against one fault, or against the reference as it is."""
    fault = None if name is None else catalogue.fault(name)
    settings = {"batch_seconds": (_BATCH_TICKS * _TICK).total_seconds(), "clock": _ticking()}
    if fault is None:
        service = adapted(Service, catalogue.adaptations)(**settings)  # type: ignore[arg-type]  # the settings of Service
    else:
        service = fault.service(catalogue.adaptations, **settings)
    source = of_service("reference", Asking(wait=_WAIT, max_requests=_REQUESTS), service)
    try:
        observation = source.observe(tuple(Serialization), catalogue)
    except TargetUnusable as error:
        return Trial(fault, unusable=str(error))
    judgements = [
        judge(catalogue.requirements[name], form, observation, strict=fault is None) for name, form in catalogue.places
    ]
    quiet = {Outcome.PASS} if fault is None else set(Outcome) - {Outcome.WARN, Outcome.FAIL}
    return Trial(fault, frozenset((one.id, one.serialization) for one in judgements if one.outcome not in quiet))


def _ticking() -> Callable[[], datetime]:
    """A clock that goes on by a millisecond with each look, so that every run sees the same."""
    ticks = count()
    return lambda: _STARTED + next(ticks) * _TICK
