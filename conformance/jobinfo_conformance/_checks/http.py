"""http: how a close is answered over HTTP."""

from jobinfo_conformance._catalogue.requirement import FORM, MUST, SHOULD, documented, in_use, recorded, requirement, standard
from jobinfo_conformance._checks.expectations import expect, expect_kept
from jobinfo_conformance._contract.charset import is_contradicted
from jobinfo_conformance._contract.reader import serialization_of
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._finding import Unreadable, violation
from jobinfo_conformance._subjects.attempts import other_method
from jobinfo_conformance._subjects.single_exchanges import accepted_close, headed_job_info, typed_close
from jobinfo_conformance._subjects.subject import Answer, Asked, Attempt


@requirement(
    "http/status-200",
    MUST,
    on=accepted_close,
    bearing=FORM,
    source=recorded("7 of 7 closes; a real client refuses 201"),
    also=(
        in_use("salesforce-bulk-api takes a 201 for a failure"),
        in_use("a 204 breaks simple-salesforce, jsforce and the vendor's client"),
    ),
)
def status_200(asked: Asked) -> None:
    """A close that is not refused is answered with exactly 200: no other 2xx, no redirect."""
    expect(200, asked.step.status, "status")


@requirement(
    "http/content-type",
    MUST,
    on=headed_job_info,
    bearing=FORM,
    source=recorded("every recorded response with headers"),
    also=(in_use("two clients compare the media type for equality"),),
)
def content_type(answer: Answer) -> None:
    """The Content-Type of a returned jobInfo is application/xml or application/json as its body is, in no other charset."""
    assert answer.step is not None
    response = answer.step.exchange.response
    body, named = response.body or b"", response.content_type
    form = serialization_of(body)
    if form is None:
        raise Unreadable("the body")
    if Serialization.of_media_type(named) is not form:
        raise violation(form.media_type, named or "no Content-Type", "Content-Type header")
    if is_contradicted(body, named):
        raise violation("the charset that the body is in, or none", named, "charset in the Content-Type header")


@requirement(
    "http/serialization-follows-request",
    MUST,
    on=typed_close,
    bearing=FORM,
    source=recorded("a CSV job answers JSON to a JSON request; the documentation names the job's contentType instead"),
    because="The recordings win over the documentation here, and clients rely on it.",
    also=(
        documented("a job's contentType decides"),
        in_use("an answer in the other serialization breaks simple-salesforce, jsforce and the vendor's client"),
    ),
)
def serialization_follows_request(asked: Asked) -> None:
    """The answer to a close is in the serialization that the request's Content-Type names."""
    form = serialization_of(asked.step.exchange.response.body or b"")
    if form is None:
        raise Unreadable("the body")
    expect(asked.step.requested_serialization, form, "body")


@requirement("http/other-methods-refused", MUST, on=other_method, source=documented("a job is closed by POST alone"))
def other_methods_refused(attempt: Attempt) -> None:
    """PUT, PATCH and DELETE on a job are refused and change nothing."""
    if not attempt.step.refused:
        raise violation("a refusal, 4xx", attempt.step.status, "status")
    if attempt.earlier is not None and attempt.later is not None:
        expect_kept(attempt.earlier, attempt.later)


@requirement(
    "http/method-status-405",
    SHOULD,
    on=other_method,
    bearing=FORM,
    yields_to=("http/other-methods-refused",),
    source=documented("a job is closed by POST alone"),
    because="The documentation has POST alone and names no status for another method; HTTP has this one.",
    also=(standard("RFC 9110, 15.5.6"),),
)
def method_status_405(asked: Asked) -> None:
    """A method that the job resource does not support is answered with 405."""
    expect(405, asked.step.status, "status")
