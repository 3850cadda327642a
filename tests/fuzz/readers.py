"""What is fuzzed: each reader of bytes from outside, what it may raise, and where its first inputs come from.

A reader may refuse its input by BadInput, in one line. Whatever else it raises is a bug.
"""

from __future__ import annotations

import atexit
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import jobinfo_conformance
from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._clients.answers import USUAL
from jobinfo_conformance._clients.places import Place
from jobinfo_conformance._clients.stand import Recorder, Stand
from jobinfo_conformance._clients.under_test import observation_of, run_of
from jobinfo_conformance._comparison.loading import histories_in
from jobinfo_conformance._console.client_runs import runs_of_client
from jobinfo_conformance._console.results import Beside, summary
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.schema_findings import schema_findings
from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._evidence.client_run import Ending
from jobinfo_conformance._evidence.har_reader import read_recording
from jobinfo_conformance._exchange import Request
from jobinfo_conformance._gate.known_failures import read_known_failures
from jobinfo_conformance._payloads import check
from jobinfo_conformance._reference.server import Handler
from jobinfo_conformance._reference.service import Service
from jobinfo_conformance._reference.wire import Wire as Wiring
from jobinfo_conformance._reports.files import write_report
from jobinfo_conformance._results.results import Results
from jobinfo_conformance._run import Run
from jobinfo_conformance._settings import Settings
from jobinfo_conformance._targets.http_client import HttpClient, NoAnswer
from tests import exchanges
from tests.wire import Wire, wire

_ROOT = Path(__file__).parent.parent.parent
_FIXTURES = _ROOT / "fixtures"
#: What the reference takes, and the id of the first job that it makes.
_SESSION, _FIRST_ID = "00D000000000001!fuzzed", "750000000000001AAA"


@dataclass(frozen=True)
class Reader:
    """A reader: what it does with an input, and its seeds."""

    takes: Callable[[bytes], object]
    seeds: Callable[[], Iterator[bytes]]


@cache
def _folder() -> Path:
    """A folder that goes with this process, in memory if there is a place for that."""
    folder = TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)  # noqa: S108  # made by the library
    atexit.register(folder.cleanup)
    return Path(folder.name)


def _in_file(name: str, reader: Callable[[Path], object]) -> Callable[[bytes], object]:
    """Hand a reader of files its input, in a file in memory if there is a folder for that."""
    path = _folder() / name

    def takes(data: bytes) -> None:
        path.write_bytes(data)
        try:
            reader(path)
        except BadInput as reason:
            if "\n" in str(reason) or "codec" in str(reason):
                raise AssertionError(f"more than a line, or words of Python's: {reason}") from reason

    return takes


def _bodies(form: str) -> Iterator[bytes]:
    """The bodies of the fixtures in a serialization."""
    for exchange in read_recording(_FIXTURES / f"documented-{form}.har"):
        yield from filter(None, (exchange.request.body, exchange.response.body))


def _recordings() -> Iterator[bytes]:
    yield from (path.read_bytes() for path in sorted(_FIXTURES.glob("*.har")))


def _lines() -> Iterator[bytes]:
    for text in _recordings():
        yield b"\n".join(json.dumps(entry).encode() for entry in json.loads(text)["log"]["entries"])


def _reports() -> Iterator[bytes]:
    yield jobinfo_conformance.run(only=["state/closed"]).to_json().encode()


def _lists() -> Iterator[bytes]:
    yield b"[[known]]\nrequirement = 'state/closed'\nserialization = 'json'\nreason = 'x'\nexpires = 2027-03-01\n"


def _answers() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: 3\r\n\r\n<a>"
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<a>\r\n0\r\n\r\n"
    yield b"HTTP/1.1 102 P\r\n\r\nHTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nLocation: /\r\n\r\n\x1f\x8b\x08"


def _requests() -> Iterator[bytes]:
    """A create and a close of the job that it makes, on one connection."""
    for form in Serialization:
        make, close = (asked(form=form).request.body for asked in (exchanges.create, exchanges.close))
        start = f"Content-Type: {form.media_type}\r\nX-SFDC-Session: {_SESSION}\r\n"
        yield b"".join(
            [
                f"POST /services/async/36.0/job HTTP/1.1\r\n{start}Content-Length: {len(make)}\r\n\r\n".encode() + make,
                f"POST /services/async/36.0/job/{_FIRST_ID} HTTP/1.1\r\n{start}Transfer-Encoding: chunked\r\n\r\n".encode(),
                b"%x\r\n%s\r\n0\r\n\r\n" % (len(close), close),
            ]
        )


def _take_body(data: bytes) -> None:
    """Read a body and find what is wrong with it as a jobInfo."""
    for content_type in (None, "application/xml; charset=UTF-16"):
        reading = read(data, content_type)
        assert reading.document is not None or reading.findings
        schema_findings(reading, Body.JOB_INFO)


@cache
def _answering() -> tuple[HttpClient, Wire, list[bytes]]:
    """A client, a server that answers it as long as this process runs, and what it answers next."""
    following = [b""]
    stack = ExitStack()
    atexit.register(stack.close)
    server = stack.enter_context(wire(lambda _asked: following[0]))
    return stack.enter_context(HttpClient(timeout=1)), server, following


def _take_answer(data: bytes) -> None:
    """Send these bytes as the answer to a request, over a socket."""
    client, server, following = _answering()
    following[:] = [data]
    server.asked.clear()
    try:
        response = client.send(Request("GET", server.url)).response
    except NoAnswer:
        return
    assert response.body is not None


class _InMemory(Handler):
    """Serves a connection that is over: all that the client sent is there."""

    delay, scheme, tunnels, wire = 0, "http", None, Wiring()
    answered: BytesIO

    def setup(self) -> None:
        """Open the connection."""
        self.rfile, self.wfile = BytesIO(self.request), self.answered

    def finish(self) -> None:
        """Look at what the client was answered."""
        assert b"the reference broke down" not in self.answered.getvalue(), self.answered.getvalue()


def _take_requests(data: bytes) -> None:
    """Serve these bytes as what a client under test sends on a connection, then judge it and report."""
    recorder = Recorder(Service(session=_SESSION))
    type("Serving", (_InMemory,), {"service": recorder, "answered": BytesIO()})(data, ("127.0.0.1", 0), None)
    place = Place("http://127.0.0.1", _SESSION, Version(36))
    run = Run(None, Settings.for_client())
    run.observation = observation_of("fuzzed", [run_of(USUAL, Stand(place, recorder), Ending(0, 1.0))], place.version)
    results = run.concluded([run.judge(place) for place in run.settings.catalogue.places])
    assert not results.errors, results.errors
    write_report(results, _folder())
    list(summary(results, Beside(runs=list(runs_of_client(run.observation.client_runs, every=True))), verbose=True))


def _write_again(path: Path) -> None:
    """Read a report and write it again: what is read can be written, and is the same."""
    once = Results.read(path).to_json()
    path.write_text(once, "utf-8")
    assert Results.read(path).to_json() == once


READERS: Mapping[str, Reader] = {
    "xml": Reader(_take_body, lambda: _bodies("xml")),
    "json": Reader(_take_body, lambda: _bodies("json")),
    "har": Reader(_in_file("a.har", lambda path: list(check(path))), _recordings),
    "ndjson": Reader(_in_file("a.ndjson", histories_in), _lines),
    "toml": Reader(_in_file("a.toml", read_known_failures), _lists),
    "http": Reader(_take_answer, _answers),
    "requests": Reader(_take_requests, _requests),
    "report": Reader(_in_file("report.json", _write_again), _reports),
}
