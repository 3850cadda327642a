"""A small job resource on loopback, conforming until it is told otherwise: what the live target is tested on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from jobinfo_conformance.contract.ids import long_form
from jobinfo_conformance.contract.jobinfo import JobInfo
from jobinfo_conformance.contract.readers import read
from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.contract.versions import Version
from jobinfo_conformance.contract.writers import write, write_json, write_xml

SESSION = "00D000000000001!AQEAQ.secret"


@dataclass(frozen=True)
class Answer:
    """What the endpoint is about to answer. Status 0 drops the connection, a negative one leaves it waiting."""

    status: int
    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Endpoint:
    """An endpoint and its jobs. ``spoil`` may change any answer: it gets what was asked, and the answer."""

    url: str = ""
    jobs: dict[str, JobInfo] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    spoil: Callable[[str, Answer], Answer] = lambda _asked, answer: answer

    def refuse(self, code: str, message: str, form: Serialization, status: int = 400) -> Answer:
        """An error document."""
        values = {"exceptionCode": code, "exceptionMessage": message}
        body = write_xml("error", values) if form is Serialization.XML else write_json(dict(values))
        return Answer(status, body, form.media_type)

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer a request as the contract says."""
        form = Serialization.of_media_type(headers.get("content-type")) or Serialization.XML
        if headers.get("x-sfdc-session") != SESSION:
            return self.refuse("InvalidSessionId", "Invalid session id", form)
        parts = path.strip("/").split("/")
        version, rest = (parts[2], parts[4:]) if parts[:2] == ["services", "async"] and len(parts) > 3 else ("", [])
        fields = read(body, headers.get("content-type")).fields if body else {}
        if not version.endswith(".0"):
            return self.refuse("InvalidUrl", "Unknown URL", form, 404)
        if method == "POST" and not rest:
            return self._create(fields, version, form)
        job = self.jobs.get(rest[0])
        if job is None:
            return self.refuse("InvalidJob", "Unable to find the job", form)
        if method == "POST":
            if job.state != "Open":
                return self.refuse("InvalidJobState", f"The job is {job.state}", form)
            job = self.jobs[rest[0]] = job.replace(state=str(fields["state"]))
        return Answer(200, write(job, form), form.media_type)

    def _create(self, fields: object, version: str, form: Serialization) -> Answer:
        assert isinstance(fields, dict)
        now = datetime.now(UTC).replace(microsecond=0)
        counters = {name: 0 for name in JobInfo.FIELDS if name.startswith("number") or name.endswith("Time")}
        values = {"concurrencyMode": "Parallel", "contentType": "XML", **fields, **counters, "state": "Open"}
        values |= {"createdDate": now, "systemModstamp": now, "apiVersion": Version.parse(version)}
        values |= {"id": long_form(f"750{len(self.jobs):012}"), "createdById": long_form("005000000000001")}
        job = self.jobs[values["id"]] = JobInfo(values)
        location = (("Location", f"/services/async/{version}/job/{job.id}"),)
        return Answer(201, write(job, form), form.media_type, location)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    endpoint: ClassVar[Endpoint]

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = f"{self.command} {headers.get('content-type', '').removeprefix('application/')} {body.decode()}"
        self.endpoint.asked.append(asked)
        self.endpoint.headers.append(headers)
        answer = self.endpoint.spoil(asked, self.endpoint.answer(self.command, self.path, headers, body))
        if answer.status <= 0:
            self.close_connection = True
            if answer.status < 0:
                self.endpoint.ended.wait(20)
            return
        self.send_response(answer.status)
        for name, value in (("Content-Type", answer.content_type), *answer.headers):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = _serve  # noqa: N815  # the names that http.server calls

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    """Run an endpoint on a free port of loopback."""
    one = Endpoint()
    handler = type("Handler", (_Handler,), {"endpoint": one})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        one.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield one
        finally:
            one.ended.set()
            server.shutdown()
            thread.join()
