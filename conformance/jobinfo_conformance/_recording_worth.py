"""What a recording is worth: whether it shows the operation at work, and how many requirements it can show at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from jobinfo_conformance._catalogue.requirement import AnyRequirement
from jobinfo_conformance._counted import counted
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._job_requests.near_misses import OUTSIDE_BODY
from jobinfo_conformance._subjects.kind import Shown
from jobinfo_conformance._subjects.slips import known_fault
from jobinfo_conformance._subjects.subject import Asked

#: What may ask for a close: a body that can't be read may do so.
_CLOSING = (Operation.CLOSE, Operation.CHANGE)
_HOW = "save it with bodies, in a browser as 'HAR with content', in Playwright with content 'embed' or 'attach'"


def showable(requirements: Iterable[AnyRequirement], observation: Observation) -> int | None:
    """Return how many of these requirements a recording like this can show; None on a live target, which is asked for all."""
    if observation.live:
        return None
    shown = {Shown.BY_ANY, Shown.BY_WHOLE} if observation.whole else {Shown.BY_ANY}
    return sum(requirement.on.shown in shown for requirement in requirements)


def shortfall(observation: Observation) -> str | None:
    """Return why a recording does not show the operation at work, and what to do; None if it does, or the target is live.

    It does if a close was accepted, and the body of the answer was kept: without that, no requirement on what a close does
    was judged, however many others hold. It also does if no close could have been accepted, such as one to a version that
    does not exist, and each was refused.
    """
    if observation.live:
        return None
    steps = [step for history in observation.histories for step in history.steps]
    closes = [
        step for step in steps if step.operation is Operation.CLOSE and Asked(step).serialization in observation.serializations
    ]
    if any(step.answers_job for step in closes) or _are_slips(observation):
        return None
    unread = sum(map(_unread, observation.histories))
    return f"no accepted close with its body was judged: {_why(steps, closes, unread)}"


def _are_slips(observation: Observation) -> bool:
    """Whether no close could have been accepted, since each was sent to the wrong place or by the wrong caller, and refused."""
    asked = [(history, step) for history in observation.histories for step in history.steps if step.operation in _CLOSING]
    return bool(asked) and all(step.is_client_error and known_fault(history, step) in OUTSIDE_BODY for history, step in asked)


def _unread(history: History) -> int:
    """How many requests to a job were recorded without a body, so that nothing tells what they asked."""
    asked = [step for step in history.steps if step.operation is Operation.CHANGE and not step.exchange.request.body]
    return 0 if history.whole else len(asked)


def _why(steps: Sequence[Step], closes: Sequence[Step], unread: int) -> str:
    """What the recording holds instead of an accepted close with its body."""
    if any(step.accepted for step in closes) or (unread and not closes):
        bodiless = sum(not step.has_body for step in steps)
        lacking = [f"{bodiless} without the body of the answer", f"{unread} without the body of the close"]
        without = ", ".join(text for text in lacking if not text.startswith("0 "))
        return f"{counted(len(steps), 'exchange')}, {without}; {_HOW}"
    if closes:
        return f"{_refusals(closes)}; record one of an open job that is accepted"
    return "no request in it is a close that can be read; record one of an open job"


def _refusals(closes: Sequence[Step]) -> str:
    statuses = Counter(step.status for step in closes)
    named = ", ".join(f"{times} with {status}" if times > 1 else str(status) for status, times in sorted(statuses.items()))
    return (
        f"the only close was answered {named}" if len(closes) == 1 else f"none of {len(closes)} closes was accepted ({named})"
    )
