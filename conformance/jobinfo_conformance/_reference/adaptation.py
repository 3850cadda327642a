"""How an extension adapts the reference implementation, so that it keeps the extension's own requirements."""

from __future__ import annotations

from dataclasses import dataclass

from jobinfo_conformance._reference.service import Service


@dataclass(frozen=True)
class Adaptation:
    """A class of Service that overrides steps; each service of the reference then has them."""

    service: type[Service]


def adaptation(service: type[Service]) -> Adaptation:
    """Make a class of Service an adaptation of the reference implementation."""
    return Adaptation(service)


def adapted(service: type[Service], adaptations: tuple[type[Service], ...]) -> type[Service]:
    """Return a class of service with the steps of adaptations beneath its own."""
    own = () if service is Service else (service,)
    return type(service.__name__, (*own, *reversed(adaptations)), {}) if adaptations else service
