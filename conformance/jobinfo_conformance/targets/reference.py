"""The reference implementation as a target: a live endpoint that exists while it is observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.contract.versions import Version
from jobinfo_conformance.evidence.observation import Observation
from jobinfo_conformance.evidence.secrets import Session
from jobinfo_conformance.reference import Service, serving
from jobinfo_conformance.targets.live import Live


@dataclass(frozen=True)
class Reference:
    """The implementation that ships with the suite, served on loopback for one observation."""

    name: str
    version: Version
    job_object: str
    timeout: float
    max_requests: int | None

    def observe(self, serializations: Sequence[Serialization]) -> Observation:
        """Serve, and ask what a live target is asked."""
        service = Service()
        with serving(service) as url:
            live = Live(
                url,
                Session(service.session),
                version=self.version,
                job_object=self.job_object,
                timeout=self.timeout,
                max_requests=self.max_requests,
            )
            return replace(live.observe(serializations), target=self.name)
