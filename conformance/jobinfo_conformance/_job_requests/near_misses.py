"""Requests that are one fault away from the documented close: how to recognise each, and how to make one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from jobinfo_conformance._contract.document import JsonDocument, XmlDocument
from jobinfo_conformance._contract.ids import is_id, same_id
from jobinfo_conformance._contract.jobinfo import NAMESPACE, SETTINGS, JobInfo
from jobinfo_conformance._contract.reader import serialization_of
from jobinfo_conformance._contract.schemas import names_of
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.session import NO_SESSION, SESSION_HEADER, WRONG_SESSION
from jobinfo_conformance._contract.versions import is_version
from jobinfo_conformance._exchange import Request
from jobinfo_conformance._job_requests.job_request import JobRequest, Operation

XML, JSON = Serialization.XML, Serialization.JSON

#: The id of a job that nobody has, an id of a wrong length, and a version that nobody knows.
UNKNOWN_ID, MALFORMED_ID, UNKNOWN_VERSION = "750000000000ZZZAAA", "750", "999.0"

#: Faults of a URI that names no job.
NAMES_NO_JOB = ("unknown-job", "malformed-id")
#: Faults of the caller.
WRONG_CALLER = ("no-session", "wrong-session")
#: Faults that have nothing to do with how a body is written.
OUTSIDE_BODY = (*NAMES_NO_JOB, "unknown-version", *WRONG_CALLER)

Apply = Callable[..., Request]


@dataclass(frozen=True)
class NearMiss:
    """One fault: its name, the serializations that can have it, how to recognise it, and how to put it into a close.

    ``apply`` takes the documented close, and a value if the fault leaves a choice. An ``optional`` one need not be refused.
    """

    name: str
    serializations: tuple[Serialization, ...]
    optional: bool
    has: Callable[[JobRequest], bool]
    apply: Apply


def near_miss_of(asked: JobRequest) -> str | None:
    """The one fault of a request that is otherwise the documented close; None if it has none, or several."""
    if asked.operation not in (Operation.CLOSE, Operation.CHANGE):
        return None
    found = [miss.name for miss in NEAR_MISSES.values() if miss.has(asked)]
    return found[0] if len(found) == 1 else None


def _near_miss(
    name: str, has: Callable[[JobRequest], bool], *serializations: Serialization, optional: bool = False
) -> Callable[[Apply], NearMiss]:
    return lambda apply: NearMiss(name, serializations or tuple(Serialization), optional, has, apply)


# How to recognise them


def _state(asked: JobRequest) -> object:
    return asked.body.fields.get("state")


def _is_xml(asked: JobRequest) -> bool:
    return isinstance(asked.body.document, XmlDocument)


def _has_unknown_state(asked: JobRequest) -> bool:
    state = _state(asked)
    if asked.broken_as_close != {"schema/enumerations"} or not isinstance(state, str):
        return False
    return state.casefold() not in {name.casefold() for name in names_of("state")}


def _has_lower_case_state(asked: JobRequest) -> bool:
    state = _state(asked)
    is_cased = isinstance(state, str) and state.casefold() == "closed" and state != "Closed"
    return asked.broken_as_close == {"schema/enumerations"} and is_cased


def _has_no_state(asked: JobRequest) -> bool:
    return asked.broken_as_close == {"schema/required-fields"}


def _is_empty(asked: JobRequest) -> bool:
    return not asked.request.body.strip()


def _is_malformed(asked: JobRequest) -> bool:
    # A body that starts otherwise may be compressed: not every recording keeps it as a server reads it.
    is_text = asked.request.body.lstrip().startswith((b"<", b"{"))
    return is_text and asked.body.document is None and asked.broken_as_close == {"schema/well-formed"}


def _has_wrong_namespace(asked: JobRequest) -> bool:
    return _is_xml(asked) and asked.broken_as_close == {"schema/root"} and asked.body.root == "jobInfo"


def _has_wrong_root(asked: JobRequest) -> bool:
    document = asked.body.document
    in_namespace = isinstance(document, XmlDocument) and document.root.tag.startswith(f"{{{NAMESPACE}}}")
    return in_namespace and asked.broken_as_close == {"schema/root"} and asked.body.root != "jobInfo"


def _has_doubled_state(asked: JobRequest) -> bool:
    return _is_xml(asked) and asked.broken_as_close == {"schema/no-duplicates"}


def _has_doubled_key(asked: JobRequest) -> bool:
    return not _is_xml(asked) and asked.broken_as_close == {"schema/no-duplicates"}


def _is_array(asked: JobRequest) -> bool:
    document = asked.body.document
    return isinstance(document, JsonDocument) and isinstance(document.value, list)


def _has_wrong_type(asked: JobRequest) -> bool:
    return not _is_xml(asked) and "state" in asked.body.fields and not isinstance(_state(asked), str)


def _unknown_names(asked: JobRequest) -> set[str]:
    unknown = {"schema/no-unknown-elements", "schema/no-unknown-keys"}
    if len(asked.broken_as_close) != 1 or not asked.broken_as_close <= unknown:
        return set()
    return set(asked.set_fields.fields) - {"id", "state"}


def _has_unknown_field(asked: JobRequest) -> bool:
    return bool(_unknown_names(asked) - set(JobInfo.FIELDS))


def _has_server_set_field(asked: JobRequest) -> bool:
    return bool(_unknown_names(asked)) and _unknown_names(asked) <= set(JobInfo.FIELDS) - set(SETTINGS)


def _has_other_id(asked: JobRequest) -> bool:
    sent = str(asked.body.fields.get("id") or "")
    return asked.broken_as_close == set() and is_id(sent) and not same_id(sent, asked.resource.job_id or "")


def _has_doctype(asked: JobRequest) -> bool:
    return asked.broken_as_close == {"schema/no-doctype"}


def _has_undocumented_type(asked: JobRequest) -> bool:
    # Of a body that is neither XML nor JSON, such as that of a form, the type is not the only fault.
    body = asked.request.body
    may_be_close = not body.strip() or serialization_of(body) is not None
    return may_be_close and asked.request.content_type is not None and asked.serialization is None


def _has_unknown_id(asked: JobRequest) -> bool:
    return asked.resource.job_id == UNKNOWN_ID


def _has_malformed_id(asked: JobRequest) -> bool:
    return not is_id(asked.resource.job_id or "")


def _has_unknown_version(asked: JobRequest) -> bool:
    text = asked.resource.version_text
    return text == UNKNOWN_VERSION or not is_version(text)


def _has_wrong_session(asked: JobRequest) -> bool:
    return any(WRONG_SESSION in value for _, value in asked.request.headers)


def _has_no_session(asked: JobRequest) -> bool:
    return asked.request.headers.get(SESSION_HEADER) == NO_SESSION


# How to make them from the documented close


def _with_field(request: Request, name: str, value: int | str) -> Request:
    """Add a field: in XML an id before the state, any other after it."""
    if Serialization.of_media_type(request.content_type) is JSON:
        return replace(request, body=json.dumps({name: value, "state": "Closed"}).encode())
    element, state = f"<{name}>{value}</{name}>", "<state>Closed</state>"
    return request.with_text(state, f"{element}{state}" if name == "id" else f"{state}{element}")


@_near_miss("unknown-state", _has_unknown_state)
def _unknown_state(request: Request, state: str = "Finished") -> Request:
    return request.with_text("Closed", state)


@_near_miss("lower-case-state", _has_lower_case_state)
def _lower_case_state(request: Request) -> Request:
    return request.with_text("Closed", "closed")


@_near_miss("missing-state", _has_no_state)
def _missing_state(request: Request) -> Request:
    if Serialization.of_media_type(request.content_type) is JSON:
        return replace(request, body=b"{}")
    return request.with_text("<state>Closed</state>", "")


@_near_miss("empty-body", _is_empty)
def _empty_body(request: Request) -> Request:
    return replace(request, body=b"")


@_near_miss("malformed", _is_malformed)
def _malformed(request: Request) -> Request:
    mark = b"}" if Serialization.of_media_type(request.content_type) is JSON else b"</jobInfo>"
    return replace(request, body=request.body.replace(mark, b""))


@_near_miss("wrong-namespace", _has_wrong_namespace, XML)
def _wrong_namespace(request: Request, namespace: str = "http://example.test/dataload") -> Request:
    return request.with_text(NAMESPACE, namespace)


@_near_miss("wrong-root", _has_wrong_root, XML)
def _wrong_root(request: Request, root: str = "batchInfo") -> Request:
    return request.with_text("jobInfo", root)


@_near_miss("duplicate-state", _has_doubled_state, XML)
def _duplicate_state(request: Request) -> Request:
    return request.with_text("<state>Closed</state>", "<state>Closed</state><state>Closed</state>")


@_near_miss("json-array", _is_array, JSON)
def _json_array(request: Request) -> Request:
    return replace(request, body=b'[{"state": "Closed"}]')


@_near_miss("unknown-job", _has_unknown_id)
def _unknown_job(request: Request) -> Request:
    return request.with_job(UNKNOWN_ID)


@_near_miss("malformed-id", _has_malformed_id)
def _malformed_id(request: Request, job_id: str = MALFORMED_ID) -> Request:
    return request.with_job(job_id)


@_near_miss("unknown-version", _has_unknown_version)
def _unknown_version(request: Request) -> Request:
    before, _, after = request.url.partition("/services/async/")
    return replace(request, url=f"{before}/services/async/{UNKNOWN_VERSION}/{after.partition('/')[2]}")


@_near_miss("no-session", _has_no_session)
def _no_session(request: Request) -> Request:
    return request.with_header(SESSION_HEADER, NO_SESSION)


@_near_miss("wrong-session", _has_wrong_session)
def _wrong_session(request: Request) -> Request:
    return request.with_header(SESSION_HEADER, WRONG_SESSION)


@_near_miss("wrong-type", _has_wrong_type, JSON, optional=True)
def _wrong_type(request: Request, state: int = 1) -> Request:
    return replace(request, body=json.dumps({"state": state}).encode())


@_near_miss("duplicate-key", _has_doubled_key, JSON, optional=True)
def _duplicate_key(request: Request) -> Request:
    return replace(request, body=b'{"state": "Closed", "state": "Closed"}')


@_near_miss("undocumented-content-type", _has_undocumented_type, optional=True)
def _undocumented_content_type(request: Request) -> Request:
    in_json = Serialization.of_media_type(request.content_type) is JSON
    return request.with_header("Content-Type", "text/json" if in_json else "text/xml")


@_near_miss("unknown-field", _has_unknown_field, optional=True)
def _unknown_field(request: Request, name: str = "closedBy") -> Request:
    return _with_field(request, name, "nobody")


@_near_miss("server-set-field", _has_server_set_field, optional=True)
def _server_set_field(request: Request, name: str = "numberBatchesTotal") -> Request:
    return _with_field(request, name, 1)


@_near_miss("other-id", _has_other_id, optional=True)
def _other_id(request: Request, job_id: str = UNKNOWN_ID) -> Request:
    return _with_field(request, "id", job_id)


@_near_miss("doctype", _has_doctype, XML, optional=True)
def _doctype(request: Request) -> Request:
    return request.with_text("<jobInfo", "<!DOCTYPE jobInfo>\n<jobInfo")


#: All near misses by name, in the order of the catalogue.
NEAR_MISSES: Mapping[str, NearMiss] = {miss.name: miss for miss in tuple(vars().values()) if isinstance(miss, NearMiss)}
