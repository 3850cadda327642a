"""A recording as a target: the suite's own client, answered out of a HAR file by ``responses``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import requests
import responses
from urllib3 import HTTPHeaderDict

from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.evidence.exchange import Exchange, Request
from jobinfo_conformance.evidence.har import NotHar, is_whole, read_har
from jobinfo_conformance.evidence.history import Operation, Step, histories
from jobinfo_conformance.evidence.observation import Observation
from jobinfo_conformance.targets.base import TargetUnusable
from jobinfo_conformance.targets.client import Client

#: Where the client asks for an exchange, by its place: a stranger's URL and headers may be ones that no client sends.
_PLACES = "http://recording.invalid/"


class Recorded:
    """One or more HAR files, asked again what they were asked: each request in its place, whatever it looks like."""

    def __init__(self, paths: Sequence[Path], name: str | None = None) -> None:
        """Load recordings; ``name`` is what to call them. Raises TargetUnusable with a line for the user."""
        self.name = name or ", ".join(str(path) for path in paths)
        self._whole = True
        self._exchanges: list[Exchange] = []
        for path in paths:
            self._exchanges += _load(path)
            self._whole = self._whole and is_whole(path)

    def observe(self, serializations: Sequence[Serialization]) -> Observation:
        """Ask the recording all its own requests, in their order."""
        with responses.RequestsMock(assert_all_requests_are_fired=False) as mock, Client() as client:
            for method in {exchange.request.method for exchange in self._exchanges}:
                mock.add_callback(method, re.compile(re.escape(_PLACES)), callback=self._answer, content_type=None)
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

    def _replayed(self, client: Client, place: int) -> Exchange:
        """An exchange, asked again; what the answer does not hold is as it was recorded."""
        given = self._exchanges[place]
        asked = client.send(Request(given.request.method, f"{_PLACES}{place}", body=given.request.body))
        body = asked.response.body if given.response.body is not None else None
        return replace(given, response=replace(asked.response, body=body, defect=given.response.defect))

    def _answer(self, asked: requests.PreparedRequest) -> tuple[int, HTTPHeaderDict, bytes]:
        response = self._exchanges[int((asked.url or "").removeprefix(_PLACES))].response
        return response.status, HTTPHeaderDict(response.headers.pairs), response.body or b""


def _load(path: Path) -> list[Exchange]:
    """The exchanges of a recording that are about jobs, in the order of time."""
    try:
        steps = [step for step in map(Step.of, read_har(path)) if step is not None]
    except OSError as error:
        raise TargetUnusable(f"{path} can't be read: {error.strerror}") from error
    except NotHar as error:
        raise TargetUnusable(str(error)) from error
    if not any(step.operation in (Operation.CLOSE, Operation.CHANGE) for step in steps):
        raise TargetUnusable(f"{path} holds no close of a job: no POST to /services/async/VERSION/job/ID")
    found = [step.exchange for step in steps]
    if all(exchange.started is not None for exchange in found):
        found.sort(key=lambda exchange: exchange.started.timestamp() if exchange.started else 0)
    return found
