"""The reference implementation as a target: a live endpoint that exists while it is observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.evidence.observation import Observation
from jobinfo_conformance.evidence.secrets import Session
from jobinfo_conformance.reference import Service, serving
from jobinfo_conformance.targets.base import LiveOptions
from jobinfo_conformance.targets.live import Live

#: Long enough for a close to come before the batch is done.
_BATCH_SECONDS = 0.2


@dataclass(frozen=True)
class Reference:
    """The implementation that ships with the suite, served on loopback for one observation."""

    name: str
    options: LiveOptions

    def observe(self, serializations: Sequence[Serialization]) -> Observation:
        """Serve, and ask what a live target is asked."""
        service = Service(batch_seconds=_BATCH_SECONDS)
        with serving(service) as url:
            live = Live(url, Session(service.session), self.options)
            return replace(live.observe(serializations), target=self.name)
