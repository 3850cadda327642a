"""The schemas: documented, readable by other validators, and of one mind with the model and with each other."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from lxml import etree

from jobinfo_conformance._contract.document import JsonValue
from jobinfo_conformance._contract.jobinfo import NAMESPACE, JobInfo
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.schema_findings import schema_findings
from jobinfo_conformance._contract.schemas import Body, json_types, required_fields, xsd
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import EARLIEST, TIMES_SINCE, Version
from jobinfo_conformance._contract.writer import json_values, write_json, write_request, write_xml, xml_values
from jobinfo_conformance._escaping import quoted
from jobinfo_conformance._finding import Finding
from tests.conftest import ROOT
from tests.exchanges import CLOSED

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


ID, XSI = "<id>7500K00000EVfY2QAL</id>", "http://www.w3.org/2001/XMLSchema-instance"
UNKNOWN, COUNT = "schema/no-unknown-elements", "A whole number of batches or retries"
TEXT_FOUND = (UNKNOWN, "jobInfo", "only elements", "text between the elements")
XML_DEPARTURES = {
    "<id><a>x</a><b/></id><state>Closed</state>": [("schema/field-types", "id", "a value", "a child element a")],
    "x<state>Closed</state>": [TEXT_FOUND],
    f"{ID}x<state>Closed</state>": [TEXT_FOUND],
    "<state>Closed</state>x": [TEXT_FOUND],
    "<state x='1'>Closed</state>": [("schema/no-unknown-attributes", "state", "no attribute", "x")],
    f"<state xmlns:xsi='{XSI}' xsi:schemaLocation='{NAMESPACE} a.xsd'>Closed</state>": [],
    f"<state>Closed</state>{ID}": [("schema/element-order", "state", "id in this place", "state, out of order")],
    f"<state>Closed</state><{'x' * 200} xmlns=''/>": [
        (UNKNOWN, quoted("x" * 200), "no such element", f"{'x' * 200} in no namespace")
    ],
    f"<state>Closed</state><{'x' * 201} xmlns=''/>": [
        (UNKNOWN, quoted("x" * 201), "no such element", f"{'x' * 200}… (201 characters) in no namespace")
    ],
    "<state>Closed</state><state>Closed</state><state>closed</state>": [
        ("schema/no-duplicates", "state", "one element with this name", "3"),
        ("schema/enumerations", "state", "Closed", "closed"),
    ],
}


@pytest.mark.parametrize("inside", XML_DEPARTURES, ids=range(len(XML_DEPARTURES)))
def test_a_departure_in_xml_is_told_in_its_place(inside: str) -> None:
    """What was expected there, and what stands there."""
    body = f'<jobInfo xmlns="{NAMESPACE}">{inside}</jobInfo>'.encode()
    assert _told(schema_findings(read(body), Body.CLOSE_REQUEST)) == XML_DEPARTURES[inside]


@pytest.mark.parametrize("root", ["job", "jobInformation", "x" * 200, "x" * 201])
def test_another_root_is_told_with_its_namespace(root: str) -> None:
    """Whether its name comes before or after jobInfo, up to 200 characters of it."""
    findings = schema_findings(read(f"<{root}/>".encode()), Body.JOB_INFO)
    expected = f'jobInfo in namespace "{NAMESPACE}"'
    assert _told(findings) == [("schema/root", "jobInfo", expected, f"{quoted(root, 200)} in no namespace")]
    in_place = schema_findings(read(f"<{root} xmlns='{NAMESPACE}'/>".encode()), Body.JOB_INFO)
    assert [finding.got for finding in in_place] == [f'{quoted(root, 200)} in namespace "{NAMESPACE}"']


@pytest.mark.parametrize("text", ["1_000", "\uff19", "\u00a01", "-1", "none"])
def test_a_number_in_xml_is_what_the_model_reads(text: str) -> None:
    """A library that is more lenient does not decide."""
    body = write_xml("jobInfo", {**xml_values(CLOSED), "numberRetries": text})
    assert _told(schema_findings(read(body), Body.JOB_INFO)) == [
        ("schema/field-types", "numberRetries", f"{COUNT}: 0 to 2147483647", quoted(text))
    ]


STATES = "Open or Closed or Aborted or Failed"
INSTANT = "An instant in UTC, with an optional fraction of a second: 2015-11-19T01:45:03.000+0000"
JSON_DEPARTURES: list[tuple[dict[str, JsonValue], list[tuple[str, str, str, str]]]] = [
    ({"numberRetries": "0"}, [("schema/field-types", "numberRetries", COUNT, '"0"')]),
    ({"numberRetries": 0.0}, [("schema/canonical-numbers", "numberRetries", "0", "0.0")]),
    ({"numberRetries": {"a": [1]}}, [("schema/field-types", "numberRetries", COUNT, '{"a": [1]}')]),
    ({"state": "closed"}, [("schema/enumerations", "state", STATES, '"closed"')]),
    (
        {"createdDate": "2009-02-30T18:15:59.000+0000"},
        [("schema/field-types", "createdDate", "a date that exists", '"2009-02-30T18:15:59.000+0000"')],
    ),
    (
        {"createdDate": "2009-02-28T18:15:59.000Z"},
        [("schema/field-types", "createdDate", INSTANT, '"2009-02-28T18:15:59.000Z"')],
    ),
    ({"state": "clös\ned"}, [("schema/enumerations", "state", STATES, '"cl\\xf6s\\\\ned"')]),
    ({"createdDate": "2009-02-28"}, [("schema/field-types", "createdDate", INSTANT, '"2009-02-28"')]),
    ({"externalIdFieldName": ""}, [("schema/field-types", "externalIdFieldName", "A string that is not empty", '""')]),
    (
        {"a": 1, "numberRetries": 0.0},
        [("schema/no-unknown-keys", "a", "no such key", "1"), ("schema/canonical-numbers", "numberRetries", "0", "0.0")],
    ),
]


@pytest.mark.parametrize(("values", "told"), JSON_DEPARTURES, ids=range(len(JSON_DEPARTURES)))
def test_a_departure_in_json_is_told_in_its_place(values: dict[str, JsonValue], told: list[tuple[str, str, str, str]]) -> None:
    """What was expected there, and what stands there, whatever stands before it."""
    body = write_json({**values, **{name: value for name, value in json_values(CLOSED).items() if name not in values}})
    assert _told(schema_findings(read(body), Body.JOB_INFO)) == told


def test_each_key_that_is_missing_is_told_once() -> None:
    """However many there are."""
    values = {name: value for name, value in json_values(CLOSED).items() if name not in ("object", "operation")}
    findings = schema_findings(read(write_json(values)), Body.JOB_INFO)
    assert _told(findings) == [("schema/required-fields", "object, operation", "these 2 fields", "none of them")]


def test_of_a_name_or_null_the_name_is_meant() -> None:
    """A mode in the wrong letter case is a wrong name, not a value of the wrong type."""
    asked: dict[str, JsonValue] = {
        "operation": "insert",
        "object": "Account",
        "contentType": "CSV",
        "concurrencyMode": "serial",
    }
    findings = schema_findings(read(write_json(asked)), Body.CREATE_REQUEST)
    assert _told(findings) == [("schema/enumerations", "concurrencyMode", "Parallel or Serial", '"serial"')]


@pytest.mark.parametrize("body", list(Body))
def test_types_in_json_refer_to_nothing(body: Body) -> None:
    """Each is whole by itself, under the description of its definition."""
    assert '"$ref"' not in json.dumps(json_types(body))
    if body is Body.JOB_INFO:
        defined = {name: JOB_INFO["$defs"][name] for name in ("Count", "Text")}
        assert json_types(body)["numberRetries"] == defined["Count"]
        assert json_types(body)["externalIdFieldName"]["anyOf"] == [{"type": "null"}, defined["Text"]]


def test_the_libraries_of_the_schemas_wait_until_they_are_needed() -> None:
    """The plugin loads in every run of pytest, also where nothing is judged."""
    code = "import sys, jobinfo_conformance._contract.schemas; print('xmlschema' in sys.modules, 'jsonschema' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False False\n"


def _told(findings: tuple[Finding, ...]) -> list[tuple[str, str, str, str]]:
    return [(one.requirement, one.where, one.expected, one.got) for one in findings]
