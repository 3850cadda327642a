"""One departure at a time: an accepted close, damaged in each way that the schemas and the rules yield.

Fields and their order come from the schemas, so a new field brings its own damages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from xml.sax.saxutils import escape

from jobinfo_conformance.contract.jobinfo import NAMESPACE, Field, JobInfo
from jobinfo_conformance.contract.reading import JsonValue, Serialization
from jobinfo_conformance.contract.schemas import Body, names_of, required_fields
from jobinfo_conformance.contract.values import BOOLEAN, INSTANT, TEXT, VERSION, WHOLE, Kind
from jobinfo_conformance.contract.writers import json_values, write, xml_values
from jobinfo_conformance.evidence.exchange import Exchange, Headers
from jobinfo_conformance.evidence.history import Step

_LONGER_THAN_LONG = 2**63


@dataclass(frozen=True)
class Damage:
    """An exchange with one departure: what it is, and the requirement that it breaks."""

    name: str
    requirement: str
    exchange: Exchange


def damages(exchange: Exchange) -> Iterator[Damage]:
    """Yield every single departure from a conformant, accepted close."""
    step = Step.of(exchange)
    if step is None or step.answer.document is None:
        return
    serialization = step.answer.serialization
    is_xml = serialization is Serialization.XML
    bodies = [*(_xml_bodies(step) if is_xml else _json_bodies(step)), *_rules(step.job, serialization)]
    for name, requirement, body in bodies:
        yield Damage(name, requirement, exchange.answered(body=body))
    yield from _over_http(exchange, step)


_Body = tuple[str, str, bytes]


# Values outside a kind, as XML text and as JSON values


def _wrong_xml(field: Field[Any], value: str) -> Iterator[tuple[str, str]]:
    """Text that is not of the field's type, and the requirement that it breaks."""
    types, canonical = "schema/field-types", "schema/canonical-numbers"
    by_kind: dict[Kind[Any], list[tuple[str, str]]] = {
        WHOLE: [(text, types) for text in ("", "x", "-1", "1.0", "1_0", str(_LONGER_THAN_LONG), "٣", "0x1")]
        + [(f"0{value}", canonical), (f"+{value}", canonical)],
        INSTANT: [
            (text, types)
            for text in (
                "",
                value.removesuffix("Z"),
                value.replace("Z", "+0000"),
                value.replace("Z", "+00:00"),
                "2015-02-30T01:45:03.000Z",
                "2015-13-01T01:45:03.000Z",
                value.replace("T", " "),
                value[:10],
                "1429035359",
            )
        ],
        VERSION: [(text, types) for text in ("", "36", f"v{value}", "36.5", "16.0", f"{value}.0")],
    }
    if field.kind is not TEXT:
        yield from by_kind[field.kind]
    elif names_of(field.name):
        yield from ((text, "schema/enumerations") for text in ("", "Nonsense", value.swapcase(), f"{value} "))
    elif _is_id(field):
        yield from ((text, types) for text in ("", value[:15], f"{value}A", f"{value[:-1]}-", f"{value[:-1]} "))
    else:
        yield "", types


def _wrong_json(field: Field[Any], value: JsonValue) -> Iterator[tuple[str, str]]:
    """JSON text that is not of the field's type, and the requirement that it breaks."""
    types, canonical = "schema/field-types", "schema/canonical-numbers"
    text = str(value)
    if not field.optional:
        yield "null", "schema/enumerations" if names_of(field.name) else types
    if field.kind is WHOLE:
        yield from ((wrong, types) for wrong in ('""', f'"{text}"', "-1", "0.5", "true", "[]", str(_LONGER_THAN_LONG), "1e400"))
        yield from ((wrong, canonical) for wrong in (f"{text}.0", f"{text}e0"))
    elif field.kind is VERSION:
        yield from ((wrong, types) for wrong in (f'"{text}"', "36.5", "16.0", "-36.0", "true"))
    elif field.kind is BOOLEAN:
        yield from ((wrong, types) for wrong in ('"false"', "0", "{}"))
    elif field.kind is INSTANT:
        wrongs = ["", text.replace("+0000", "Z"), text.replace("+0000", "+00:00"), text.replace("+0000", ""), f"{text}\n"]
        wrongs += ["2015-02-30T01:45:03.000+0000", "2015-13-01T01:45:03.000+0000", "0000-01-01T00:00:00.000+0000"]
        yield from ((json.dumps(wrong), types) for wrong in wrongs)
        yield "1429035359000", types
    elif names_of(field.name):
        yield from ((json.dumps(wrong), "schema/enumerations") for wrong in ("", "Nonsense", text.swapcase(), f"{text} "))
        yield "1", "schema/enumerations"
    else:
        wrongs = ["", text[:15], f"{text}A", f"{text}\n", f"{text[:-1]}-"] if _is_id(field) else [""]
        yield from ((json.dumps(wrong), types) for wrong in wrongs)
        yield "1", types


def _is_id(field: Field[Any]) -> bool:
    return field.name in ("id", "createdById", "assignmentRuleId")


# Bodies


def _xml(pairs: list[tuple[str, str]], *, namespace: str = NAMESPACE, root: str = "jobInfo", inside: str = "") -> bytes:
    lines = "".join(f"<{name}>{escape(value)}</{name}>\n" for name, value in pairs)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{namespace}">\n{lines}{inside}</{root}>\n'.encode()


def _xml_bodies(step: Step) -> Iterator[_Body]:
    pairs = list(xml_values(step.job).items())
    required = required_fields(Body.JOB_INFO, step.version)
    for place, (name, value) in enumerate(pairs):
        before, after = pairs[:place], pairs[place + 1 :]
        if name in required:
            yield f"{name} missing", "schema/required-fields", _xml(before + after)
            yield f"{name} renamed", "schema/required-fields", _xml([*before, (f"{name}X", value), *after])
        yield f"{name} doubled", "schema/no-duplicates", _xml([*before, (name, value), (name, value), *after])
        if after:
            yield f"{name} after {after[0][0]}", "schema/element-order", _xml([*before, after[0], (name, value), *after[1:]])
            yield f"{name} last", "schema/element-order", _xml([*before, *after, (name, value)])
        for wrong, requirement in _wrong_xml(JobInfo.FIELDS[name], value):
            yield f"{name} {wrong!r}", requirement, _xml([*before, (name, wrong), *after])
    whole = _xml(pairs)
    first = f"<{pairs[0][0]}>".encode()
    yield "an unknown element", "schema/no-unknown-elements", _xml([*pairs, ("contentUrl", "x")])
    yield "fastPathEnabled in XML", "schema/no-unknown-elements", _xml([*pairs, ("fastPathEnabled", "false")])
    yield "text between elements", "schema/no-unknown-elements", _xml(pairs, inside="text")
    yield "an attribute", "schema/no-unknown-attributes", whole.replace(first, first[:-1] + b' type="x">')
    yield "another namespace", "schema/root", _xml(pairs, namespace=f"{NAMESPACE}/2")
    yield "another root", "schema/root", _xml(pairs, root="batchInfo")
    yield "no namespace", "schema/root", whole.replace(f' xmlns="{NAMESPACE}"'.encode(), b"")
    yield "a prefixed root", "schema/default-namespace", _prefixed(whole)
    yield "an undeclared prefix", "schema/well-formed", whole.replace(first, b"<x:" + first[1:])
    yield "cut short", "schema/well-formed", whole.rstrip()[:-1]
    yield "a second root", "schema/well-formed", whole + b"<jobInfo/>"
    yield "no body", "schema/well-formed", b""
    yield "a bare ampersand", "schema/well-formed", whole.replace(first, first + b"&")
    yield "an entity", "schema/well-formed", whole.replace(b"\n", b'<!DOCTYPE jobInfo [<!ENTITY a "b">]>', 1)
    yield "a document type", "schema/no-doctype", whole.replace(b"\n", b"<!DOCTYPE jobInfo>", 1)
    yield "wrong encoding", "schema/well-formed", whole.replace(first, first + b"\xff")


def _prefixed(whole: bytes) -> bytes:
    text = whole.decode().replace("</", "</b:").replace("xmlns=", "xmlns:b=")
    return (
        text.replace("<jobInfo", "<b:jobInfo")
        .replace("\n<", "\n<b:")
        .replace("<b:/b:", "</b:")
        .replace("<b:b:", "<b:")
        .encode()
    )


def _json(pairs: list[tuple[str, str]]) -> bytes:
    return ("{" + ",\n".join(f"{json.dumps(name)}: {value}" for name, value in pairs) + "}\n").encode()


def _json_bodies(step: Step) -> Iterator[_Body]:
    values = json_values(step.job)
    pairs = [(name, json.dumps(value)) for name, value in values.items()]
    required = required_fields(Body.JOB_INFO, step.version)
    for place, (name, value) in enumerate(pairs):
        before, after = pairs[:place], pairs[place + 1 :]
        if name in required:
            yield f"{name} missing", "schema/required-fields", _json(before + after)
            yield f"{name} renamed", "schema/required-fields", _json([*before, (f"{name}X", value), *after])
        yield f"{name} doubled", "schema/no-duplicates", _json([*before, (name, value), (name, value), *after])
        if values[name] is not None:
            for wrong, requirement in _wrong_json(JobInfo.FIELDS[name], values[name]):
                yield f"{name} {wrong}", requirement, _json([*before, (name, wrong), *after])
    whole = _json(pairs)
    yield "an unknown key", "schema/no-unknown-keys", _json([*pairs, ("contentUrl", '"x"')])
    yield "an array", "schema/root", b"[" + whole + b"]"
    yield "a string", "schema/root", b'"Closed"'
    yield "null", "schema/root", b"null"
    yield "cut short", "schema/well-formed", whole.rstrip()[:-1]
    yield "a comma too much", "schema/well-formed", whole.rstrip()[:-1] + b",}"
    yield "NaN", "schema/well-formed", _json([*pairs[:-1], (pairs[-1][0], "NaN")])
    yield "a byte order mark", "schema/well-formed", b"\xef\xbb\xbf" + whole
    yield "UTF-16", "schema/well-formed", whole.decode().encode("utf-16")
    yield "wrong encoding", "schema/well-formed", whole.replace(b"{", b'{"\xff": 1,', 1)
    yield "a comment", "schema/well-formed", whole.replace(b"{", b"{/* a comment */", 1)
    yield "no body", "schema/well-formed", b""


# Rules that span fields


def _rules(job: JobInfo, serialization: Serialization) -> Iterator[_Body]:
    """A job's body with one rule broken, wherever the job's values leave room for it."""
    for name, requirement, broken in _broken(job):
        yield name, requirement, write(broken, serialization)


def _broken(job: JobInfo) -> Iterator[tuple[str, str, JobInfo]]:
    for state in ("Open", "Aborted", "Failed"):
        yield f"still {state}", "state/closed", job.replace(state=state)
    other = job.id[:14] + ("a" if job.id[14] != "a" else "b")
    yield "the id of another job", "identity/id-is-the-jobs", job.replace(id=f"{other}AAA")
    wrong = "".join("A" if char != "A" else "B" for char in job.id[15:])
    yield "a wrong checksum", "identity/id-checksum", job.replace(id=job.id[:15] + wrong)
    yield "the id of an account", "identity/id-prefix", job.replace(created_by_id=f"001{job.created_by_id[3:]}")
    earlier = job.created_date - timedelta(seconds=1)
    yield "changed before it was created", "times/modstamp-not-before-created", job.replace(system_modstamp=earlier)
    total = job.number_batches_total
    counted = job.number_batches_completed + job.number_batches_failed
    counted += job.number_batches_queued + job.number_batches_in_progress
    if counted > 0:
        yield "a batch too few in all", "counters/sum-within-total", job.replace(number_batches_total=counted - 1)
    if total < 2**31 - 1:
        yield "a batch too many in all", "counters/sum-equals-total", job.replace(number_batches_total=total + 1)
    if total == 0:
        yield "records without batches", "counters/zero-without-batches", job.replace(number_records_processed=1)
    if "numberRecordsFailed" not in job:
        return
    if total == 0:
        yield "time without batches", "times/zero-without-batches", job.replace(total_processing_time=1)
    if job.number_records_processed < 2**63 - 1:
        failed = job.number_records_processed + 1
        yield "more failed than processed", "counters/failed-within-processed", job.replace(number_records_failed=failed)
    if job.api_active_processing_time < 2**63 - 1:
        apex = job.api_active_processing_time + 1
        yield "more Apex than active", "times/apex-within-active", job.replace(apex_processing_time=apex)
    if job.total_processing_time < 2**63 - 1:
        active = job.total_processing_time + 1
        yield "more active than in all", "times/active-within-total", job.replace(api_active_processing_time=active)


# HTTP


def _over_http(exchange: Exchange, step: Step) -> Iterator[Damage]:
    for status in (201, 202, 302):
        yield Damage(f"status {status}", "http/status-200", exchange.answered(status=status))
    yield Damage("status 500", "errors/status-4xx", exchange.answered(status=500))
    for media_type in ("text/plain", step.answer.serialization.other.media_type, "text/xml", "application/octet-stream"):
        headers = exchange.response.headers.without("Content-Type").pairs
        named = Headers.of([*headers, ("Content-Type", media_type)])
        yield Damage(f"Content-Type {media_type}", "http/content-type", exchange.answered(headers=named))
    bare = exchange.response.headers.without("Content-Type")
    yield Damage("no Content-Type", "http/content-type", exchange.answered(headers=bare))
    other = step.answer.serialization.other
    named = Headers.of([("Content-Type", other.media_type)])
    if step.requested_serialization is not None:
        body = write(step.job, other)
        name = f"answered in {other}"
        yield Damage(name, "http/serialization-follows-request", exchange.answered(headers=named, body=body))
