"""A recording: the suite's own client, answered out of a file by ``responses``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import requests
import responses
from urllib3 import HTTPHeaderDict

from jobinfo_conformance._bad_input import BadInput, unreadable
from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.har_reader import read_har
from jobinfo_conformance._evidence.history import histories
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Exchange, Request
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._targets.http_client import Adapter, HttpClient
from jobinfo_conformance._targets.target import TargetUnusable

#: Where the client asks for an exchange, by its place: a stranger's URL and headers may be ones that no client sends.
_PLACES = "http://recording.invalid/"


class Recorded:
    """One or more HAR files, asked again what they were asked: each request in its place, whatever it looks like."""

    def __init__(self, paths: Sequence[Path], name: str | None = None) -> None:
        """Load recordings; ``name`` is what to call them. Raises TargetUnusable with a line for the user."""
        self.name = name or ", ".join(map(str, paths))
        self._whole = True
        self._exchanges: list[Exchange] = []
        for path in paths:
            exchanges, whole = _load(path)
            self._exchanges += exchanges
            self._whole = self._whole and whole

    def observe(self, serializations: Sequence[Serialization], catalogue: Catalogue) -> Observation:  # noqa: ARG002  # plays none
        """Ask the recording all its own requests, in their order."""
        mock = responses.RequestsMock()
        for method in {exchange.request.method for exchange in self._exchanges}:
            mock.add_callback(method, re.compile(re.escape(_PLACES)), callback=self._answer, content_type=None)
        with HttpClient(adapter=_Answered(mock)) as client:
            exchanges = [self._replayed(client, place) for place in range(len(self._exchanges))]
        found = histories(exchanges, whole=self._whole)
        versions = {step.resource.version_text for history in found for step in history.steps}
        return Observation(
            self.name,
            tuple(found),
            requests=len(exchanges),
            serializations=tuple(serializations),
            version=versions.pop() if len(versions) == 1 else None,
        )

    def _replayed(self, client: HttpClient, place: int) -> Exchange:
        """An exchange, asked again; what the answer does not hold is as it was recorded."""
        given = self._exchanges[place]
        asked = client.send(Request(given.request.method, f"{_PLACES}{place}", body=given.request.body))
        body = asked.response.body if given.response.body is not None else None
        return replace(given, response=replace(asked.response, body=body, defect=given.response.defect))

    def _answer(self, asked: requests.PreparedRequest) -> tuple[int, HTTPHeaderDict, bytes]:
        response = self._exchanges[int((asked.url or "").removeprefix(_PLACES))].response
        return response.status, HTTPHeaderDict(response.headers.pairs), response.body or b""


class _Answered(Adapter):
    """Answered by ``responses``, which would otherwise answer every client in the process, the user's own among them."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        super().__init__()
        self._answer = mock.unbound_on_send()

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:
        """Answer a request out of the recording."""
        return self._answer(self, request, **options)


def _load(path: Path) -> tuple[list[Exchange], bool]:
    """The exchanges of a recording that are about jobs, in the order of time, and whether it holds all of them."""
    try:
        recording = read_har(path)
        steps = [step for step in map(Step.of, recording) if step is not None]
    except OSError as error:
        raise TargetUnusable(str(unreadable(error))) from error
    except BadInput as error:
        raise TargetUnusable(str(error)) from error
    if not any(step.operation in (Operation.CLOSE, Operation.CHANGE) for step in steps):
        raise TargetUnusable(f"{path} holds no close of a job: no POST to /services/async/VERSION/job/ID")
    found = [step.exchange for step in steps]
    if all(exchange.started is not None for exchange in found):
        found.sort(key=lambda exchange: exchange.started.timestamp() if exchange.started else 0)
    return found, recording.whole
