"""The reference implementation as a target: a live endpoint that exists while it is observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.evidence.observation import Observation
from jobinfo_conformance.evidence.secrets import Session
from jobinfo_conformance.reference import Service, serving
from jobinfo_conformance.targets.base import LiveOptions, TargetUnusable
from jobinfo_conformance.targets.live import Live

#: Long enough for a close to come before the batch is done.
_BATCH_SECONDS = 0.2


@dataclass(frozen=True)
class Reference:
    """The implementation that ships with the suite, served on loopback for one observation."""

    name: str
    options: LiveOptions
    service: Service

    @classmethod
    def of(cls, name: str, options: LiveOptions) -> Reference:
        """The reference of a name: ``reference``, or ``reference:FAULT``. Raises TargetUnusable for an unknown fault."""
        from jobinfo_conformance.reference.faults import UnknownFault, find_fault

        _, colon, fault = name.partition(":")
        try:
            make = find_fault(fault).service if colon else Service
        except UnknownFault as error:
            raise TargetUnusable(str(error)) from error
        return cls(name, options, make(batch_seconds=_BATCH_SECONDS))

    def observe(self, serializations: Sequence[Serialization]) -> Observation:
        """Serve, and ask what a live target is asked."""
        with serving(self.service) as url:
            live = Live(url, Session(self.service.session), self.options)
            return replace(live.observe(serializations), target=self.name)
