"""The schemas: documented, readable by other validators, and of one mind with the model and with each other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from lxml import etree

from jobinfo_conformance.contract.jobinfo import JobInfo
from jobinfo_conformance.contract.readers import read
from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.contract.schemas import Body, required_fields, schema_findings, xsd
from jobinfo_conformance.contract.versions import EARLIEST, TIMES_SINCE, Version
from jobinfo_conformance.contract.writers import write_json, write_request, write_xml
from tests.conftest import ROOT

SCHEMAS = ROOT / "schemas"
XSDS = sorted(SCHEMAS.glob("*.xsd"))
JSON_SCHEMAS = sorted(SCHEMAS.glob("*.schema.json"))
XS = "{http://www.w3.org/2001/XMLSchema}"

JOB_INFO: dict[str, Any] = json.loads((SCHEMAS / "jobinfo.schema.json").read_text("utf-8"))


@pytest.mark.parametrize("path", XSDS, ids=lambda path: path.name)
def test_every_type_and_element_of_an_xsd_is_documented(path: Path) -> None:
    """A reader of the schema alone learns what each part is."""
    named = [one for one in etree.parse(str(path)).iter() if one.tag in (f"{XS}element", f"{XS}simpleType", f"{XS}complexType")]
    silent = [
        one.get("name")
        for one in named
        if one.get("name") and not (one.findtext(f"{XS}annotation/{XS}documentation") or "").strip()
    ]
    assert silent == []


@pytest.mark.parametrize("path", XSDS, ids=lambda path: path.name)
def test_every_xsd_compiles_in_libxml2(path: Path) -> None:
    """XSD 1.0 and nothing that one library alone understands."""
    etree.XMLSchema(etree.parse(str(path)))


def _unsaid(value: Any, place: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for group in ("properties", "$defs"):
            for name, one in value.get(group, {}).items():
                if not one.get("description") and set(one) != {"$ref"}:
                    yield f"{place}/{group}/{name}"
        for name, one in value.items():
            yield from () if name in ("if", "then", "else") else _unsaid(one, f"{place}/{name}")


@pytest.mark.parametrize("path", JSON_SCHEMAS, ids=lambda path: path.name)
def test_every_key_and_definition_of_a_json_schema_is_documented(path: Path) -> None:
    """Draft 2020-12, self-contained, and each part has a description."""
    schema = json.loads(path.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert list(_unsaid(schema)) == []
    assert '"$ref": "http' not in path.read_text("utf-8")


def test_the_schemas_and_the_model_have_the_same_fields() -> None:
    """XSD, JSON Schema and JobInfo name the same fields, the XSD in the model's order."""
    in_xml = [name for name, field in JobInfo.FIELDS.items() if not field.json_only]
    declared: Any = xsd(Body.JOB_INFO).elements["jobInfo"].type
    assert [element.local_name for element in declared.content.iter_elements()] == in_xml
    assert set(JOB_INFO["properties"]) == set(JobInfo.FIELDS)


@pytest.mark.parametrize(("version", "count"), [(EARLIEST, 17), (Version(18), 17), (TIMES_SINCE, 21), (Version(62), 21)])
def test_required_fields_are_those_of_the_version(version: Version, count: int) -> None:
    """17 before 19.0, 21 from there on."""
    expected = [name for name, field in JobInfo.FIELDS.items() if not field.optional and field.since <= version]
    assert required_fields(Body.JOB_INFO, version) == expected
    assert len(expected) == count


def test_both_serializations_require_the_same_fields() -> None:
    """JSON came after 19.0, so its schema has one list."""
    assert sorted(JOB_INFO["required"]) == sorted(required_fields(Body.JOB_INFO))


#: What real clients send to close a job.
CLIENTS = {
    "simple-salesforce": b'{"state": "Closed"}',
    "salesforce-bulk": b'<jobInfo xmlns="http://www.force.com/2009/06/asyncapi/dataload"><state>Closed</state></jobInfo>',
    "salesforce-bulk-api": b'<?xml version="1.0" encoding="utf-8" ?>\n            <jobInfo xmlns="http://www.force.com/2009/06/'
    b'asyncapi/dataload">\n              <state>Closed</state>\n            </jobInfo>   ',
    "force-wsc": b'<?xml version="1.0" encoding="UTF-8"?><jobInfo xmlns="http://www.force.com/2009/06/asyncapi/dataload">'
    b"<id>750D0000000002lIAA</id><state>Closed</state></jobInfo>",
}


@pytest.mark.parametrize("client", CLIENTS)
def test_what_real_clients_send_fits_the_request_schema(client: str) -> None:
    """The request schema knows what is sent: the state, and the id beside it."""
    assert schema_findings(read(CLIENTS[client]), Body.CLOSE_REQUEST) == ()


@pytest.mark.parametrize("form", list(Serialization), ids=str)
@pytest.mark.parametrize(
    ("values", "requirement", "where"),
    [
        ({}, "schema/required-fields", "state"),
        ({"state": "closed"}, "schema/enumerations", "state"),
        ({"state": "Open"}, "schema/enumerations", "state"),
        ({"id": "750", "state": "Closed"}, "schema/field-types", "id"),
    ],
    ids=["no state", "lower case", "another state", "no id"],
)
def test_a_close_request_is_the_state_and_the_id(
    form: Serialization, values: dict[str, str], requirement: str, where: str
) -> None:
    """Everything else about it is a departure of the usual kind."""
    findings = schema_findings(read(write_request(values, form)), Body.CLOSE_REQUEST)
    assert [(finding.requirement, finding.where) for finding in findings] == [(requirement, where)]


@pytest.mark.parametrize("name", ["operation", "numberBatchesTotal", "closed"])
def test_a_close_request_has_nothing_else(name: str) -> None:
    """A field that a close can't set is an unknown one."""
    in_xml = schema_findings(read(write_xml("jobInfo", {"state": "Closed", name: "0"})), Body.CLOSE_REQUEST)
    in_json = schema_findings(read(write_json({"state": "Closed", name: 0})), Body.CLOSE_REQUEST)
    assert [(one.requirement, one.where) for one in in_xml] == [("schema/no-unknown-elements", name)]
    assert [(one.requirement, one.where) for one in in_json] == [("schema/no-unknown-keys", name)]
