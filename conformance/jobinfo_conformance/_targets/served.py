"""Targets that are served on loopback for one observation: the reference implementation, and a user's own application."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._importing import imported
from jobinfo_conformance._reference.server import serving
from jobinfo_conformance._reference.service import Service
from jobinfo_conformance._reference.wire import Wire
from jobinfo_conformance._targets.app_server import interface_of, serving_app
from jobinfo_conformance._targets.credentials import Credentials
from jobinfo_conformance._targets.live import Live
from jobinfo_conformance._targets.target import Asking, TargetUnusable

#: How long a batch takes, in seconds: long enough for the close to come before the batch is done.
_BATCH_SECONDS = 0.2


class Served:
    """An endpoint that exists only while it is observed; ``serve`` starts it and yields its base URL."""

    def __init__(
        self, name: str, asking: Asking, credentials: Credentials, serve: Callable[[], AbstractContextManager[str]]
    ) -> None:
        self.name = name
        self._asking = asking
        self._credentials = credentials
        self._serve = serve

    def observe(self, serializations: Sequence[Serialization], catalogue: Catalogue) -> Observation:
        """Start the endpoint, and ask what any live endpoint is asked."""
        with self._serve() as url:
            return Live(url, self._credentials, self._asking, name=self.name).observe(serializations, catalogue)


#: Makes credentials with a session, and with the headers that the user adds.
WithSession = Callable[[str], Credentials]


def reference(name: str, asking: Asking, catalogue: Catalogue, with_session: WithSession) -> Served:
    """Return the target of this name: ``reference``, or ``reference:FAULT``. Raises BadInput for an unknown fault."""
    _, colon, fault = name.partition(":")
    service = catalogue.service(fault if colon else None, batch_seconds=_BATCH_SECONDS)
    label = ", ".join([name, *(manner.name for manner in catalogue.in_use)])
    return of_service(label, asking, service, catalogue.wire(fault if colon else None), with_session=with_session)


def of_service(
    name: str, asking: Asking, service: Service, wire: Wire | None = None, *, with_session: WithSession = Credentials
) -> Served:
    """Return a target that serves this service of the reference implementation, and sends answers as ``wire`` does."""
    return Served(name, asking, with_session(service.session), lambda: serving(service, wire=wire or Wire()))


def application(name: str, app: Any, asking: Asking, credentials: Credentials) -> Served:
    """Return a target that serves a WSGI or ASGI application. Raises TargetUnusable if it is neither."""
    interface = interface_of(app)
    return Served(name, asking, credentials, lambda: serving_app(app, interface, patience=asking.timeout))


def named_application(name: str) -> Any:
    """Import what ``app:MODULE:ATTRIBUTE`` names. Raises TargetUnusable."""
    _, _, place = name.partition(":")
    module, colon, attribute = place.partition(":")
    if not module or not colon or not attribute:
        raise TargetUnusable(f"{name}: write an application as app:package.module:attribute")
    try:
        found: Any = imported(module)
    except BadInput as error:
        raise TargetUnusable(f"{name}: {error}") from error
    for part in attribute.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise TargetUnusable(f"{name}: the module {module} has no {attribute}") from None
    return found
