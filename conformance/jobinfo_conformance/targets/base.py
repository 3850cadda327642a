"""What a target is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.contract.versions import DEFAULT, Version
from jobinfo_conformance.evidence.observation import Observation

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class LiveOptions:
    """How a live endpoint is asked.

    ``timeout`` and ``wait`` are in seconds: for one answer, and for batches to finish. ``max_requests`` is the most
    that are sent, those to clean up included; None is what a conforming endpoint needs, and 200 at least. ``queries``
    says whether the endpoint has query jobs, ``writes`` whether records may be inserted, and ``workers`` how many
    scenarios are played side by side. ``progress`` is told which scenario begins, of how many, and its name.
    """

    version: Version = DEFAULT
    job_object: str = "Account"
    timeout: float = 30
    wait: float = 20
    max_requests: int | None = None
    queries: bool = True
    writes: bool = False
    workers: int = 1
    progress: Progress | None = None


class TargetUnusable(Exception):
    """Nothing can be learned from this target; the message is a line for the user."""


class Target(Protocol):
    """Where evidence comes from. Whoever looks at an observation can't tell one target from another."""

    @property
    def name(self) -> str:
        """What the user called it."""

    def observe(self, serializations: Sequence[Serialization]) -> Observation:
        """Ask all there is to ask in these serializations. Raises TargetUnusable."""
