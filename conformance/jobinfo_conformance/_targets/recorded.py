"""A recording: the suite's own client sends its requests again, and ``responses`` answers them from the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import requests
import responses
from urllib3 import HTTPHeaderDict

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._contract.document import LONGEST_BODY
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.har_reader import Recording, read_recording
from jobinfo_conformance._evidence.history import History, histories, told_apart
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._evidence.passed_over import PassedOver
from jobinfo_conformance._evidence.provenance import Provenance
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Exchange, Request
from jobinfo_conformance._files.given import named
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._targets.http_client import Adapter, HttpClient
from jobinfo_conformance._targets.target import TargetUnusable

#: The URL at which the client asks for an exchange by its index: recorded URLs and headers may be ones that no client can send.
_BY_INDEX = "http://recording.invalid/"


class Recorded:
    """One or more recordings. Each recorded request is sent again and answered by its index, whatever it looks like."""

    def __init__(self, paths: Sequence[Path], name: str | None = None) -> None:
        """Load recordings; ``name`` is what to call them. Raises TargetUnusable, with a line for the user."""
        self.name = name or ", ".join(map(str, paths))
        self._whole = True
        self._exchanges: list[Exchange] = []
        self._passed_over: list[PassedOver] = []
        self._provenance: Provenance | None = None
        for path in paths:
            exchanges, recording = _load(path)
            self._exchanges += exchanges
            self._passed_over += recording.passed_over
            self._whole = self._whole and recording.whole
            self._provenance = recording.provenance if len(paths) == 1 else None

    def observe(self, serializations: Sequence[Serialization], catalogue: Catalogue) -> Observation:  # noqa: ARG002  # plays none
        """Send the recording all of its own requests, in order."""
        mock = responses.RequestsMock()
        for method in {exchange.request.method for exchange in self._exchanges}:
            mock.add_callback(method, re.compile(re.escape(_BY_INDEX)), callback=self._answer, content_type=None)
        with HttpClient(adapter=_ReplayAdapter(mock), longest=LONGEST_BODY + 1) as client:
            exchanges = [self._replayed(client, index) for index in range(len(self._exchanges))]
        made = None if self._provenance is None else self._provenance.histories(exchanges)
        if self._provenance is not None and made is not None:
            return self._as_observed(self._provenance, made, serializations)
        found = told_apart(histories(exchanges, whole=self._whole))
        versions = {step.resource.version_text for history in found for step in history.steps}
        return Observation(
            self.name,
            tuple(found),
            requests=len(exchanges),
            serializations=tuple(serializations),
            version=versions.pop() if len(versions) == 1 else None,
            passed_over=tuple(self._passed_over),
        )

    def _as_observed(
        self, provenance: Provenance, found: Sequence[History], serializations: Sequence[Serialization]
    ) -> Observation:
        """What the run observed that made the recording."""
        return Observation(
            self.name,
            tuple(told_apart(found)),
            requests=len(self._exchanges),
            serializations=tuple(form for form in serializations if form in provenance.serializations),
            version=provenance.version,
            live=True,
            expected=frozenset(provenance.expected),
            obstacles=provenance.reasons,
            passed_over=tuple(self._passed_over),
        )

    def _replayed(self, client: HttpClient, index: int) -> Exchange:
        """Replay an exchange; whatever its replayed answer can't show is taken from the recording."""
        recorded = self._exchanges[index]
        replayed = client.send(Request(recorded.request.method, f"{_BY_INDEX}{index}", body=recorded.request.body))
        body = replayed.response.body if recorded.response.body is not None else None
        return replace(recorded, response=replace(replayed.response, body=body, defect=recorded.response.defect))

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, HTTPHeaderDict, bytes]:
        response = self._exchanges[int((request.url or "").removeprefix(_BY_INDEX))].response
        return response.status, HTTPHeaderDict(response.headers.pairs), response.body or b""


class _ReplayAdapter(Adapter):
    """Has ``responses`` answer this client alone; patched in as usual, it would answer every client in the process."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        super().__init__()
        self._answer = mock.unbound_on_send()

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:
        """Answer a request from the recording."""
        return self._answer(self, request, **options)


def shows_close(steps: Iterable[Step]) -> bool:
    """Whether a recording of these steps holds anything to test: a close of a job, or what was meant to be one."""
    return any(step.operation in (Operation.CLOSE, Operation.CHANGE) for step in steps)


def _load(path: Path) -> tuple[list[Exchange], Recording]:
    """Return the exchanges of a recording that are about jobs, in order of time, and the recording."""
    try:
        recording = read_recording(path)
        steps = [step for step in map(Step.of, recording) if step is not None]
    except BadInput as error:
        raise TargetUnusable(str(error)) from error
    if not shows_close(steps):
        lacking = f"{named(path)} holds no close of a job: no POST to /services/async/VERSION/job/ID"
        raise TargetUnusable("; ".join([lacking, *recording.remarks]))
    found = [step.exchange for step in steps]
    if all(exchange.started is not None for exchange in found):
        found.sort(key=lambda exchange: exchange.started.timestamp() if exchange.started else 0)
    return found, recording
