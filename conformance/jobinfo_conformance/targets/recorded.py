"""A recording as a target: the suite's own client, answered out of a HAR file by ``responses``."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import requests
import responses
from urllib3 import HTTPHeaderDict

from jobinfo_conformance.contract.readers import read
from jobinfo_conformance.contract.reading import JsonDocument, Serialization, XmlDocument
from jobinfo_conformance.evidence.exchange import Exchange, Headers, Request
from jobinfo_conformance.evidence.har import CODING, NotHar, is_whole, read_har
from jobinfo_conformance.evidence.history import Operation, Step, histories
from jobinfo_conformance.evidence.observation import Observation
from jobinfo_conformance.targets.base import TargetUnusable
from jobinfo_conformance.targets.client import Client

_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_Key = tuple[str, str, str, bytes]


class NotRecorded(Exception):
    """A request that the recording has no answer to."""


class Recorded:
    """One or more HAR files, asked again what they were asked.

    A request is matched by method, path, media type and body (XML in canonical form, JSON as a value), not by host;
    several answers to one request are given in their order, the last of them again and again.
    """

    def __init__(self, paths: Sequence[Path], name: str | None = None) -> None:
        """Load recordings; ``name`` is what to call them. Raises TargetUnusable with a line for the user."""
        self.name = name or ", ".join(str(path) for path in paths)
        self._whole = True
        self._exchanges: list[Exchange] = []
        for path in paths:
            self._exchanges += _load(path)
            self._whole = self._whole and is_whole(path)
        self._answers: dict[_Key, deque[Exchange]] = {}
        for exchange in self._exchanges:
            self._answers.setdefault(_key(exchange.request), deque()).append(exchange)
        self._given: Exchange | None = None
        self._client = Client()

    def send(self, request: Request) -> Exchange:
        """Send a request under ``responses``. Raises NotRecorded where the recording does not hold it."""
        with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
            for method in _METHODS:
                mock.add_callback(method, re.compile(".*"), callback=self._answer, content_type=None)
            exchange = self._client.send(replace(request, headers=request.headers.without(*CODING)))
        given = self._given
        assert given is not None
        body = exchange.response.body if given.response.body is not None else None
        answered = exchange.answered(body=body, defect=given.response.defect)
        return replace(answered, request=request, started=given.started, milliseconds=given.milliseconds, entry=given.entry)

    def _answer(self, prepared: requests.PreparedRequest) -> tuple[int, HTTPHeaderDict, bytes]:
        body = prepared.body if isinstance(prepared.body, bytes) else (prepared.body or "").encode()
        request = Request(prepared.method or "", prepared.url or "", Headers.of(prepared.headers.items()), body)
        answers = self._answers.get(_key(request))
        if not answers:
            raise NotRecorded(f"{request.method} {request.url} is not in the recording with this body")
        self._given = answers.popleft() if len(answers) > 1 else answers[0]
        response = self._given.response
        return response.status, HTTPHeaderDict(response.headers.pairs), response.body or b""

    def observe(self, serializations: Sequence[Serialization]) -> Observation:
        """Ask the recording all its own requests, in their order."""
        exchanges = [self.send(_sendable(exchange.request)) for exchange in self._exchanges]
        found = histories(exchanges, whole=self._whole)
        versions = {step.resource.version_text for history in found for step in history.steps}
        return Observation(
            self.name,
            tuple(found),
            requests=len(exchanges),
            serializations=tuple(serializations),
            version=versions.pop() if len(versions) == 1 else None,
        )


def _load(path: Path) -> list[Exchange]:
    """The exchanges of a recording that are about jobs, in the order of time."""
    try:
        found = [exchange for exchange in read_har(path) if Step.of(exchange) is not None]
    except OSError as error:
        raise TargetUnusable(f"{path} can't be read: {error.strerror}") from error
    except NotHar as error:
        raise TargetUnusable(str(error)) from error
    closes = (Operation.CLOSE, Operation.CHANGE)
    if not any(step.operation in closes for step in map(Step.of, found) if step is not None):
        raise TargetUnusable(f"{path} holds no close of a job: no POST to /services/async/VERSION/job/ID")
    if all(exchange.started is not None for exchange in found):
        found.sort(key=lambda exchange: exchange.started.timestamp() if exchange.started else 0)
    return found


def _key(request: Request) -> _Key:
    media_type = (request.content_type or "").partition(";")[0].strip().lower()
    return request.method, urlsplit(request.url).path, media_type, _canonical(request)


def _canonical(request: Request) -> bytes:
    """A body as it counts: without layout, where it is conformant in form; else as it is."""
    reading = read(request.body, request.content_type) if request.body else None
    if reading is None or reading.findings:
        return request.body
    if isinstance(reading.document, XmlDocument):
        text = ET.tostring(reading.document.root, encoding="unicode")
        return ET.canonicalize(text, strip_text=True).encode()
    if isinstance(reading.document, JsonDocument):
        return json.dumps(reading.document.value, sort_keys=True).encode()
    return request.body


def _sendable(request: Request) -> Request:
    """The request with headers that an HTTP client agrees to send."""
    headers = ((name, re.sub(r"[\r\n]+\s*", " ", value).strip()) for name, value in request.headers)
    return replace(request, headers=Headers.of(headers))
