"""refuses: requests that are one fault away from a close, and must not close the job."""

from jobinfo_conformance._catalogue.requirement import (
    FORM,
    JSON,
    MUST,
    SHOULD,
    XML,
    documented,
    inferred,
    recorded,
    requirement,
    standard,
)
from jobinfo_conformance._checks.expectations import expect, expect_refused
from jobinfo_conformance._subjects.attempts import near_miss, refused_near_miss
from jobinfo_conformance._subjects.subject import Attempt

#: A server that takes what is not well-formed, or any root, does not look for finer faults of a body.
_SYNTAX = ("refuses/malformed",)
_STRUCTURE = ("refuses/wrong-root", *_SYNTAX)


@requirement(
    "refuses/unknown-state",
    MUST,
    on=near_miss("unknown-state"),
    presupposes=("refuses/empty-body",),
    source=documented("JobInfo, state"),
)
def unknown_state(attempt: Attempt) -> None:
    """A request for a state that does not exist is refused, and the job stays open."""
    _refused_and_open(attempt)


@requirement(
    "refuses/lower-case-state",
    MUST,
    on=near_miss("lower-case-state"),
    presupposes=("refuses/unknown-state",),
    source=inferred("the names of states are case-sensitive"),
    because="The documented names of states have one letter case.",
)
def lower_case_state(attempt: Attempt) -> None:
    """A close whose state is closed, in lower case, is refused, and the job stays open."""
    _refused_and_open(attempt)


@requirement(
    "refuses/missing-state",
    MUST,
    on=near_miss("missing-state"),
    presupposes=("refuses/empty-body",),
    source=inferred("there is nothing to change"),
    because=("The request does not ask for a close, so closing the job would shut out batches that are still to come."),
)
def missing_state(attempt: Attempt) -> None:
    """A close without a state is refused, and the job stays open."""
    _refused_and_open(attempt)


@requirement(
    "refuses/empty-body",
    MUST,
    on=near_miss("empty-body"),
    source=inferred("there is nothing to read"),
    because=("The request does not ask for a close, so closing the job would shut out batches that are still to come."),
)
def empty_body(attempt: Attempt) -> None:
    """A close without a body is refused, and the job stays open."""
    _refused_and_open(attempt)


@requirement(
    "refuses/malformed",
    MUST,
    on=near_miss("malformed"),
    source=standard("XML 1.0, 1.2, and RFC 8259, 9"),
    because="A body that breaks off is not the one that was sent, so nobody knows what it asked for.",
)
def malformed(attempt: Attempt) -> None:
    """A close whose body is not well-formed is refused, and the job stays open."""
    _refused_and_open(attempt)


@requirement(
    "refuses/wrong-namespace",
    MUST,
    on=near_miss("wrong-namespace"),
    presupposes=_SYNTAX,
    only=XML,
    source=inferred("another namespace is another vocabulary"),
    because="What stands in another namespace is not the contract's state.",
)
def wrong_namespace(attempt: Attempt) -> None:
    """A close whose root is not in the contract's namespace is refused, and the job stays open."""
    _refused_and_open(attempt)


@requirement(
    "refuses/wrong-root",
    MUST,
    on=near_miss("wrong-root"),
    presupposes=_SYNTAX,
    only=XML,
    source=inferred("a batchInfo is not a jobInfo"),
    because="The documentation has a jobInfo here; any other root asks for something else.",
)
def wrong_root(attempt: Attempt) -> None:
    """A close whose root is not jobInfo is refused, and the job stays open."""
    _refused_and_open(attempt)


@requirement(
    "refuses/duplicate-state",
    MUST,
    on=near_miss("duplicate-state"),
    presupposes=_STRUCTURE,
    only=XML,
    source=inferred("parsers disagree on which one counts"),
    because="Parsers disagree on which of two values counts, so what was asked for is not clear.",
)
def duplicate_state(attempt: Attempt) -> None:
    """A close with two elements of the same name is refused, and the job stays open."""
    _refused_and_open(attempt)


@requirement(
    "refuses/json-array",
    MUST,
    on=near_miss("json-array"),
    presupposes=_SYNTAX,
    only=JSON,
    source=inferred("a jobInfo is an object"),
    because="The documentation has an object here; an array names no field.",
)
def json_array(attempt: Attempt) -> None:
    """A close whose body is a JSON array is refused, and the job stays open."""
    _refused_and_open(attempt)


@requirement("refuses/unknown-job", MUST, on=near_miss("unknown-job"), source=recorded("400 with InvalidJob"))
def unknown_job(attempt: Attempt) -> None:
    """A close of a job that does not exist is refused."""
    _refused_and_open(attempt)


@requirement(
    "refuses/malformed-id",
    MUST,
    on=near_miss("malformed-id"),
    source=inferred("ids have 15 or 18 letters and digits"),
    because="Such an id names no job, so there is nothing to close.",
)
def malformed_id(attempt: Attempt) -> None:
    """A close whose URI has a malformed job id is refused."""
    _refused_and_open(attempt)


@requirement("refuses/unknown-version", MUST, on=near_miss("unknown-version"), source=documented("InvalidVersion"))
def unknown_version(attempt: Attempt) -> None:
    """A close whose URI names a version that does not exist is refused, and the job stays open."""
    _refused_and_open(attempt)


@requirement("refuses/no-session", MUST, on=near_miss("no-session"), source=documented("Set a Session Header"))
def no_session(attempt: Attempt) -> None:
    """A close without a session is refused, and the job stays open."""
    _refused_and_open(attempt)


@requirement(
    "refuses/wrong-session",
    MUST,
    on=near_miss("wrong-session"),
    presupposes=("refuses/no-session",),
    source=recorded("400 with InvalidSessionId"),
)
def wrong_session(attempt: Attempt) -> None:
    """A close with an invalid session is refused, and the job stays open."""
    _refused_and_open(attempt)


@requirement(
    "refuses/wrong-type",
    SHOULD,
    on=near_miss("wrong-type"),
    presupposes=_SYNTAX,
    only=JSON,
    source=inferred("a state is a string"),
    because="A state is a string, but what real servers make of another type is not known.",
)
def wrong_type(attempt: Attempt) -> None:
    """A close whose state is not a string is refused, and the job stays open."""
    _refused_and_open(attempt)


@requirement(
    "refuses/duplicate-key",
    SHOULD,
    on=near_miss("duplicate-key"),
    presupposes=_SYNTAX,
    only=JSON,
    source=standard("RFC 8259, 4: names should be unique"),
    because="RFC 8259 says that names should be unique, and not that they must be.",
)
def duplicate_key(attempt: Attempt) -> None:
    """A close with two keys of the same name is refused, and the job stays open."""
    _refused_and_open(attempt)


@requirement(
    "refuses/undocumented-content-type",
    SHOULD,
    on=near_miss("undocumented-content-type"),
    source=recorded("text/xml is an UnsupportedContentType"),
)
def undocumented_content_type(attempt: Attempt) -> None:
    """A close with a Content-Type other than application/xml or application/json is refused, and the job stays open."""
    _refused_and_open(attempt)


@requirement(
    "refuses/unknown-field",
    SHOULD,
    on=near_miss("unknown-field"),
    presupposes=_STRUCTURE,
    source=inferred("a typo should not go unnoticed"),
    because="A typo should not go unnoticed, but what real servers make of it is not known.",
)
def unknown_field(attempt: Attempt) -> None:
    """A close with a field that jobInfo does not have is refused, and the job stays open."""
    _refused_and_open(attempt)


@requirement(
    "refuses/server-set-field",
    SHOULD,
    on=near_miss("server-set-field"),
    presupposes=_STRUCTURE,
    source=recorded("400 with InvalidJob"),
)
def server_set_field(attempt: Attempt) -> None:
    """A close that sets a field only the server may set is refused, and the job stays open."""
    _refused_and_open(attempt)


@requirement(
    "refuses/other-id",
    SHOULD,
    on=near_miss("other-id"),
    presupposes=_STRUCTURE,
    source=inferred("it is not clear which job is meant"),
    because="Two jobs are named, and nothing documents which of them counts.",
)
def other_id(attempt: Attempt) -> None:
    """A close whose body names a different job than its URI is refused, and the job stays open."""
    _refused_and_open(attempt)


@requirement(
    "refuses/doctype",
    SHOULD,
    on=near_miss("doctype"),
    presupposes=_STRUCTURE,
    only=XML,
    source=inferred("a close needs no document type, an attack on a parser may"),
    because="A close needs no document type, and its entities can attack a parser; but it is legal XML.",
)
def doctype(attempt: Attempt) -> None:
    """A close with a document type declaration is refused, and the job stays open."""
    _refused_and_open(attempt)


@requirement(
    "refuses/status-400",
    SHOULD,
    on=refused_near_miss,
    bearing=FORM,
    presupposes=("errors/document",),
    source=recorded("400 for whatever a client got wrong"),
)
def status_400(attempt: Attempt) -> None:
    """A faulty close is refused with 400."""
    expect(400, attempt.step.status, "status")


def _refused_and_open(attempt: Attempt) -> None:
    """Raise Violation if a request was not refused, or if the job is no longer open."""
    expect_refused(attempt.step)
    if attempt.after is not None:
        expect("Open", attempt.after.state, "state")
