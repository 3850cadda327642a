"""The suite against faults: which requirement notices which, as ``jobinfo-conformance selftest`` tells it.

A fault survives where the requirement that it is meant to break does not notice it, whatever others do. A SHOULD notices
by a warning.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from jobinfo_conformance.checks import CATALOGUE
from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.reference import Service
from jobinfo_conformance.reference.faults import FAULTS, Fault
from jobinfo_conformance.targets.base import LiveOptions, TargetUnusable
from jobinfo_conformance.targets.reference import Reference
from jobinfo_conformance.verdicts import Outcome, judge

#: What a requirement has a verdict on: its id and a serialization, None for both at once.
Place = tuple[str, Serialization | None]

#: Batches are given so long to finish, in seconds. By the clock of the service they do so after a few looks at it.
_WAIT = 0.1
_STARTED, _TICK, _BATCH_TICKS = datetime(2026, 1, 1, tzinfo=UTC), timedelta(milliseconds=1), 4
#: Enough for whatever a fault makes the suite ask, so that none hides behind the bound of a run.
_REQUESTS = 2000


@dataclass(frozen=True)
class Noticed:
    """What was noticed of the fault of a name, or of none: where requirements did not hold, MUST or SHOULD.

    ``unusable`` says why nothing could be observed.
    """

    name: str | None
    places: frozenset[Place] = frozenset()
    unusable: str | None = None

    @property
    def fault(self) -> Fault | None:
        """The fault."""
        return None if self.name is None else FAULTS[self.name]

    @property
    def meant(self) -> list[Place]:
        """Where the fault is meant to be noticed: in each serialization that it and its requirement have."""
        if self.fault is None:
            return []
        requirement = CATALOGUE[self.fault.breaks].requirement
        forms = (None, *self.fault.serializations)
        return [(requirement.id, form) for form in requirement.serializations if form in forms]

    @property
    def missed(self) -> list[Place]:
        """Where it is meant to be noticed and is not."""
        return [place for place in self.meant if place not in self.places]

    @property
    def others(self) -> list[str]:
        """The other requirements that notice it, in the order of the catalogue."""
        found = {name for name, _ in self.places} - {name for name, _ in self.meant}
        return [name for name in CATALOGUE if name in found]

    @property
    def is_right(self) -> bool:
        """Whether a fault does not survive, and the reference without one conforms, strictly."""
        return self.unusable is None and (not self.places if self.fault is None else not self.missed)


def selftest(names: Iterable[str | None] = (None, *FAULTS)) -> Iterator[Noticed]:
    """Run the suite against the reference as it is and with each fault, in this order, on all processors."""
    with ProcessPoolExecutor(os.cpu_count(), initializer=_leave_ctrl_c_to_the_parent) as pool:
        try:
            yield from pool.map(notice, names)
        finally:
            pool.shutdown(cancel_futures=True)


def notice(name: str | None) -> Noticed:
    """Run the suite against one fault, or against the reference as it is."""
    fault = None if name is None else FAULTS[name]
    make = Service if fault is None else fault.service
    service = make(batch_seconds=(_BATCH_TICKS * _TICK).total_seconds(), clock=_ticking())
    options = LiveOptions(wait=_WAIT, max_requests=_REQUESTS)
    try:
        observation = Reference("reference", options, service).observe(tuple(Serialization))
    except TargetUnusable as error:
        return Noticed(name, unusable=str(error))
    verdicts = [
        judge(check, form, observation, strict=fault is None)
        for check in CATALOGUE.values()
        for form in check.requirement.serializations
    ]
    kept = {Outcome.PASS} if fault is None else set(Outcome) - {Outcome.WARN, Outcome.FAIL}
    return Noticed(name, frozenset((one.requirement.id, one.serialization) for one in verdicts if one.outcome not in kept))


def unshown(noticed: Iterable[Noticed]) -> list[Place]:
    """Where no fault shows that a requirement is tested."""
    shown = {place for one in noticed for place in one.meant if place in one.places}
    everywhere = [(name, form) for name, check in CATALOGUE.items() for form in check.requirement.serializations]
    return [place for place in everywhere if place not in shown]


def _ticking() -> Callable[[], datetime]:
    """A clock that goes on by a millisecond with each look, so that every run sees the same."""
    ticks = count()
    return lambda: _STARTED + next(ticks) * _TICK


def _leave_ctrl_c_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
