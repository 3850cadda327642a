"""What a history tells about a step: the job before and after it, and what may have changed it meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jobinfo_conformance.contract.jobinfo import JobInfo
from jobinfo_conformance.evidence.history import History, Operation, Step
from jobinfo_conformance.subjects.kinds import Answer, Between

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


def closes_in(history: History) -> list[Step]:
    """The closes, accepted or not."""
    return [step for step in history.steps if step.operation is Operation.CLOSE]


def jobs_among(steps: Iterable[Step]) -> list[Step]:
    """Those steps that answer a jobInfo."""
    return [step for step in steps if step.answers_job]


def answer_of(history: History, step: Step) -> Answer:
    """An answered jobInfo as a subject; only Bulk API 1.0 makes jobs that are created, closed or aborted in the history."""
    asked = {one.operation for one in history.steps}
    by_bulk_1 = history.whole or bool(asked & {Operation.CREATE, Operation.CLOSE, Operation.ABORT})
    return Answer(step, step.answer, step.version, by_bulk_1)


def refused_the_caller(step: Step) -> bool:
    """Whether a refusal is about who asked, not about what."""
    if not step.refused:
        return False
    return step.status in REFUSING_INTERMEDIARIES or step.answer.fields.get("exceptionCode") in REFUSALS_OF_THE_CALLER


def latest_job(history: History, step: Step) -> JobInfo | None:
    """The job as it was last answered before a step, with nothing since that may have changed its state."""
    for one in reversed(history.before(step)):
        if one.answers_job:
            return one.job
        changes = one.operation in (Operation.CHANGE, Operation.CLOSE, Operation.ABORT, Operation.OTHER_METHOD)
        if changes and not one.refused:
            return None
    return None


def state_before(history: History, step: Step) -> object:
    """The state that the job was in before a step, as far as the history tells; else None."""
    job = latest_job(history, step)
    return None if job is None else job.get("state")


def next_job(history: History, step: Step) -> JobInfo | None:
    """The job as it was first answered after a step, with nothing in between that could change it."""
    for one in history.after(step):
        if one.answers_job and one.operation is Operation.READ:
            return one.job
        if not one.refused and one.operation is not Operation.READ_BATCH and one.operation is not Operation.LIST_BATCHES:
            return None
    return None


def is_alone(history: History, step: Step) -> bool:
    """Whether no other attempt to change the job lies between the answered jobs around a step."""
    for side in (reversed(history.before(step)), history.after(step)):
        for one in side:
            if one.answers_job:
                break
            if one.operation in (Operation.CHANGE, Operation.CLOSE, Operation.ABORT, Operation.OTHER_METHOD):
                return False
    return True


def at_rest(history: History, job: JobInfo) -> bool:
    """Whether nothing can change a job any more: it takes no batches, and none is unfinished."""
    unfinished = [job.get("numberBatchesQueued"), job.get("numberBatchesInProgress")]
    ended = job.get("state") in ("Closed", "Aborted", "Failed")
    empty = history.whole and job.get("numberBatchesTotal") == 0
    return unfinished == [0, 0] and (ended or empty)


def may_be_chunked(history: History) -> bool:
    """Whether the server may add batches of its own: a query with PK chunking, or one whose create is not here."""
    created = history.created
    if created is not None:
        return created.exchange.request.headers.get("Sforce-Enable-PKChunking") is not None
    return any(step.job.get("operation") not in ("insert", "update", "upsert", "delete") for step in jobs_among(history.steps))


def moved_on(history: History, refused: Step) -> bool:
    """Whether a refusal names the job's state, and the job was not seen open afterwards: somebody else ended it."""
    after = next_job(history, refused)
    ended = after is None or after.get("state") != "Open"
    return not history.whole and refused.answer.fields.get("exceptionCode") == "InvalidJobState" and ended


def seen_around(history: History, step: Step) -> Between | None:
    """A step with the job before and after it; None where it was not seen before."""
    before = latest_job(history, step)
    if before is None:
        return None
    after = step.job if step.answers_job else next_job(history, step)
    return Between(step, before, after, at_rest(history, before))


def in_state(state: str, steps: Iterable[Step], history: History) -> Iterator[Between]:
    """Those steps that found the job in a state, and were not refused for who asked."""
    for step in steps:
        between = seen_around(history, step)
        if between is not None and between.before.get("state") == state and not refused_the_caller(step):
            yield between
