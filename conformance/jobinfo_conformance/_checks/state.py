"""state: what a close does to a job's state, and that no later request undoes it."""

from jobinfo_conformance._catalogue.requirement import MUST, SHOULD, documented, in_use, inferred, recorded, requirement
from jobinfo_conformance._checks.expectations import expect, expect_accepted, expect_kept, expect_same, status_and_code
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._finding import Unreadable, violation
from jobinfo_conformance._subjects.attempts import (
    close_of_aborted,
    close_with_unfinished,
    close_without_batches,
    refused_close,
    reopening,
    second_close,
    second_close_and_after,
)
from jobinfo_conformance._subjects.later_answers import read_after_close, repeated_read
from jobinfo_conformance._subjects.several_jobs import job_left_alone, repeated_close, said_by_close
from jobinfo_conformance._subjects.single_exchanges import close_answer
from jobinfo_conformance._subjects.subject import Answer, Asked, Between, Later, LeftAlone, Repetition

#: A refusal says nothing about the request if the same request gets another answer the next time.
_STEADY = ("state/every-time",)
#: A close that reaches another job than it names changes what that one's own close is answered.
_OTHERS_LEFT_ALONE = ("state/only-this-job", "refuses/other-id", "refuses/malformed-id")


@requirement(
    "state/closed",
    MUST,
    on=close_answer,
    source=documented("Close a Job"),
    also=(in_use("none that was tried notices another state in the answer"),),
)
def closed(answer: Answer) -> None:
    """The answer to an accepted close says that the state is Closed."""
    expect("Closed", answer.job.state, "state")


@requirement(
    "state/kept",
    MUST,
    on=read_after_close,
    presupposes=("state/only-this-job",),
    source=inferred("a closed job stays closed"),
    because="A closed job can't be edited, so nothing leads back to Open.",
    also=(documented("a closed job can't be edited"),),
)
def kept(later: Later) -> None:
    """A GET after the close, in either serialization, still says that the state is Closed."""
    if later.step.refused:
        raise violation("Closed", f"refused with {later.step.status}", "state")
    expect("Closed", later.step.job.state, "state")


@requirement("state/final", MUST, on=reopening, source=documented("a closed job can't be edited"))
def final(between: Between) -> None:
    """A request for the state Open is refused for a closed job, which stays Closed."""
    _expect_refused(between.step)
    if between.after is not None:
        expect("Closed", between.after.state, "state")


@requirement(
    "state/second-close-harmless",
    MUST,
    on=second_close_and_after,
    source=inferred("the job already is what the request asks for"),
    because="Whether a second close is refused is not documented; either way it asks for nothing new.",
    also=(recorded("real servers refuse a second close with InvalidJobState"),),
)
def second_close_harmless(between: Between) -> None:
    """A second close leaves the job Closed, and changes no counter of a job at rest."""
    assert between.after is not None
    expect("Closed", between.after.state, "state")
    _expect_same_counters(between)


@requirement(
    "state/second-close-refused",
    SHOULD,
    on=second_close,
    presupposes=("accepts/documented", "equivalence/same-refusals"),
    source=recorded("4xx with InvalidJobState"),
)
def second_close_refused(between: Between) -> None:
    """A second close is refused with InvalidJobState."""
    step = between.step
    if step.refused and not step.answer.is_readable:
        raise Unreadable("the body")
    if not step.refused or step.error_code != "InvalidJobState":
        raise violation("a refusal with InvalidJobState", status_and_code(step), "status and exceptionCode")


@requirement("state/only-this-job", MUST, on=job_left_alone, source=documented("a close is about the job that the URI names"))
def only_this_job(left_alone: LeftAlone) -> None:
    """A close leaves other jobs Open, whether they were created before or after it."""
    expect("Open", left_alone.step.job.state, "state")


@requirement("state/read-is-safe", MUST, on=repeated_read, source=inferred("GET is safe: RFC 9110, 9.2.1"))
def read_is_safe(later: Later) -> None:
    """Reading a job at rest changes nothing in it; systemModstamp, which a server may write late, is not judged."""
    expect_same(later.earlier, later.step, *(name for name in later.earlier.job if name != "systemModstamp"))


@requirement(
    "state/refused-close-changes-nothing", MUST, on=refused_close, source=inferred("a refused request was not carried out")
)
def refused_close_changes_nothing(between: Between) -> None:
    """A refused close does not change the job's state and settings, nor any counter of a job at rest."""
    assert between.later is not None
    expect_kept(between.earlier, between.later)
    _expect_same_counters(between)


@requirement(
    "state/closes-without-batches",
    MUST,
    on=close_without_batches,
    presupposes=_STEADY,
    yields_to=_STEADY,
    source=recorded("closes of empty jobs"),
)
def closes_without_batches(asked: Asked) -> None:
    """A job without batches can be closed."""
    expect_accepted(asked.step)


@requirement(
    "state/closes-with-unfinished-batches",
    MUST,
    on=close_with_unfinished,
    presupposes=_STEADY,
    yields_to=_STEADY,
    source=recorded("closes of jobs in progress"),
    also=(documented("data may be processed after the close"),),
)
def closes_with_unfinished_batches(asked: Asked) -> None:
    """A job with unfinished batches can be closed."""
    expect_accepted(asked.step)


@requirement(
    "state/every-time",
    MUST,
    on=repeated_close,
    presupposes=_OTHERS_LEFT_ALONE,
    source=inferred("the same request has the same outcome"),
    because="A client can rely on no answer that the next request like it may contradict.",
)
def every_time(repeated: Repetition) -> None:
    """Identical closes of identical jobs get the same answer every time, over at least five closes."""
    step, usual = repeated.step, repeated.usual
    if step.answers_job and not step.answer.is_readable:
        raise Unreadable("the body")
    for (where, expected), (_, got) in zip(said_by_close(usual), said_by_close(step), strict=True):
        if got != expected:
            raise violation(expected, f"{got}, in close {repeated.number} of {repeated.times}", where)


@requirement("state/aborted-not-closable", SHOULD, on=close_of_aborted, source=recorded("4xx for an aborted job"))
def aborted_not_closable(between: Between) -> None:
    """A close of an aborted job is refused."""
    _expect_refused(between.step)


def _expect_refused(step: Step) -> None:
    """Raise Violation if a request was not refused, be it with 4xx or 5xx."""
    if not step.refused:
        raise violation("a refusal", step.status, "status")


def _expect_same_counters(between: Between) -> None:
    """Raise Violation if a counter of a job at rest changed."""
    if between.at_rest and between.later is not None:
        expect_same(between.earlier, between.later, *(name for name in between.before if name.startswith("number")))
