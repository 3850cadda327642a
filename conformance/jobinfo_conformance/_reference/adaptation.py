"""How an extension adapts the reference implementation, so that it meets the extension's own requirements."""

from __future__ import annotations

from dataclasses import dataclass

from jobinfo_conformance._reference.service import Service


@dataclass(frozen=True)
class Adaptation:
    """A subclass of Service with steps that every service of the reference implementation then has."""

    service: type[Service]


def adaptation(service: type[Service]) -> Adaptation:
    """Turn a subclass of Service into an adaptation of the reference implementation. Raises ValueError if it is none."""
    refuse_other_than_service(service)
    return Adaptation(service)


def refuse_other_than_service(service: object) -> None:
    """Raise ValueError if something is not a subclass of Service."""
    if not isinstance(service, type) or not issubclass(service, Service):
        name = getattr(service, "__name__", repr(service))
        raise ValueError(f"{name} is not a subclass of Service, as what adapts the reference or departs from it has to be")


def adapted(service: type[Service], adaptations: tuple[type[Service], ...]) -> type[Service]:
    """Return a service class that overrides the steps of adaptations, which override those of Service."""
    own = () if service is Service else (service,)
    return type(service.__name__, (*own, *reversed(adaptations)), {}) if adaptations else service
