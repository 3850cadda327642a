"""A Target of the user's own as a transport."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import NoneType

from jobinfo_conformance._exchange import Exchange, Headers, Request, Response
from jobinfo_conformance._targets.http_client import NoAnswer, without_stand_in
from jobinfo_conformance._targets.target import Target

_MEMBERS: Mapping[str, tuple[type, ...]] = {"status": (int,), "headers": (Headers,), "body": (bytes, NoneType)}


class TargetTransport:
    """Asks a Target. Whatever it raises, and whatever it returns that is no answer, counts as no answer."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def send(self, request: Request, within: float | None = None) -> Exchange:  # noqa: ARG002  # it returns by itself
        """Ask the target. Raises NoAnswer."""
        started, clock = datetime.now(UTC), time.monotonic()
        try:
            response = self._target.send(replace(request, headers=without_stand_in(request.headers)))
        except ConnectionError as error:
            raise NoAnswer(str(error) or type(error).__name__) from error
        except Exception as error:  # the target is the user's own, and may raise anything
            raise NoAnswer(f"its method send raised {type(error).__name__}: {error}") from error
        _refuse_odd(response)
        return Exchange(request, response, started, (time.monotonic() - clock) * 1000)

    def cut(self) -> None:
        """Do nothing, since a target's own work can't be cut off."""

    def close(self) -> None:
        """Do nothing, since there is no connection."""


def _refuse_odd(response: object) -> None:
    """Raise NoAnswer if a target returned something other than a Response whose members have the types they should."""
    if not isinstance(response, Response):
        raise NoAnswer(f"its method send returned {_kind(response)}, not a Response")
    for name, kinds in _MEMBERS.items():
        value = getattr(response, name)
        if not isinstance(value, kinds):
            raise NoAnswer(f"its Response has a {name} {_kind(value)}: make it of an int, Headers and bytes")


def _kind(value: object) -> str:
    return "None" if value is None else f"of type {type(value).__name__}"
