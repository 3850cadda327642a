"""A client's slips: what a close got wrong, as the close itself, its answer and the rest of the history tell.

The suite's own requests are known by what they are. In a recording, nothing in a close may show that its version, its job or
its caller is unknown to the server, but how it was refused does. To refuse it is then right.
"""

from __future__ import annotations

from jobinfo_conformance._contract.session import SESSION_HEADER
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.legal_forms import is_conformant_close
from jobinfo_conformance._job_requests.near_misses import UNKNOWN_VERSION

#: Codes and statuses that refuse a version.
_VERSION_CODES = frozenset({"InvalidVersion", "InvalidUrl", "Gone"})
_VERSION_STATUSES = frozenset({404, 410})
#: The headers that may carry a session.
_CARRIERS = (SESSION_HEADER, "Authorization", "Cookie")


def known_fault(history: History, step: Step) -> str | None:
    """Return the one fault of a request that is otherwise a close; None if it has none, several, or none that is certain."""
    name = step.near_miss
    if history.whole:
        return name
    if name is None:
        return _fault_by_answer(history, step) if step.is_client_error and is_conformant_close(step.asked) else None
    if name == "empty-body":
        return None  # not every recording keeps what was sent
    speaks_it = name == "unknown-version" and step.accepted and step.resource.version_text != UNKNOWN_VERSION
    return None if speaks_it else name


def _fault_by_answer(history: History, step: Step) -> str | None:
    """The fault for which a faultless close was refused, if the history confirms it."""
    if _names_no_session(step) and not all(map(_names_no_session, history.steps)):
        return "no-session"
    code, version = step.error_code, step.resource.version_text
    is_spoken = any(other.accepted and other.resource.version_text == version for other in history.steps)
    if not is_spoken and (code in _VERSION_CODES or (code is None and step.status in _VERSION_STATUSES)):
        return "unknown-version"
    return "unknown-job" if code == "InvalidJob" and not history.jobs else None


def _names_no_session(step: Step) -> bool:
    headers = step.exchange.request.headers
    return all(headers.get(name) is None for name in _CARRIERS)
