"""Fields that a request names but does not set: some clients send every field they know."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

from jobinfo_conformance._contract.document import JsonDocument, JsonValue, Reading, XmlDocument

#: What such a client writes for a field that it does not set.
UNSET = (None, "", "0", "0.0", "false", 0)  # and False and 0.0, which equal 0


def without_unset(reading: Reading) -> Reading:
    """Return a body without the fields that are null, 0, false or empty. The vendor's own client sends 24 of them in JSON."""
    document = reading.document
    if isinstance(document, JsonDocument) and isinstance(document.value, dict):
        kept: dict[str, JsonValue] = {name: value for name, value in document.value.items() if value not in UNSET}
        return replace(reading, document=JsonDocument(kept))
    if isinstance(document, XmlDocument):
        root = copy(document.root)
        root[:] = [child for child in root if len(child) or (child.text or "") not in UNSET]
        return replace(reading, document=XmlDocument(root))
    return reading
