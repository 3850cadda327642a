"""What is wrong with the bodies that clients send, each finding with the requirement of the family client that it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jobinfo_conformance._contract.document import LONGEST_BODY, JsonDocument, XmlDocument, name_in_words
from jobinfo_conformance._contract.jobinfo import NAMESPACE, SETTINGS
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._finding import Finding
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._job_requests.plain import BATCH_TYPES
from jobinfo_conformance._subjects.client_runs import SentBatch

#: The requirements on bodies that say something of their own about clients. Those that are missing here a server SHOULD
#: forgive: it is no failure of a client's that it need not.
_ABOUT: Mapping[str, str] = {
    "schema/well-formed": "schema",
    "schema/root": "schema",
    "schema/required-fields": "schema",
    "schema/field-types": "schema",
    "schema/enumerations": "schema",
    "schema/no-duplicates": "schema",
    "schema/element-order": "order",
}
#: What is wrong with a state is a matter of the requirement on states, unless it is not a text at all.
_OF_STATE = frozenset({"schema/required-fields", "schema/enumerations"})


def of_body(step: Step, about: str) -> tuple[Finding, ...]:
    """What is wrong with a jobInfo: with its elements' ``order``, or with the rest of its ``schema``."""
    found = [finding for finding in step.asked.findings if _ABOUT.get(finding.requirement) == about]
    if step.operation is not Operation.CREATE:
        found = [finding for finding in found if finding.where != "state" or finding.requirement not in _OF_STATE]
    return tuple(found)


def names_beyond(step: Step) -> Sequence[str]:
    """The fields that a request sets although clients don't."""
    settable = SETTINGS if step.operation is Operation.CREATE else ("id", "state")
    return [name for name in step.asked.set_fields.fields if name not in settable]


def batch_type(batch: SentBatch) -> str | None:
    """The media type that a batch should have; None if its job names a contentType that nothing is known of."""
    return BATCH_TYPES.get(batch.content)


def batch_findings(batch: SentBatch) -> tuple[Finding, ...]:
    """What is wrong with a batch: of records in XML or JSON, or of anything else only that it is empty."""
    body = batch.step.exchange.request.body
    if not body.strip():
        return (Finding("", "records, or a query", "nothing", "batch"),)
    if batch.operation.startswith("query") or batch.content not in ("XML", "JSON") or len(body) > LONGEST_BODY:
        return ()
    reading = read(body, batch.step.exchange.request.content_type)
    document = reading.document
    if document is None:
        return reading.findings
    if batch.content == "JSON":
        is_list = isinstance(document, JsonDocument) and isinstance(document.value, list)
        return () if is_list else (Finding("", "a list of records", "something else", "batch"),)
    root = name_in_words(document.root.tag) if isinstance(document, XmlDocument) else "no element"
    expected = name_in_words(f"{{{NAMESPACE}}}sObjects")
    return () if root == expected else (Finding("", expected, root, "root of the batch"),)
