"""The first answer of an endpoint: some refusals leave nothing to test, and the user can do something about each."""

from __future__ import annotations

from collections.abc import Mapping

from jobinfo_conformance._escaping import quoted
from jobinfo_conformance._evidence.secrets import MARK
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._targets.target import TargetUnusable

_SESSION = "set JOBINFO_SESSION_ID to a session that is valid there; --session-as names another header for it"
_VERSION = "name a version that the endpoint speaks with --api-version"
_URL = "check the URL"
_HINTS_BY_CODE: Mapping[str, str] = {
    "InvalidSessionId": _SESSION,
    "InvalidVersion": _VERSION,
    "Gone": _VERSION,
    "InvalidUrl": _URL,
    "FeatureNotEnabled": "the Bulk API is not enabled there: enable it, or use a session of a user who may use it",
}
#: What helps if the code does not say.
_HINTS_BY_STATUS: Mapping[int, str] = {
    401: _SESSION,
    403: f"the session may lack permission: {_SESSION}",
    404: f"{_URL}, or {_VERSION}",
    410: _VERSION,
}


def refuse_unusable(exchange: Exchange) -> None:
    """Raise TargetUnusable if an answer refuses the session, the version, the URL or the feature, and say what to do.

    The exchange is that of the first create, without secrets.
    """
    step = Step.of(exchange)
    assert step is not None
    hint = _hint(step)
    if hint is None:
        return
    code, message = step.error_code, step.answer.fields.get("exceptionMessage")
    said = f" {quoted(code)}: {quoted(message, 300)}" if code else ""
    raise TargetUnusable(f"{exchange.request.url} answered {step.status}{said}; {hint}")


def _hint(step: Step) -> str | None:
    """Return what to do about a refusal; None if it is evidence."""
    code = str(step.error_code)
    if not step.refused or (code not in _HINTS_BY_CODE and step.status not in _HINTS_BY_STATUS):
        return None
    if code in _HINTS_BY_CODE:
        return _HINTS_BY_CODE[code]
    repeats_session = MARK in str(step.answer.fields.get("exceptionMessage"))
    return _SESSION if repeats_session else _HINTS_BY_STATUS[step.status]
