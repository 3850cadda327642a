"""What an organization answers besides its jobs: logins, and the few REST resources that clients ask for before a job.

Each login hands out the reference's own session, and names the scheme and host that it was asked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from jobinfo_conformance._contract.document import JsonValue
from jobinfo_conformance._contract.ids import USER_PREFIX, long_form
from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._url_parts import parts_of

_ORGANIZATION = long_form("00D000000000001")
_USER = long_form(f"{USER_PREFIX}000000000001")
_LIMIT: JsonValue = {"Max": 15000, "Remaining": 14998}
_OBJECTS = ("Account", "Contact", "Lead", "Opportunity")


@dataclass(frozen=True)
class _Asked:
    """A request, the session that is handed out, and what its URL names."""

    request: Request
    session: str
    origin: str
    name: str

    @property
    def is_authorized(self) -> bool:
        scheme, _, token = (self.request.headers.get("Authorization") or "").partition(" ")
        return scheme.lower() in ("bearer", "oauth") and token == self.session


def answer_elsewhere(request: Request, session: str) -> Response | None:
    """Answer a request that is not about a job; None if it has no place here."""
    parts = parts_of(request.url)
    for method, pattern, answer in _PLACES:
        match = pattern.fullmatch(parts.path.rstrip("/")) if method == request.method else None
        if match is not None:
            return answer(_Asked(request, session, f"{parts.scheme}://{parts.netloc}", match[1] if match.re.groups else ""))
    return None


def _log_in_by_soap(asked: _Asked) -> Response:
    values = {
        "metadataServerUrl": f"{asked.origin}/services/Soap/m/{asked.name}/{_ORGANIZATION}",
        "passwordExpired": "false",
        "sandbox": "false",
        "serverUrl": f"{asked.origin}/services/Soap/u/{asked.name}/{_ORGANIZATION}",
        "sessionId": asked.session,
        "userId": _USER,
    }
    of_user = {
        "organizationId": _ORGANIZATION,
        "organizationName": "Reference",
        "sessionSecondsValid": "7200",
        "userId": _USER,
        "userName": "reference@example.com",
        "userType": "Standard",
    }
    text = _elements([*values.items()]) + f"<userInfo>{_elements([*of_user.items()])}</userInfo>"
    envelope = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><loginResponse><result>'
        f"{text}</result></loginResponse></soapenv:Body></soapenv:Envelope>"
    )
    return Response(200, Headers.of([("Content-Type", "text/xml;charset=UTF-8")]), envelope.encode())


def _elements(values: Sequence[tuple[str, str]]) -> str:
    return "".join(f"<{name}>{escape(text)}</{name}>" for name, text in values)


def _log_in_by_oauth(asked: _Asked) -> Response:
    return _json(
        {
            "access_token": asked.session,
            "instance_url": asked.origin,
            "id": f"{asked.origin}/id/{_ORGANIZATION}/{_USER}",
            "token_type": "Bearer",
            "issued_at": "1767225600000",
            "signature": "cmVmZXJlbmNl",
            "scope": "api",
        }
    )


def _versions(_asked: _Asked) -> Response:
    return _json([{"label": label, "url": f"/services/data/v{v}", "version": v} for label, v in _VERSIONS])


_VERSIONS = (("Winter '16", "35.0"), ("Spring '16", "36.0"), ("Winter '25", "62.0"))


def _of_rest(show: Callable[[_Asked], JsonValue]) -> Callable[[_Asked], Response]:
    """An answer of the REST API, which takes the session as a token."""

    def answer(asked: _Asked) -> Response:
        if not asked.is_authorized:
            return _json([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}], 401)
        return _json(show(asked))

    return answer


def _resources(asked: _Asked) -> JsonValue:
    return {name: f"/services/data/{asked.name}/{name}" for name in ("limits", "query", "sobjects")}


def _objects(asked: _Asked) -> JsonValue:
    shown: list[JsonValue] = [
        {"name": name, "label": name, "urls": {"sobject": f"/services/data/{asked.name}/sobjects/{name}"}} for name in _OBJECTS
    ]
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": shown}


def _limits(_asked: _Asked) -> JsonValue:
    return dict.fromkeys(("DailyApiRequests", "DailyBulkApiBatches", "DailyBulkApiRequests"), _LIMIT)


def _json(value: JsonValue, status: int = 200) -> Response:
    headers = Headers.of([("Content-Type", "application/json;charset=UTF-8")])
    return Response(status, headers, json.dumps(value).encode())


#: What is answered: a method, a path, and who answers; a group in the path is the version, or else nothing is named.
_PLACES: tuple[tuple[str, re.Pattern[str], Callable[[_Asked], Response]], ...] = (
    ("POST", re.compile(r"/services/Soap/[uc]/([\d.]+)(?:/\w+)?"), _log_in_by_soap),
    ("POST", re.compile(r"/services/oauth2/token"), _log_in_by_oauth),
    ("GET", re.compile(r"/services/data"), _versions),
    ("GET", re.compile(r"/services/data/(v[\d.]+)"), _of_rest(_resources)),
    ("GET", re.compile(r"/services/data/(v[\d.]+)/sobjects"), _of_rest(_objects)),
    ("GET", re.compile(r"/services/data/(v[\d.]+)/limits"), _of_rest(_limits)),
)
