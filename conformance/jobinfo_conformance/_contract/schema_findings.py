"""Everything that is wrong with a body, given what it is meant to be."""

from __future__ import annotations

from jobinfo_conformance._contract.document import JsonDocument, Reading, XmlDocument
from jobinfo_conformance._contract.json_findings import json_findings
from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance._contract.unset_fields import without_unset
from jobinfo_conformance._contract.versions import DEFAULT, Version
from jobinfo_conformance._contract.xml_findings import is_recognisable, xml_findings
from jobinfo_conformance._finding import Finding


def shows_fields(reading: Reading, body: Body, version: Version = DEFAULT) -> bool:
    """Whether a body can be judged field by field: it was read, and is recognisable as what it is meant to be."""
    document = reading.document
    if isinstance(document, XmlDocument):
        return is_recognisable(document.root, body, version)
    return isinstance(document, JsonDocument) and isinstance(document.value, dict)


def request_findings(reading: Reading, body: Body, version: Version = DEFAULT) -> tuple[Finding, ...]:
    """What is wrong with the body of a request.

    A prefix is legal there, and in JSON so are fields that the client does not set: the vendor's own names all of them.
    """
    set_fields = without_unset(reading) if isinstance(reading.document, JsonDocument) else reading
    found = schema_findings(set_fields, body, version)
    return tuple(finding for finding in found if finding.requirement != "schema/default-namespace")


def schema_findings(reading: Reading, body: Body, version: Version = DEFAULT) -> tuple[Finding, ...]:
    """What the reader found, then what the schema finds, each once.

    Each finding names the broken requirement of the family schema. Some are beyond what a schema can express: duplicate
    fields, numbers that are not in canonical form, dates that do not exist.
    """
    found = list(reading.findings)
    if isinstance(reading.document, XmlDocument):
        found += xml_findings(reading.document.root, body, version)
    elif isinstance(reading.document, JsonDocument):
        found += json_findings(reading, reading.document.value, body)
    return tuple(dict.fromkeys(found))
