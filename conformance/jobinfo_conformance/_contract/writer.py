"""The writer of bodies in the documented layout."""

from __future__ import annotations

import json
from collections.abc import Mapping
from xml.sax.saxutils import escape

from jobinfo_conformance._contract.document import JsonValue
from jobinfo_conformance._contract.jobinfo import NAMESPACE, JobInfo
from jobinfo_conformance._contract.serialization import Serialization


def xml_values(job: JobInfo) -> dict[str, str]:
    """A job's elements and their text, in the order of XML, without fields that are None or for JSON only."""
    fields = JobInfo.FIELDS
    return {
        name: fields[name].type.to_xml(value) for name, value in job.items() if value is not None and not fields[name].json_only
    }


def json_values(job: JobInfo) -> dict[str, JsonValue]:
    """A job's keys and values, in alphabetical order; None becomes null."""
    return {name: None if job[name] is None else JobInfo.FIELDS[name].type.to_json(job[name]) for name in sorted(job)}


def write(job: JobInfo, serialization: Serialization) -> bytes:
    """Write a job as a body in UTF-8."""
    if serialization is Serialization.XML:
        return write_xml("jobInfo", xml_values(job))
    return write_json(json_values(job))


def write_xml(root: str, values: Mapping[str, str]) -> bytes:
    """Write a declaration, a root in the contract's namespace, and one element per line."""
    lines = "".join(f" <{name}>{escape(value)}</{name}>\n" for name, value in values.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">\n{lines}</{root}>\n'.encode(
        "utf-8", "replace"
    )


def write_json(values: Mapping[str, JsonValue]) -> bytes:
    """Write an object, one key per line."""
    return (json.dumps(values, indent=1) + "\n").encode()


def write_request(values: Mapping[str, str], serialization: Serialization) -> bytes:
    """Write the body of a request whose values are all text, such as ``{"state": "Closed"}``."""
    if serialization is Serialization.XML:
        return write_xml("jobInfo", values)
    return write_json(dict(values))
