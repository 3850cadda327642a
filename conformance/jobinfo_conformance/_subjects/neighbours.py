"""What a history tells about a step: the job before and after it, and what may have changed it in between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile

from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.statuses import PASSING_STATUSES
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._job_requests.near_misses import OUTSIDE_BODY
from jobinfo_conformance._subjects.kind import subject_kind
from jobinfo_conformance._subjects.slips import known_fault
from jobinfo_conformance._subjects.subject import Answer, Asked, Between

#: Refusals that say nothing about the request itself, but about the session, the user or the org's limits.
REFUSALS_OF_THE_CALLER = frozenset(
    {
        "InvalidSessionId",
        "InvalidUser",
        "FeatureNotEnabled",
        "ExceededQuota",
        "HttpsRequired",
        "TransactionSecurityBlock",
        "TransactionSecurityInternalError",
        "TransactionSecurityDeveloperError",
    }
)
#: The statuses of such refusals if an intermediary answers for the server.
REFUSING_INTERMEDIARIES = frozenset({401, 403, 407, 429})
#: Of these, the statuses that endpoints give for reasons of their own, too.
_OF_ENDPOINTS_TOO = frozenset({401, 403})

#: Refusals by a server in trouble, which would accept the same request later. They don't excuse an endpoint under test.
TROUBLE = frozenset({"TooManyLockFailure", "Timeout", "InternalServerError", "Unknown"})
#: The statuses of such refusals if an intermediary answers for the server.
TROUBLED_INTERMEDIARIES = PASSING_STATUSES - REFUSING_INTERMEDIARIES

#: States into which somebody else may have put a job since a recording saw it.
_ENDED_BY_OTHERS = frozenset({"Aborted", "Failed"})


@subject_kind("several requests to one job")
def several_requests(history: History) -> Iterator[Asked]:
    """Every request but the first: a history has at least one such if it has several requests."""
    return (Asked(step) for step in history.steps[1:])


def jobs_among(steps: Iterable[Step]) -> list[Step]:
    """The steps among these that return a jobInfo."""
    return [step for step in steps if step.answers_job]


def answer_of(history: History, step: Step) -> Answer:
    """The jobInfo that a step returns, as a subject."""
    return Answer(step, step.answer, step.job_version, history.is_of_bulk_1)


def until_aborted(history: History) -> Iterator[Step]:
    """The steps that return the job, up to the first that says Aborted; an endpoint may close an aborted job."""
    return takewhile(lambda step: step.job.get("state") != "Aborted", history.jobs)


def refused_regardless(history: History, step: Step) -> bool:
    """Whether a refusal may have a reason other than the request: the caller or, in a recording, a server in trouble.

    A recording may also lack the body that would tell. On a live endpoint, an error document says itself whether 401 or 403 is
    about the caller.
    """
    if not step.refused:
        return False
    code = step.error_code
    says_why = history.whole and code is not None and step.status in _OF_ENDPOINTS_TOO
    if (step.status in REFUSING_INTERMEDIARIES and not says_why) or code in REFUSALS_OF_THE_CALLER:
        return True
    return not history.whole and (step.status in TROUBLED_INTERMEDIARIES or code in TROUBLE or not step.has_body)


def is_of_gateway(history: History, step: Step) -> bool:
    """Whether an answer in a recording is that of a gateway or a limit, and says nothing about the endpoint."""
    return not history.whole and step.status in (PASSING_STATUSES | {407})


def may_have_been_ended_by_others(history: History, read: Step) -> bool:
    """Whether a job that was read in a recording may have been aborted, or have failed, for reasons that are not in it."""
    return not history.whole and read.operation is Operation.READ and read.job.get("state") in _ENDED_BY_OTHERS


def _may_have_been_carried_out(history: History, step: Step) -> bool:
    """Whether a request may have had an effect: it was not refused, or a gateway gave up waiting for the server."""
    return not step.refused or (step.status in TROUBLED_INTERMEDIARIES and is_of_gateway(history, step))


def may_change_state(step: Step) -> bool:
    """Whether a request may change the state of its job if it is accepted."""
    return step.operation in (Operation.CHANGE, Operation.CLOSE, Operation.ABORT, Operation.OTHER_METHOD)


def seen_before(history: History, step: Step) -> Step | None:
    """The last step before this one that returned the job, if nothing since then may have changed its state."""
    for earlier in reversed(history.before(step)):
        if earlier.answers_job:
            return earlier
        if may_change_state(earlier) and _may_have_been_carried_out(history, earlier):
            return None
    return None


def state_before(history: History, step: Step) -> object:
    """The state of the job before a step; None if the history does not tell. An accepted create opens it, whatever it says."""
    seen = seen_before(history, step)
    if seen is None:
        return None
    state = seen.job.get("state")
    return "Open" if state is None and seen.operation is Operation.CREATE else state


def seen_after(history: History, step: Step) -> Step | None:
    """The first read of the job after a step, if nothing in between could change the job, and nobody else seems to have."""
    for later in history.after(step):
        if later.answers_job and later.operation is Operation.READ:
            return None if may_have_been_ended_by_others(history, later) else later
        reads = later.operation in (Operation.READ_BATCH, Operation.LIST_BATCHES)
        if not reads and _may_have_been_carried_out(history, later):
            return None
    return None


def state_after(history: History, step: Step) -> object:
    """The state of the job after a step; None if the history does not tell."""
    seen = seen_after(history, step)
    return None if seen is None else seen.job.get("state")


def is_alone(history: History, step: Step) -> bool:
    """Whether no other attempt to change the job lies between the steps before and after this one that return the job."""
    for side in (reversed(history.before(step)), history.after(step)):
        for other in side:
            if other.answers_job:
                break
            if may_change_state(other):
                return False
    return True


def at_rest(history: History, job: JobInfo) -> bool:
    """Whether nothing can change a job any more: it accepts no batches, none is unfinished, and the server adds none."""
    unfinished = [job.get("numberBatchesQueued"), job.get("numberBatchesInProgress")]
    ended = job.get("state") in ("Closed", "Aborted", "Failed")
    empty = history.whole and job.get("numberBatchesTotal") == 0
    return unfinished == [0, 0] and (ended or empty) and not history.may_be_chunked


def may_have_been_ended(history: History, refused: Step) -> bool:
    """Whether someone else may have ended the job: a refusal blames its state, and it was not seen open afterwards."""
    names_state = not history.whole and refused.error_code == "InvalidJobState"
    return names_state and state_after(history, refused) != "Open"


def seen_around(history: History, step: Step) -> Between | None:
    """A step with the job as seen before and after it; None if the job was not seen before."""
    before = seen_before(history, step)
    if before is None:
        return None
    after = step if step.answers_job else seen_after(history, step)
    added = any(other.operation is Operation.ADD_BATCH and other.accepted for other in history.between(before, step))
    return Between(step, before, after, at_rest(history, before.job) and not added)


def in_state(state: str, steps: Iterable[Step], history: History) -> Iterator[Between]:
    """The steps that found the job in a given state, except those that may have been refused for another reason."""
    for step in steps:
        between = seen_around(history, step)
        is_slip = known_fault(history, step) in OUTSIDE_BODY
        if between is not None and between.before.get("state") == state and not (is_slip or refused_regardless(history, step)):
            yield between
