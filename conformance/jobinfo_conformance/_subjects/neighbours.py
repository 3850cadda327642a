"""What a history tells about a step: the job before and after it, and what may have changed it in between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._subjects.subject import Answer, Asked, Between, subject_kind

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

#: Refusals by a server in trouble, which would accept the same request later. They don't excuse an endpoint under test.
TROUBLE = frozenset({"TooManyLockFailure", "Timeout", "InternalServerError", "Unknown"})
#: The statuses of such refusals if an intermediary answers for the server.
TROUBLED_INTERMEDIARIES = frozenset({502, 503, 504})


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


def refused_regardless(history: History, step: Step) -> bool:
    """Whether a refusal may have a reason other than the request: the caller or, in a recording, a server in trouble.

    A recording may also lack the body that would tell.
    """
    if not step.refused:
        return False
    code = step.answer.fields.get("exceptionCode")
    if step.status in REFUSING_INTERMEDIARIES or code in REFUSALS_OF_THE_CALLER:
        return True
    return not history.whole and (step.status in TROUBLED_INTERMEDIARIES or code in TROUBLE or not step.has_body)


def may_change_state(step: Step) -> bool:
    """Whether a request may change the state of its job if it is accepted."""
    return step.operation in (Operation.CHANGE, Operation.CLOSE, Operation.ABORT, Operation.OTHER_METHOD)


def seen_before(history: History, step: Step) -> Step | None:
    """The last step before this one that returned the job, if nothing since then may have changed its state."""
    for earlier in reversed(history.before(step)):
        if earlier.answers_job:
            return earlier
        if may_change_state(earlier) and not earlier.refused:
            return None
    return None


def state_before(history: History, step: Step) -> object:
    """The state of the job before a step; None if the history does not tell."""
    seen = seen_before(history, step)
    return None if seen is None else seen.job.get("state")


def seen_after(history: History, step: Step) -> Step | None:
    """The first read of the job after a step, if nothing in between could change the job."""
    for later in history.after(step):
        if later.answers_job and later.operation is Operation.READ:
            return later
        if not later.refused and later.operation not in (Operation.READ_BATCH, Operation.LIST_BATCHES):
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
    names_state = not history.whole and refused.answer.fields.get("exceptionCode") == "InvalidJobState"
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
        if between is not None and between.before.get("state") == state and not refused_regardless(history, step):
            yield between
