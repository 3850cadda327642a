"""What a history tells about a step: the job before and after it, and what may have changed it meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._subjects.subject import Answer, Asked, Between, subject_kind

#: Refusals that say nothing of the request itself: the session, the user, the org's limits.
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
#: The same, where an intermediary answers for the server.
REFUSING_INTERMEDIARIES = frozenset({401, 403, 407, 429})

#: Refusals of a server that is in trouble, and will take the same request later. An endpoint under test has no such excuse.
TROUBLE = frozenset({"TooManyLockFailure", "Timeout", "InternalServerError", "Unknown"})
#: The same, where an intermediary answers for the server.
TROUBLED_INTERMEDIARIES = frozenset({502, 503, 504})


@subject_kind("several requests to one job")
def several_requests(history: History) -> Iterator[Asked]:
    """Every request but the first: what has another one before or after it is among several."""
    return (Asked(step) for step in history.steps[1:])


def jobs_among(steps: Iterable[Step]) -> list[Step]:
    """Those steps that answer a jobInfo."""
    return [step for step in steps if step.answers_job]


def answer_of(history: History, step: Step) -> Answer:
    """An answered jobInfo as a subject."""
    return Answer(step, step.answer, step.job_version, history.is_of_bulk_1)


def refused_regardless(history: History, step: Step) -> bool:
    """Whether a refusal may be about something else than the request: who asked, or what a server was going through.

    In a stranger's recording the body that would tell may be missing.
    """
    if not step.refused:
        return False
    code = step.answer.fields.get("exceptionCode")
    if step.status in REFUSING_INTERMEDIARIES or code in REFUSALS_OF_THE_CALLER:
        return True
    return not history.whole and (step.status in TROUBLED_INTERMEDIARIES or code in TROUBLE or not step.has_body)


def may_change_state(step: Step) -> bool:
    """Whether a request may change the state of its job, if it is accepted."""
    return step.operation in (Operation.CHANGE, Operation.CLOSE, Operation.ABORT, Operation.OTHER_METHOD)


def seen_before(history: History, step: Step) -> Step | None:
    """The answer of the job that came last before a step, with nothing since that may have changed its state."""
    for earlier in reversed(history.before(step)):
        if earlier.answers_job:
            return earlier
        if may_change_state(earlier) and not earlier.refused:
            return None
    return None


def state_before(history: History, step: Step) -> object:
    """The state that the job was in before a step, as far as the history tells; else None."""
    seen = seen_before(history, step)
    return None if seen is None else seen.job.get("state")


def seen_after(history: History, step: Step) -> Step | None:
    """The read of the job that came first after a step, with nothing in between that could change it."""
    for later in history.after(step):
        if later.answers_job and later.operation is Operation.READ:
            return later
        if not later.refused and later.operation not in (Operation.READ_BATCH, Operation.LIST_BATCHES):
            return None
    return None


def state_after(history: History, step: Step) -> object:
    """The state that the job was in after a step, as far as the history tells; else None."""
    seen = seen_after(history, step)
    return None if seen is None else seen.job.get("state")


def is_alone(history: History, step: Step) -> bool:
    """Whether no other attempt to change the job lies between the answered jobs around a step."""
    for side in (reversed(history.before(step)), history.after(step)):
        for other in side:
            if other.answers_job:
                break
            if may_change_state(other):
                return False
    return True


def at_rest(history: History, job: JobInfo) -> bool:
    """Whether nothing can change a job any more: it takes no batches, none is unfinished, and the server adds none."""
    unfinished = [job.get("numberBatchesQueued"), job.get("numberBatchesInProgress")]
    ended = job.get("state") in ("Closed", "Aborted", "Failed")
    empty = history.whole and job.get("numberBatchesTotal") == 0
    return unfinished == [0, 0] and (ended or empty) and not history.may_be_chunked


def moved_on(history: History, refused: Step) -> bool:
    """Whether a refusal names the job's state, and the job was not seen open afterwards: somebody else ended it."""
    names_state = not history.whole and refused.answer.fields.get("exceptionCode") == "InvalidJobState"
    return names_state and state_after(history, refused) != "Open"


def seen_around(history: History, step: Step) -> Between | None:
    """A step with the job before and after it; None where it was not seen before."""
    before = seen_before(history, step)
    if before is None:
        return None
    after = step if step.answers_job else seen_after(history, step)
    return Between(step, before, after, at_rest(history, before.job))


def in_state(state: str, steps: Iterable[Step], history: History) -> Iterator[Between]:
    """Those steps that found the job in a state, and were not refused regardless of it."""
    for step in steps:
        between = seen_around(history, step)
        if between is not None and between.before.get("state") == state and not refused_regardless(history, step):
            yield between
