"""Everything that is wrong with a body, given what it is meant to be."""

from __future__ import annotations

from jobinfo_conformance._contract.document import JsonDocument, Reading, XmlDocument
from jobinfo_conformance._contract.json_findings import json_findings
from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance._contract.versions import DEFAULT, Version
from jobinfo_conformance._contract.xml_findings import xml_findings
from jobinfo_conformance._finding import Finding


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
