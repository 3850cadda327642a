"""Everything that is wrong with a body, given what it is meant to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from jobinfo_conformance._contract.document import JsonDocument, Reading, XmlDocument
from jobinfo_conformance._contract.json_findings import json_findings
from jobinfo_conformance._contract.schemas import Body, json_types
from jobinfo_conformance._contract.unset_fields import UNSET
from jobinfo_conformance._contract.versions import DEFAULT, Version
from jobinfo_conformance._contract.xml_findings import is_recognisable, xml_findings
from jobinfo_conformance._finding import Finding

#: How many findings on one requirement are kept of one body. A jobInfo has 24 fields.
MOST_FINDINGS = 100


def shows_fields(reading: Reading, body: Body, version: Version = DEFAULT) -> bool:
    """Whether a body can be judged field by field: it was read, and is recognisable as what it is meant to be."""
    if reading.is_flawless:
        return True
    document = reading.document
    if isinstance(document, XmlDocument):
        return is_recognisable(document.root, body, version)
    return isinstance(document, JsonDocument) and isinstance(document.value, dict)


def request_findings(reading: Reading, body: Body, version: Version = DEFAULT) -> tuple[Finding, ...]:
    """What is wrong with the body of a request.

    In JSON, a client may name fields that it does not set, whatever they are: the vendor's own names all that it knows.
    """
    document = reading.document
    if isinstance(document, JsonDocument) and isinstance(document.value, dict):
        known = json_types(body)
        kept = {name: value for name, value in document.value.items() if name in known or value not in UNSET}
        reading = replace(reading, document=JsonDocument(kept))
    return schema_findings(reading, body, version)


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
    return _limited(dict.fromkeys(found))


def _limited(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the first findings on each requirement; the last of them says how many more there are."""
    kept: dict[str, list[Finding]] = {}
    numbers: Counter[str] = Counter()
    for finding in found:
        numbers[finding.requirement] += 1
        if numbers[finding.requirement] <= MOST_FINDINGS:
            kept.setdefault(finding.requirement, []).append(finding)
    for requirement, findings in kept.items():
        more = numbers[requirement] - MOST_FINDINGS
        if more > 0:
            findings[-1] = replace(findings[-1], got=f"{findings[-1].got}, and {more} more like it")
    return tuple(finding for findings in kept.values() for finding in findings)
