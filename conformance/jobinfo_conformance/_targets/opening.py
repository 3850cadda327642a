"""Opening a target: from what the user gives to a source of evidence."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._contract.session import SESSION_HEADER
from jobinfo_conformance._exchange import Exchange, Request
from jobinfo_conformance._resources import resource
from jobinfo_conformance._targets.credentials import SESSION_VARIABLE, Credentials
from jobinfo_conformance._targets.surroundings import check_surroundings
from jobinfo_conformance._targets.target import Asking, Source, Target, TargetUnusable

DOCUMENTED = "the documented exchanges"
_FIXTURES = ("documented-xml.har", "documented-json.har")
#: The base URL of requests to a target that has none.
_NOWHERE = "http://target.invalid"

Application = Callable[..., Any]
AnyTarget = str | os.PathLike[str] | Target | Application | None


def open_target(  # noqa: PLR0911  # one return for each kind of target
    target: AnyTarget,
    asking: Asking,
    catalogue: Catalogue,
    *,
    environment: Mapping[str, str] = os.environ,
    session_as: str = f"{SESSION_HEADER}: {{}}",
    headers: Sequence[str] = (),
) -> Source:
    """Return a target as a source of evidence.

    A target is a base URL; a recording, that is a HAR file, or a folder or .zip with one; ``reference`` or
    ``reference:FAULT``; ``app:MODULE:ATTRIBUTE``; a WSGI or ASGI application; an object of the type Target; or None for the
    documented exchanges. The session comes from the environment. Raises BadInput.
    """
    from jobinfo_conformance._targets import served
    from jobinfo_conformance._targets.live import Live

    if catalogue.in_use and not (isinstance(target, str) and _is_named(target, "reference")):
        raise BadInput("--manner is for the target reference alone: other targets answer in their own way")
    if target is None:
        return _recorded([resource("fixtures", fixture) for fixture in _FIXTURES], DOCUMENTED)
    if isinstance(target, os.PathLike):
        return _recorded([Path(target)])
    credentials = Credentials.of(environment, session_as=session_as, headers=headers)
    if not isinstance(target, str):
        return _of_object(target, asking, credentials)
    if _is_named(target, "reference"):
        return served.reference(target, asking, catalogue)
    if _is_named(target, "app"):
        app = served.named_application(target)
        return served.application(target, app, asking, credentials or _any_session())
    if "://" not in target:
        if not Path(target).exists():
            raise TargetUnusable(f"{target} is neither a file, nor an http URL, nor reference, nor app:MODULE:ATTRIBUTE")
        return _recorded([Path(target)])
    _refuse_odd_url(target)
    if credentials is None:
        raise TargetUnusable(f"a live target needs a session: set the environment variable {SESSION_VARIABLE}")
    check_surroundings(target, environment)
    return Live(target, credentials, asking)


def is_live(target: AnyTarget) -> bool:
    """Whether scenarios are played on a target."""
    if isinstance(target, str):
        return _is_named(target, "reference") or _is_named(target, "app") or "://" in target
    return target is not None and not isinstance(target, os.PathLike)


def _of_object(target: Target | Application, asking: Asking, credentials: Credentials | None) -> Source:
    from jobinfo_conformance._targets import served
    from jobinfo_conformance._targets.live import Live

    if isinstance(target, Target):
        return Live(
            _NOWHERE, credentials or _any_session(), asking, name=target.name, transport=lambda: _TargetTransport(target)
        )
    if callable(target):
        name = getattr(target, "__name__", type(target).__name__)
        return served.application(f"application {name}", target, asking, credentials or _any_session())
    raise TargetUnusable(f"{type(target).__name__} is not a target: neither a URL, a path, an application nor a Target")


def _recorded(paths: Sequence[Path], name: str | None = None) -> Source:
    from jobinfo_conformance._targets.recorded import Recorded

    return Recorded(paths, name)


def _is_named(target: str, name: str) -> bool:
    return target.partition(":")[0] == name


def _any_session() -> Credentials:
    """Return credentials for a target of the user's own if the environment names no session."""
    from jobinfo_conformance._reference.service import ANY_SESSION

    return Credentials(ANY_SESSION)


def _refuse_odd_url(url: str) -> None:
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise TargetUnusable(f"{_without_password(url)} is not a base URL: write it like https://example.my.salesforce.com")
    if parts.username or parts.password:
        raise TargetUnusable(f"{_without_password(url)} contains a user name or a password: leave them out")


def _split(url: str) -> SplitResult | None:
    """Return the parts of a URL; None if its host or port can't be one."""
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        return None
    return parts if has_port else None


def _without_password(url: str) -> str:
    """Return a URL, which need not be a good one, without what comes before an @ in its host, its query and its fragment."""
    scheme, colon, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{colon}{host.rpartition('@')[2]}{slash}{path}".partition("?")[0].partition("#")[0]


class _TargetTransport:
    """A Target of the user's own as a transport."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def send(self, request: Request) -> Exchange:
        """Ask the target. Raises NoAnswer."""
        from jobinfo_conformance._targets.http_client import NoAnswer, without_stand_in

        started, clock = datetime.now(UTC), time.monotonic()
        try:
            response = self._target.send(replace(request, headers=without_stand_in(request.headers)))
        except ConnectionError as error:
            raise NoAnswer(str(error) or type(error).__name__) from error
        return Exchange(request, response, started, (time.monotonic() - clock) * 1000)

    def cut(self) -> None:
        """Do nothing, since a target's own work can't be cut off."""

    def close(self) -> None:
        """Do nothing, since there is no connection."""
