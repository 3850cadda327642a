"""Opening a target: from what the user gives to a source of evidence."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._reference.service import ANY_SESSION
from jobinfo_conformance._resources import resource
from jobinfo_conformance._targets.credentials import Credentials
from jobinfo_conformance._targets.own_headers import DOCUMENTED_HEADER, OwnHeader, SessionHeader
from jobinfo_conformance._targets.own_target import TargetTransport
from jobinfo_conformance._targets.surroundings import check_surroundings
from jobinfo_conformance._targets.target import Asking, EvidenceSource, Target, TargetUnusable

DOCUMENTED = "the documented exchanges"
#: What looks like a host and a port, without the scheme.
_HOST_AND_PORT = re.compile(r"([\w.-]+|\[[\da-fA-F:.]+\]):\d+(/.*)?")
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
    session_as: SessionHeader = DOCUMENTED_HEADER,
    headers: Sequence[OwnHeader] = (),
) -> EvidenceSource:
    """Return a target as a source of evidence.

    A target is a base URL; a recording, that is a HAR file, or a folder or .zip with one; ``reference`` or
    ``reference:FAULT``; ``app:MODULE:ATTRIBUTE``; a WSGI or ASGI application; an object of the type Target; or None for the
    documented exchanges. The session comes from the environment. Raises BadInput.
    """
    from jobinfo_conformance._targets import served
    from jobinfo_conformance._targets.journal import journals
    from jobinfo_conformance._targets.live import Live

    if catalogue.in_use and not (isinstance(target, str) and _is_named(target, "reference")):
        raise BadInput("--manner is for the target reference alone: other targets answer in their own way")
    if target is None:
        return _recorded([resource("fixtures", fixture) for fixture in _FIXTURES], DOCUMENTED)
    if isinstance(target, os.PathLike):
        return _recorded([Path(target)])

    def credentials(otherwise: str | None = ANY_SESSION) -> Credentials:
        return Credentials.of(environment, session_as=session_as, headers=headers, otherwise=otherwise)

    if not isinstance(target, str):
        return _of_object(target, asking, credentials())
    if _is_named(target, "reference"):
        return served.reference(target, asking, catalogue, partial(Credentials, session_as=session_as, headers=headers))
    if _is_named(target, "app"):
        return served.application(target, served.named_application(target), asking, credentials())
    if "://" not in target:
        if not os.path.lexists(target):  # which raises nothing, and leaves a link to nothing to be told by who opens it
            hint = f"; perhaps http://{target}" if _HOST_AND_PORT.fullmatch(target) else ""
            raise TargetUnusable(f"{target} is neither a file, nor an http URL, nor reference, nor app:MODULE:ATTRIBUTE{hint}")
        return _recorded([Path(target)])
    refuse_odd_url(target)
    with_session = credentials(otherwise=None)
    check_surroundings(target, environment)
    return Live(target, with_session, asking, journals=journals())


def is_live(target: AnyTarget) -> bool:
    """Whether scenarios are played on a target."""
    if isinstance(target, str):
        return _is_named(target, "reference") or _is_named(target, "app") or "://" in target
    return target is not None and not isinstance(target, os.PathLike)


def _of_object(target: Target | Application, asking: Asking, credentials: Credentials) -> EvidenceSource:
    from jobinfo_conformance._targets import served
    from jobinfo_conformance._targets.live import Live

    if isinstance(target, Target):
        if not isinstance(target.name, str):
            raise TargetUnusable(f"the name of a {type(target).__name__} is a {type(target.name).__name__}, not a str")
        return Live(_NOWHERE, credentials, asking, name=target.name, transport=lambda: TargetTransport(target))
    if callable(target):
        name = getattr(target, "__name__", type(target).__name__)
        return served.application(f"application {name}", target, asking, credentials)
    raise TargetUnusable(f"{type(target).__name__} is not a target: neither a URL, a path, an application nor a Target")


def _recorded(paths: Sequence[Path], name: str | None = None) -> EvidenceSource:
    from jobinfo_conformance._targets.recorded import Recorded

    return Recorded(paths, name)


def _is_named(target: str, name: str) -> bool:
    return target.partition(":")[0] == name


def refuse_odd_url(url: str) -> None:
    """Raise TargetUnusable if something is not the base URL of an endpoint, or holds a login."""
    parts, shown = _split(url), _without_password(url)
    if parts is None:
        raise TargetUnusable(f"{shown} is not a base URL: its host or its port can't be one")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise TargetUnusable(f"{shown} is not a base URL: write it like https://example.my.salesforce.com")
    if "?" in url or "#" in url:
        raise TargetUnusable(f"{shown} goes on after its path: leave out the ? or #, and what follows")
    if "/services/async/" in f"{parts.path}/":
        raise TargetUnusable(f"{shown} is more than the base URL: leave out /services/async and what follows")
    if parts.username or parts.password:
        raise TargetUnusable(f"{shown} contains a user name or a password: leave them out")


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
