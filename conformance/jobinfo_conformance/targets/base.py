"""What a target is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.evidence.observation import Observation


class TargetUnusable(Exception):
    """Nothing can be learned from this target; the message is a line for the user."""


class Target(Protocol):
    """Where evidence comes from. Whoever looks at an observation can't tell one target from another."""

    @property
    def name(self) -> str:
        """What the user called it."""

    def observe(self, serializations: Sequence[Serialization]) -> Observation:
        """Ask all there is to ask in these serializations. Raises TargetUnusable."""
