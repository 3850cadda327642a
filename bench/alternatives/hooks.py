"""What a user of schemathesis adds for this API, because its document can't say it.

How XML is read, in which order it is written, and which object and field exist.
"""

from __future__ import annotations

from typing import Any

import schemathesis
import xmltodict

_NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
_ORDER = ("operation", "object", "externalIdFieldName", "concurrencyMode", "contentType")
_EXISTING = {"object": "Account", "externalIdFieldName": "Key__c"}


@schemathesis.deserializer("application/xml")
def decoded_xml(_: schemathesis.DeserializationContext, response: schemathesis.Response) -> Any:
    """Return an answer as nested dictionaries of text; names in the API's namespace begin with ``b:``."""
    return xmltodict.parse(response.content, process_namespaces=True, namespaces={_NAMESPACE: "b"})


@schemathesis.hook
def before_call(_: schemathesis.HookContext, case: schemathesis.Case, __: dict[str, Any]) -> None:
    """Put the elements of a request into the order in which the API reads them, and have a valid one name what exists."""
    if not isinstance(case.body, dict):
        return
    case.body = dict(sorted(case.body.items(), key=lambda field: _place(field[0])))
    if case.meta is not None and case.meta.generation.mode.is_positive:
        case.body.update({name: _EXISTING[name] for name in _EXISTING.keys() & case.body.keys()})


def _place(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)
