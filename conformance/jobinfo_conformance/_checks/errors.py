"""errors: how requests are refused."""

from dataclasses import replace

from jobinfo_conformance._catalogue.requirement import (
    FORM,
    MUST,
    READING,
    SHOULD,
    documented,
    inferred,
    recorded,
    requirement,
    standard,
)
from jobinfo_conformance._checks.expectations import expect, status_and_code
from jobinfo_conformance._contract.document import JsonDocument
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.secrets import MARK
from jobinfo_conformance._finding import Unreadable, Violation, violation
from jobinfo_conformance._subjects.attempts import refusal
from jobinfo_conformance._subjects.single_exchanges import any_exchange, error_document, typed_refusal
from jobinfo_conformance._subjects.subject import Asked, Refusal

_UNKNOWN_CODE = "schema/enumerations"
#: What the vendor's REST API answers instead of an error document, which is easily mistaken for it.
_OF_REST = "the REST API's error form, a list of errorCode and message"
#: Findings that an error document may have: they are known to matter in a jobInfo only.
_ALLOWED = frozenset({"schema/no-doctype", "schema/default-namespace"})


@requirement(
    "errors/status-4xx",
    MUST,
    on=refusal,
    source=recorded("400 for whatever a client got wrong"),
    bearing=FORM,
    presupposes=("state/every-time",),
    yields_to=(
        "accepts",
        "state/closes-without-batches",
        "state/closes-with-unfinished-batches",
        "state/every-time",
        "http/method-status-405",
    ),
    also=(standard("RFC 9110, 15.5 and 15.6"),),
)
def status_4xx(asked: Asked) -> None:
    """A refused request is answered with 4xx, never with 5xx, and no error document comes with 2xx."""
    if not asked.step.is_client_error:
        raise violation("4xx", status_and_code(asked.step), "status")


@requirement("errors/document", MUST, on=error_document, bearing=READING, source=documented("Errors"))
def document(refused: Refusal) -> None:
    """A refusal has an error document with exceptionCode and exceptionMessage."""
    for finding in refused.findings:
        if finding.requirement != _UNKNOWN_CODE and finding.requirement not in _ALLOWED:
            raise Violation(replace(finding, got=_OF_REST) if _is_of_rest(refused) else finding)


@requirement("errors/known-code", MUST, on=error_document, bearing=READING, source=documented("Errors"))
def known_code(refused: Refusal) -> None:
    """exceptionCode is one of the documented codes."""
    for finding in refused.findings:
        if finding.requirement == _UNKNOWN_CODE:
            raise violation("a documented code", finding.got, finding.where)
    if not refused.shows_fields:
        raise Unreadable("the body")
    refused.text("exceptionCode")


@requirement("errors/message-not-empty", SHOULD, on=error_document, source=recorded("every recorded error"))
def message_not_empty(refused: Refusal) -> None:
    """exceptionMessage is neither empty nor blank."""
    if not refused.text("exceptionMessage").strip():
        raise violation("a sentence", "nothing", "exceptionMessage")


@requirement(
    "errors/serialization",
    SHOULD,
    on=typed_refusal,
    bearing=FORM,
    presupposes=("errors/document", "http/content-type"),
    source=documented("and recordings, which disagree for unknown ids"),
    because="The documentation and the recordings disagree for unknown ids.",
)
def serialization(refused: Asked) -> None:
    """An error document is in the serialization that the request's Content-Type names, and so is its own Content-Type."""
    form, response = refused.step.requested_serialization, refused.step.exchange.response
    expect(form, refused.step.answer.serialization, "body")
    if form is not Serialization.of_media_type(response.content_type) and response.headers.pairs:
        raise violation(form and form.media_type, response.content_type or "no Content-Type", "Content-Type header")


@requirement(
    "errors/no-secrets",
    MUST,
    on=any_exchange,
    bearing=READING,
    source=inferred("a session in a response ends up in logs"),
    because="Answers end up in logs, and whoever reads a session there can use it.",
)
def no_secrets(asked: Asked) -> None:
    """No response contains the session, in its body or in a header."""
    response = asked.step.exchange.response
    body = (response.body or b"").replace(b"\0", b"")
    places = ["body"] * (MARK.encode() in body) + [f"{name} header" for name, value in response.headers if MARK in value]
    if places:
        raise violation("no session in the response", "the session", places[0])
    if response.body is None:
        raise Unreadable("the body")


def _is_of_rest(refused: Refusal) -> bool:
    document = refused.reading.document
    errors = document.value if isinstance(document, JsonDocument) else None
    return isinstance(errors, list) and bool(errors) and all(isinstance(each, dict) and "errorCode" in each for each in errors)
