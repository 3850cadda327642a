"""All that a run saw of a target."""

from __future__ import annotations

from dataclasses import dataclass

from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.evidence.history import History


@dataclass(frozen=True)
class Observation:
    """What a target was seen to do: the histories of its jobs, and how they came about.

    ``expected`` names the kinds of subject that a conforming live target would have shown: where one was not seen,
    ``obstacle`` may say why. Of a recording nothing is expected. ``left_open`` are the ids of jobs that could not be
    cleaned up, ``requests`` the number of requests that were sent.
    """

    target: str
    histories: tuple[History, ...]
    requests: int
    serializations: tuple[Serialization, ...]
    live: bool = False
    expected: frozenset[str] = frozenset()
    obstacle: str | None = None
    left_open: tuple[str, ...] = ()

    @property
    def version(self) -> str | None:
        """The version of the API that was spoken; None where it was more than one."""
        versions = {step.resource.version_text for history in self.histories for step in history.steps}
        return versions.pop() if len(versions) == 1 else None
