"""Targets, by the name that a user gives them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.contract.versions import DEFAULT, Version
from jobinfo_conformance.evidence.secrets import Session
from jobinfo_conformance.resources import resource
from jobinfo_conformance.targets.base import LiveOptions, Progress, Target, TargetUnusable

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "SESSION_VARIABLE",
    "LiveOptions",
    "Target",
    "TargetUnusable",
    "is_live",
    "live_options",
    "open_target",
    "serializations",
]

SESSION_VARIABLE = "JOBINFO_SESSION_ID"
DOCUMENTED = "the documented exchanges"
_FIXTURES = ("documented-xml.har", "documented-json.har")


def open_target(name: str | None, options: LiveOptions, environment: Mapping[str, str] = os.environ) -> Target:
    """Return the target that a name means.

    That is a base URL, a HAR file, "reference", "reference:FAULT", or None for the documented exchanges.
    A recording has no use for the options. Raises TargetUnusable with a line for the user.
    """
    if name is None:
        from jobinfo_conformance.targets.recorded import Recorded

        return Recorded([resource("fixtures", fixture) for fixture in _FIXTURES], DOCUMENTED)
    if _is_reference(name):
        from jobinfo_conformance.targets.reference import Reference

        return Reference.of(name, options)
    if "://" not in name:
        from jobinfo_conformance.targets.recorded import Recorded

        if not Path(name).is_file():
            raise TargetUnusable(f"{name} is neither a file, nor an http URL, nor reference")
        return Recorded([Path(name)])
    parts = urlsplit(name)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise TargetUnusable(f"{_without_password(name)} is no base URL: write it like https://example.my.salesforce.com")
    if parts.username or parts.password:
        raise TargetUnusable(f"{_without_password(name)} holds a user or a password: leave them out")
    session = environment.get(SESSION_VARIABLE, "").strip()
    if not session:
        raise TargetUnusable(f"a live target needs a session: set the environment variable {SESSION_VARIABLE}")
    if not session.isprintable() or not session.isascii() or " " in session:
        raise TargetUnusable(f"{SESSION_VARIABLE} holds characters that no session has")
    from jobinfo_conformance.targets.live import Live

    return Live(name, Session(session), options)


def live_options(given: Mapping[str, Any], *, workers: int = 1, progress: Progress | None = None) -> LiveOptions:
    """How an endpoint is asked, of the options of a run by their names. Raises TargetUnusable with a line for the user."""
    try:
        version = Version.parse(given["api-version"]) if given["api-version"] else DEFAULT
    except ValueError as error:
        raise TargetUnusable(str(error)) from error
    return LiveOptions(
        version=version,
        job_object=given["object"],
        timeout=given["timeout"],
        wait=given["wait"],
        max_requests=given["max-requests"],
        queries=not given["no-queries"],
        writes=given["writes"],
        workers=workers,
        progress=progress,
    )


def serializations(name: str) -> tuple[Serialization, ...]:
    """What the option of that name says that the target offers: xml, json or both."""
    return tuple(Serialization) if name == "both" else (Serialization(name),)


def is_live(name: str | None) -> bool:
    """Whether a target of this name is an endpoint, which scenarios are played on."""
    return name is not None and (_is_reference(name) or "://" in name)


def _is_reference(name: str) -> bool:
    return name.partition(":")[0] == "reference"


def _without_password(url: str) -> str:
    return urlsplit(url)._replace(netloc=urlsplit(url).netloc.rpartition("@")[2], query="", fragment="").geturl()
