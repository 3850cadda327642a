"""All that a run saw of a target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.evidence.exchange import Exchange
from jobinfo_conformance.evidence.history import History


@dataclass(frozen=True)
class Observation:
    """What a target was seen to do: the histories of its jobs, and how they came about.

    ``expected`` names the kinds of subject that a conforming live target would have shown: where one was not seen in a
    serialization, ``obstacles`` may say why. Of a recording nothing is expected. ``left_open`` are the ids of jobs that
    could not be cleaned up, ``nameless`` is how many creates named no job, ``requests`` how many requests were sent.
    ``version`` is that of the API; None where a recording holds more than one.
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
    nameless: int = 0

    @property
    def exchanges(self) -> list[Exchange]:
        """All exchanges of the histories, in the order in which they were seen."""
        seen = [step.exchange for history in self.histories for step in history.steps]
        if any(exchange.started is None for exchange in seen):
            return sorted(seen, key=lambda exchange: exchange.entry or 0)
        return sorted(seen, key=lambda exchange: (exchange.started, exchange.entry or 0))


def perhaps_left_open(nameless: int) -> str:
    """The line on creates that named no job, of which each may have made one."""
    return f"perhaps left open: {nameless} jobs whose creates were not answered or named none"
