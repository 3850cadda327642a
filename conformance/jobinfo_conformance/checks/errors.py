"""errors: how a request is refused."""

from jobinfo_conformance.checks.catalogue import MUST, SHOULD, Violation, check, expect
from jobinfo_conformance.contract.requirements import documented, inferred, recorded
from jobinfo_conformance.evidence.secrets import MARK
from jobinfo_conformance.subjects import Asked, Refusal, any_exchange, error_document, refusal, typed_refusal

_CODE = "schema/enumerations"
#: What is no departure from the error schema, though the reader notes it: only of a jobInfo is it known to matter.
_NOTED = frozenset({"schema/no-doctype", "schema/default-namespace"})


@check("errors/status-4xx", MUST, on=refusal, source=recorded("400 for what a client sent"))
def status_4xx(asked: Asked) -> None:
    """A request that is refused is answered with 4xx, never with 5xx."""
    if asked.step.status >= 500:
        raise Violation("4xx", asked.step.status, "status")


@check("errors/document", MUST, on=error_document, source=documented("Errors"))
def document(refused: Refusal) -> None:
    """A refusal carries an error document: exceptionCode and exceptionMessage."""
    for finding in refused.findings:
        if finding.requirement != _CODE and finding.requirement not in _NOTED:
            raise Violation(finding.expected, finding.got, finding.where)


@check("errors/known-code", MUST, on=error_document, source=documented("Errors"))
def known_code(refused: Refusal) -> None:
    """The exceptionCode is one of those that are documented."""
    for finding in refused.findings:
        if finding.requirement == _CODE:
            raise Violation("a documented code", finding.got, finding.where)
    refused.text("exceptionCode")


@check("errors/message-not-empty", SHOULD, on=error_document, source=recorded("every recorded error"))
def message_not_empty(refused: Refusal) -> None:
    """The exceptionMessage says something."""
    if not refused.text("exceptionMessage").strip():
        raise Violation("a sentence", "nothing", "exceptionMessage")


@check("errors/serialization", SHOULD, on=typed_refusal, source=documented("and recordings, which disagree for unknown ids"))
def serialization(refused: Asked) -> None:
    """An error document is in the serialization that the request's Content-Type names."""
    expect(refused.step.answer.serialization, refused.step.requested_serialization, "body")


@check("errors/no-secrets", MUST, on=any_exchange, source=inferred("a session in a response ends up in logs"))
def no_secrets(asked: Asked) -> None:
    """No response repeats the session."""
    response = asked.step.exchange.response
    body = (response.body or b"").replace(b"\0", b"")
    places = ["body"] * (MARK.encode() in body) + [f"{name} header" for name, value in response.headers if MARK in value]
    if places:
        raise Violation("no session in the response", "the session", places[0])
