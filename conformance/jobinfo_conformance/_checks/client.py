"""client: what a client sends to close a job, and what it makes of the answer."""

from __future__ import annotations

import re

from jobinfo_conformance._catalogue.requirement import (
    MUST,
    SHOULD,
    client,
    documented,
    in_use,
    inferred,
    recorded,
    requirement,
    standard,
)
from jobinfo_conformance._checks.client_bodies import batch_findings, batch_type, names_beyond, of_body
from jobinfo_conformance._checks.expectations import expect
from jobinfo_conformance._contract.charset import is_contradicted
from jobinfo_conformance._contract.ids import is_id
from jobinfo_conformance._contract.session import SESSION_HEADER
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._evidence.client_run import Answered, ClientRun
from jobinfo_conformance._evidence.secrets import MARK
from jobinfo_conformance._finding import Finding, Unreadable, Violation, violation
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._subjects.client_runs import (
    ClosesAnother,
    Opened,
    Runs,
    SentBatch,
    api_request,
    closed_job,
    departing_runs,
    job_info_request,
    opened_job,
    refused_runs,
    request_with_body,
    resource_request,
    state_request,
    unusual_runs,
)
from jobinfo_conformance._subjects.subject import Asked
from jobinfo_conformance._url_parts import parts_of

_DOCUMENTED = documented("Close a Job")
#: What a request was seen to carry.
_CARRIED = {MARK: "the session", None: None}
#: What else the API documents below the job resource: the results of batches, what was sent as them, and transformations.
_BESIDES = re.compile(r"/services/async/\d+\.0/job/(spec|\w+/spec|\w+/batch/\w+/(request|result(/\w+)?))/?")


@requirement("client/method", MUST, on=resource_request, across=True, source=_DOCUMENTED)
def method(asked: Asked) -> None:
    """Jobs are created and changed with POST and read with GET; so are batches."""
    resource, sent = asked.step.resource, asked.step.exchange.request.method
    meant = ("POST",) if resource.job_id is None else ("GET",) if resource.batch_id else ("GET", "POST")
    if sent not in meant:
        raise violation(" or ".join(meant), sent, "method")
    if sent == "GET" and "state" in asked.step.request.fields:
        raise violation("POST", "GET, whose body would change the state of a job", "method")


@requirement("client/uri", MUST, on=api_request, across=True, source=_DOCUMENTED)
def uri(asked: Asked) -> None:
    """A URI is one of the job resource's, with a version like 62.0, and ids of 15 or 18 letters and digits."""
    path, resource = parts_of(asked.step.exchange.request.url).path, asked.step.resource
    if _BESIDES.fullmatch(path):
        return
    if not resource.version_text or not path.startswith("/services/async/"):
        raise violation("/services/async/VERSION/job, and what is below it", path, "path")
    expect_version(resource.version_text)
    for name, value in (("job", resource.job_id), ("batch", resource.batch_id)):
        if value is not None and not is_id(value):
            raise violation("15 or 18 letters and digits", value, f"{name} in the path")


def expect_version(text: str) -> None:
    """Raise Violation if a text is no version as URIs have it."""
    try:
        Version.parse(text)
    except ValueError:
        raise violation("a version like 62.0", text, "version in the path") from None


@requirement("client/session-header", MUST, on=api_request, across=True, source=documented("the header X-SFDC-Session"))
def session_header(asked: Asked) -> None:
    """Every request carries the session in the header X-SFDC-Session, and not in its URL."""
    request = asked.step.exchange.request
    if MARK in request.url:
        raise violation("no session in the URL", "the session", "URL")
    carried = request.headers.values(SESSION_HEADER)
    if len(carried) > 1:
        raise violation("a single one", f"{len(carried)} of them", f"{SESSION_HEADER} of the request")
    expect("the session", _CARRIED.get(next(iter(carried), None), "another session"), f"{SESSION_HEADER} of the request")


@requirement("client/content-type-fits-body", MUST, on=request_with_body, across=True, source=_DOCUMENTED)
def content_type_fits_body(asked: Asked) -> None:
    """The Content-Type of a request is that of its body: application/xml or application/json, for a batch that of its job."""
    request = asked.step.exchange.request
    named = (request.content_type or "").partition(";")[0].strip().lower()
    expected = batch_type(asked) if isinstance(asked, SentBatch) else asked.step.request.serialization.media_type
    if expected is not None and named != expected:
        raise violation(expected, request.content_type, "Content-Type of the request")
    if is_contradicted(request.body, request.content_type):
        raise violation("the charset that the body is in, or none", request.content_type, "charset of the request")


@requirement("client/body-fits-schema", MUST, on=request_with_body, across=True, source=_DOCUMENTED)
def body_fits_schema(asked: Asked) -> None:
    """The body of a request that creates, closes or aborts a job fits its schema; so does a batch."""
    defect = asked.step.exchange.request.defect
    if defect is not None:
        raise violation("a body that is as its headers announce it", defect, "body")
    found = batch_findings(asked) if isinstance(asked, SentBatch) else of_body(asked.step, "schema")
    if found:
        raise Violation(*found)


@requirement("client/state-closed", MUST, on=state_request, across=True, source=_DOCUMENTED)
def state_closed(asked: Asked) -> None:
    """A request that changes a job names the state Closed, or Aborted, exactly so."""
    if asked.step.operation is not Operation.CHANGE:
        return
    if asked.step.request.document is None:
        raise Unreadable("the body")
    raise violation("Closed", asked.step.request.fields.get("state"), "state")


@requirement(
    "client/element-order",
    MUST,
    on=job_info_request,
    across=True,
    source=client("reads and writes elements in the order of the schema"),
)
def element_order(asked: Asked) -> None:
    """Elements are in the order of the schema: a close has its id, if it has one, before its state."""
    found = of_body(asked.step, "order")
    if found:
        raise Violation(*found)


@requirement(
    "client/only-settable-fields",
    SHOULD,
    on=job_info_request,
    across=True,
    source=recorded("a close with a field that only the server sets was refused as InvalidJob"),
    because="A real server refused such a close, but nothing documents which fields it looks at.",
)
def only_settable_fields(asked: Asked) -> None:
    """A request sets no field but those that clients set; null, 0, false and empty set nothing."""
    beyond = names_beyond(asked.step)
    if beyond:
        raise violation("no other field", ", ".join(beyond), "body")


@requirement("client/no-batch-after-close", MUST, on=closed_job, across=True, source=documented("no more batches can be added"))
def no_batch_after_close(opened: Opened) -> None:
    """Once a job is closed, no batch is added to it."""
    if opened.job.batches_after_close:
        raise violation("no batch", f"{len(opened.job.batches_after_close)} after the close", "batches")


@requirement("client/closes-what-it-opened", MUST, on=opened_job, across=True, source=_DOCUMENTED)
def closes_what_it_opened(opened: Opened | ClosesAnother) -> None:
    """Every job that is opened is closed, or aborted, and no other job is."""
    if isinstance(opened, ClosesAnother):
        raise violation(opened.meant, opened.named, opened.where)
    if not opened.job.is_ended:
        tried = [step.answered for step in opened.job.closes]
        raise violation("a close that is accepted", f"closes answered {', '.join(tried)}" if tried else None, "job")


@requirement(
    "client/closes-once",
    SHOULD,
    on=closed_job,
    across=True,
    source=inferred("a closed job stays closed"),
    because="It asks for what already is, and real servers refuse it.",
    also=(recorded("real servers refuse a second close with InvalidJobState"),),
)
def closes_once(opened: Opened) -> None:
    """A job that is closed is not closed again."""
    if opened.job.closes_again:
        raise violation("one close", 1 + len(opened.job.closes_again), "closes of the job")


@requirement(
    "client/understands-every-conformant-response",
    MUST,
    on=unusual_runs,
    across=True,
    source=standard("RFC 9110, RFC 9112, RFC 8259 and XML 1.0 leave these ways open, and so does the contract"),
    because="What the standards and the contract leave open, another server may do.",
)
def understands_every_conformant_response(runs: Runs) -> None:
    """Answers that are unusual and legal are understood: the client ends as it usually does, and closes as many jobs."""
    expect_no_trouble(runs, "the same end as usual, exit 0")


@requirement(
    "client/notices-a-refusal",
    MUST,
    on=refused_runs,
    across=True,
    source=inferred("a close that is refused leaves the job open"),
    because="Whoever overlooks a refusal takes an open job for a closed one.",
    also=(in_use("salesforce-api does not notice a 400"),),
)
def notices_a_refusal(runs: Runs) -> None:
    """A close that is refused does not pass in silence."""
    expect_no_trouble(runs, "a sign that something is wrong")


@requirement(
    "client/notices-a-departure",
    SHOULD,
    on=departing_runs,
    across=True,
    source=inferred("an answer that does not say that this job is Closed promises nothing"),
    because=("Nothing asks a client to read more than the status, but one that does not can't know that the job is closed."),
    also=(in_use("none that was tried notices that the state is still Open"),),
)
def notices_a_departure(runs: Runs) -> None:
    """An answer to a close that does not say that this job is Closed does not pass in silence, nor draw the session away.

    A client that then reads the job, and finds it Closed, has nothing to say.
    """
    expect_no_trouble(runs, "a sign that something is wrong, and the session sent nowhere else")


def expect_no_trouble(runs: Runs, expected: str) -> None:
    """Raise Violation with a finding for each run that shows trouble; its place says how the run was answered."""
    found = [Finding("", expected, run.in_words, _where(run)) for run in runs.troubled]
    if found:
        raise Violation(*found)


def _where(run: ClientRun) -> str:
    """The option that answers so again; the usual answers need none."""
    if run.answered is Answered.USUALLY:
        return "on the usual answers"
    return f"--variation '{run.name}'" if " " in run.name else f"--variation {run.name}"
