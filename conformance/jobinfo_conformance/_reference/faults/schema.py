"""Faults in the form of a returned jobInfo."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from jobinfo_conformance._contract.document import JsonValue
from jobinfo_conformance._contract.field_types import WHOLE
from jobinfo_conformance._contract.jobinfo import NAMESPACE, JobInfo
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._reference.faults.fault import JSON, XML, after
from jobinfo_conformance._reference.service import Service

Fields = Mapping[str, JsonValue]

_DATES = ("createdDate", "systemModstamp")
_NUMBERS = [name for name, field in JobInfo.FIELDS.items() if field.type is WHOLE]
_TIMES = [name for name in _NUMBERS if name.endswith("Time")]


def changed(fields: Fields, names: Iterable[str], change: Callable[[str], JsonValue]) -> Fields:
    """The fields, with a change made to the text of those with these names."""
    return {**fields, **{name: change(str(fields[name])) for name in names if name in fields}}


def inserted(fields: Fields, name: str, value: JsonValue, *, before: str) -> Fields:
    """The fields, with one more before another."""
    fields_with_it: dict[str, JsonValue] = {}
    for key, present in fields.items():
        if key == before:
            fields_with_it[name] = value
        fields_with_it[key] = present
    return fields_with_it


# well-formed


@after(Service.body, breaks="schema/well-formed")
def body_cut_short(body: bytes) -> bytes:
    """The body lacks its last ten bytes."""
    return body[:-10]


@after(Service.body, breaks="schema/well-formed", every=3)
def third_body_twice(body: bytes) -> bytes:
    """Every third body is sent twice in a row."""
    return body + body.partition(b"?>\n")[2] if body.startswith(b"<?xml") else body + body


@after(Service.body, breaks="schema/well-formed", only=XML)
def blank_line_before_declaration(body: bytes) -> bytes:
    """A blank line, left by a template, precedes the XML declaration."""
    return b"\n" + body


@after(Service.body, breaks="schema/well-formed", only=XML)
def undeclared_prefix(body: bytes) -> bytes:
    """The state element has a prefix that is not declared."""
    return body.replace(b"<state>", b"<sf:state>").replace(b"</state>", b"</sf:state>")


@after(Service.body, breaks="schema/well-formed", only=XML)
def entity_of_html(body: bytes) -> bytes:
    """The body contains &nbsp;, an entity that XML does not have."""
    return body.replace(b"</jobInfo>", b"&nbsp;</jobInfo>")


@after(Service.body, breaks="schema/well-formed", only=JSON)
def json_with_byte_order_mark(body: bytes) -> bytes:
    """JSON begins with a byte order mark."""
    return b"\xef\xbb\xbf" + body


@after(Service.body, breaks="schema/well-formed", only=JSON)
def trailing_comma(body: bytes) -> bytes:
    """A comma follows the last value in JSON."""
    return body.replace(b"\n}", b",\n}")


@after(Service.body, breaks="schema/well-formed", only=JSON)
def not_a_number(body: bytes) -> bytes:
    """totalProcessingTime is NaN in JSON: 0 divided by 0 batches."""
    return re.sub(rb'("totalProcessingTime": )[0-9]+', rb"\1NaN", body)


@after(Service.body, breaks="schema/well-formed", only=JSON)
def single_quotes(body: bytes) -> bytes:
    """JSON is written with single quotes, as some languages print their own values."""
    return body.replace(b'"', b"'")


# root


@after(Service.body, breaks="schema/root", only=JSON, on=Operation.READ)
def read_answers_a_list(body: bytes) -> bytes:
    """A read in JSON returns a list of one job."""
    return b"[" + body + b"]"


@after(Service.body, breaks="schema/root", only=XML)
def no_namespace(body: bytes) -> bytes:
    """XML has no namespace."""
    return body.replace(f' xmlns="{NAMESPACE}"'.encode(), b"")


@after(Service.body, breaks="schema/root", only=XML, on=Operation.CLOSE)
def namespace_with_slash(body: bytes) -> bytes:
    """The namespace in the answer to a close ends in a slash."""
    return body.replace(NAMESPACE.encode(), f"{NAMESPACE}/".encode())


@after(Service.body, breaks="schema/root", only=XML)
def capital_root(body: bytes) -> bytes:
    """The root is called JobInfo, like the class."""
    return body.replace(b"jobInfo", b"JobInfo")


# required-fields


@after(Service.fields, breaks="schema/required-fields")
def zeros_left_out(fields: Fields) -> Fields:
    """Fields that are 0 are left out."""
    return {name: value for name, value in fields.items() if value not in (0, "0")}


@after(Service.fields, breaks="schema/required-fields")
def times_left_out(fields: Fields) -> Fields:
    """The three processing times are left out."""
    return {name: value for name, value in fields.items() if name not in _TIMES}


@after(Service.fields, breaks="schema/required-fields", on=Operation.CLOSE)
def close_answers_id_and_state(fields: Fields) -> Fields:
    """A close returns only the id and the state."""
    return {name: fields[name] for name in ("id", "state")}


@after(Service.body, breaks="schema/required-fields", only=JSON)
def job_info_wrapped(body: bytes) -> bytes:
    """In JSON the job is wrapped in an object, as the value of the key jobInfo."""
    return b'{"jobInfo": ' + body + b"}"


@after(Service.fields, breaks="schema/required-fields", only=XML)
def no_retries_in_xml(fields: Fields) -> Fields:
    """numberRetries is left out of XML."""
    return {name: value for name, value in fields.items() if name != "numberRetries"}


@after(Service.fields, breaks="schema/required-fields", only=JSON)
def snake_case_keys(fields: Fields) -> Fields:
    """JSON keys are in snake case."""
    return {re.sub("([A-Z])", r"_\1", name).lower(): value for name, value in fields.items()}


@after(Service.fields, breaks="schema/required-fields", every=3, only=JSON)
def third_answer_without_modstamp(fields: Fields) -> Fields:
    """Every third answer in JSON lacks systemModstamp."""
    return {name: value for name, value in fields.items() if name != "systemModstamp"}


# field-types


@after(Service.fields, breaks="schema/field-types", only=JSON)
def numbers_as_strings(fields: Fields) -> Fields:
    """Counters and times in JSON are strings."""
    return changed(fields, _NUMBERS, str)


@after(Service.fields, breaks="schema/field-types", only=JSON)
def dates_with_colon(fields: Fields) -> Fields:
    """Dates in JSON end in +00:00, with a colon."""
    return changed(fields, _DATES, lambda date: date.replace("+0000", "+00:00"))


@after(Service.fields, breaks="schema/field-types", only=JSON)
def json_dates_in_z(fields: Fields) -> Fields:
    """Dates in JSON end in Z, as they do in XML."""
    return changed(fields, _DATES, lambda date: date.replace("+0000", "Z"))


@after(Service.fields, breaks="schema/field-types", only=XML)
def xml_dates_with_offset(fields: Fields) -> Fields:
    """Dates in XML end in +0000, as they do in JSON."""
    return changed(fields, _DATES, lambda date: date.replace("Z", "+0000"))


@after(Service.fields, breaks="schema/field-types", only=XML)
def dates_without_zone(fields: Fields) -> Fields:
    """Dates in XML have no time zone."""
    return changed(fields, _DATES, lambda date: date.removesuffix("Z"))


@after(Service.fields, breaks="schema/field-types")
def dates_with_space(fields: Fields) -> Fields:
    """Dates have a space between day and time, as databases print them."""
    return changed(fields, _DATES, lambda date: date.replace("T", " "))


@after(Service.fields, breaks="schema/field-types", only=JSON)
def dates_as_numbers(fields: Fields) -> Fields:
    """Dates in JSON are milliseconds since 1970."""
    return {**fields, **dict.fromkeys(_DATES, 1767225600000)}


@after(Service.fields, breaks="schema/field-types", only=JSON)
def version_as_string(fields: Fields) -> Fields:
    """apiVersion is a string in JSON."""
    return changed(fields, ["apiVersion"], str)


@after(Service.fields, breaks="schema/field-types", only=XML)
def version_without_fraction(fields: Fields) -> Fields:
    """apiVersion is a whole number in XML."""
    return changed(fields, ["apiVersion"], lambda version: version.removesuffix(".0"))


@after(Service.fields, breaks="schema/field-types", only=XML)
def version_with_v(fields: Fields) -> Fields:
    """apiVersion in XML begins with a v, as in the URIs of the vendor's other APIs."""
    return changed(fields, ["apiVersion"], lambda version: f"v{version}")


@after(Service.fields, breaks="schema/field-types", only=JSON)
def null_counters(fields: Fields) -> Fields:
    """Counters that are 0 are null in JSON."""
    return {name: None if name in _NUMBERS and value == 0 else value for name, value in fields.items()}


@after(Service.fields, breaks="schema/field-types")
def minus_one_retries(fields: Fields) -> Fields:
    """numberRetries is -1 if nothing was retried."""
    return changed(fields, ["numberRetries"], lambda number: -1 if number == "0" else number)


@after(Service.fields, breaks="schema/field-types")
def ids_of_15_characters(fields: Fields) -> Fields:
    """Ids have 15 characters."""
    return changed(fields, ("id", "createdById"), lambda text: text[:15])


@after(Service.fields, breaks="schema/field-types", only=XML)
def times_with_fraction(fields: Fields) -> Fields:
    """Processing times in XML have a fraction."""
    return changed(fields, _TIMES, lambda time: f"{time}.0")


@after(Service.fields, breaks="schema/field-types", only=JSON)
def boolean_as_string(fields: Fields) -> Fields:
    """fastPathEnabled is a string in JSON."""
    return changed(fields, ["fastPathEnabled"], str.lower)


@after(Service.fields, breaks="schema/field-types", only=XML)
def empty_elements(fields: Fields) -> Fields:
    """A field that is not set is an empty element in XML."""
    return inserted(fields, "externalIdFieldName", "", before="concurrencyMode")


@after(Service.fields, breaks="schema/field-types", only=JSON)
def empty_strings(fields: Fields) -> Fields:
    """A null field is an empty string in JSON."""
    return {name: "" if value is None else value for name, value in fields.items()}


@after(Service.fields, breaks="schema/field-types", only=JSON, on=Operation.READ, every=3)
def third_read_with_numbers_as_strings(fields: Fields) -> Fields:
    """Counters and times are strings in every third read in JSON."""
    return changed(fields, _NUMBERS, str)


# enumerations


@after(Service.fields, breaks="schema/enumerations")
def operation_in_capitals(fields: Fields) -> Fields:
    """The operation is in capital letters."""
    return changed(fields, ["operation"], str.upper)


@after(Service.fields, breaks="schema/enumerations")
def content_type_as_media_type(fields: Fields) -> Fields:
    """contentType is a media type."""
    return changed(fields, ["contentType"], lambda name: f"application/{name.lower()}")


@after(Service.fields, breaks="schema/enumerations", only=JSON)
def concurrency_mode_in_lower_case(fields: Fields) -> Fields:
    """concurrencyMode is in lower case in JSON."""
    return changed(fields, ["concurrencyMode"], str.lower)


@after(Service.fields, breaks="schema/enumerations", on=Operation.CLOSE)
def close_answers_upload_complete(fields: Fields) -> Fields:
    """A close returns UploadComplete, a state of Bulk API 2.0."""
    return {**fields, "state": "UploadComplete"}


@after(Service.fields, breaks="schema/enumerations", only=XML, on=Operation.CLOSE)
def localized_state(fields: Fields) -> Fields:
    """The state in the answer to a close in XML is in the user's language."""
    return {**fields, "state": "Geschlossen"}


@after(Service.info, breaks="schema/enumerations", on=Operation.READ)
def reads_say_job_complete(info: JobInfo) -> JobInfo:
    """A read of a closed job says JobComplete, as Bulk API 2.0 does."""
    return info.replace(state="JobComplete") if info.state == "Closed" else info


# element-order, and names that do not belong there


@after(Service.fields, breaks="schema/element-order", only=XML)
def alphabetical_elements(fields: Fields) -> Fields:
    """Elements are in alphabetical order, as JSON keys are."""
    return dict(sorted(fields.items()))


@after(Service.fields, breaks="schema/element-order", only=XML, on=Operation.CLOSE)
def state_last(fields: Fields) -> Fields:
    """The state is the last element in the answer to a close."""
    return {**{name: value for name, value in fields.items() if name != "state"}, "state": fields["state"]}


@after(Service.fields, breaks="schema/element-order", only=XML, every=3)
def third_answer_in_another_order(fields: Fields) -> Fields:
    """Every third answer in XML has its elements in reverse order."""
    return dict(reversed(list(fields.items())))


@after(Service.fields, breaks="schema/no-unknown-elements", only=XML)
def content_url_element(fields: Fields) -> Fields:
    """XML has a contentUrl element, as jobs of Bulk API 2.0 do."""
    return {**fields, "contentUrl": "services/data/v36.0/jobs/ingest/batches"}


@after(Service.fields, breaks="schema/no-unknown-elements", only=XML)
def fast_path_element(fields: Fields) -> Fields:
    """XML has a fastPathEnabled element, which belongs only in JSON."""
    return {**fields, "fastPathEnabled": "false"}


@after(Service.body, breaks="schema/no-unknown-elements", only=XML, on=Operation.READ)
def text_between_elements(body: bytes) -> bytes:
    """The template of a read leaves a comma between two elements."""
    return body.replace(b"</state>", b"</state>,")


@after(Service.body, breaks="schema/no-unknown-attributes", only=XML)
def type_attributes(body: bytes) -> bytes:
    """The state element has a type attribute."""
    return body.replace(b"<state>", b'<state type="string">')


@after(Service.fields, breaks="schema/no-unknown-keys", only=JSON)
def content_url_key(fields: Fields) -> Fields:
    """JSON has a contentUrl key, as jobs of Bulk API 2.0 do."""
    return {**fields, "contentUrl": "services/data/v36.0/jobs/ingest/batches"}


@after(Service.fields, breaks="schema/no-unknown-keys", only=JSON, on=Operation.CLOSE)
def attributes_key(fields: Fields) -> Fields:
    """The answer to a close in JSON has an attributes object, as records do."""
    return {"attributes": {"type": "jobInfo"}, **fields}


# How values are written


@after(Service.body, breaks="schema/no-duplicates", only=XML)
def state_twice_in_xml(body: bytes) -> bytes:
    """The state appears twice in XML."""
    return re.sub(rb"( <state>.*\n)", rb"\1\1", body)


@after(Service.body, breaks="schema/no-duplicates", only=JSON)
def key_twice(body: bytes) -> bytes:
    """The id appears twice in JSON."""
    return re.sub(rb'( "id":.*\n)', rb"\1\1", body)


@after(Service.fields, breaks="schema/canonical-numbers", only=JSON)
def whole_numbers_with_fraction(fields: Fields) -> Fields:
    """Counters and times in JSON have a fraction."""
    return changed(fields, _NUMBERS, float)


@after(Service.fields, breaks="schema/canonical-numbers", only=XML)
def leading_zeros(fields: Fields) -> Fields:
    """Counters and times in XML have leading zeros."""
    return changed(fields, _NUMBERS, lambda number: number.zfill(4))


@after(Service.fields, breaks="schema/canonical-numbers", only=XML)
def plus_signs(fields: Fields) -> Fields:
    """Counters and times in XML have a plus sign."""
    return changed(fields, _NUMBERS, lambda number: f"+{number}")


@after(Service.body, breaks="schema/no-doctype", only=XML)
def doctype(body: bytes) -> bytes:
    """XML has a document type declaration."""
    return body.replace(b"<jobInfo", b"<!DOCTYPE jobInfo>\n<jobInfo")


@after(Service.body, breaks="schema/default-namespace", only=XML)
def prefixed_root(body: bytes) -> bytes:
    """Every element has a prefix, as some libraries write them."""
    prefixed = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1ns2:", body)
    return prefixed.replace(b" xmlns=", b" xmlns:ns2=")
