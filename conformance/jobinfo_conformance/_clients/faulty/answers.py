"""Clients that make the wrong thing of an answer."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import replace

from jobinfo_conformance._checks import client as family
from jobinfo_conformance._clients.conforming import ConformingClient, Failed, InXml, exchanged, faulty
from jobinfo_conformance._exchange import Request, Response
from jobinfo_conformance._job_requests import plain

_UNDERSTANDS = family.understands_every_conformant_response
_REFUSAL, _DEPARTURE = family.notices_a_refusal, family.notices_a_departure


# Conformant answers that are not understood


@faulty(_UNDERSTANDS, "one-line")
class ReadsXmlByLines(InXml):
    """The state is looked for in a line of its own."""

    def check(self, response: Response, job_id: str) -> None:
        """Line by line."""
        super().check(response, job_id)
        if not any(line.strip() == b"<state>Closed</state>" for line in (response.body or b"").splitlines()):
            raise Failed("no line says Closed")


@faulty(_UNDERSTANDS, "utf-16")
class KnowsOneEncoding(InXml):
    """XML is taken for UTF-8."""

    def check(self, response: Response, job_id: str) -> None:
        """As a text."""
        super().check(response, job_id)
        if b"<state>Closed</state>" not in (response.body or b""):
            raise Failed("the answer does not say Closed")


@faulty(_UNDERSTANDS, "byte-order-mark")
class TripsOverAByteOrderMark(InXml):
    """XML has to begin with <."""

    def check(self, response: Response, job_id: str) -> None:
        """With the first byte."""
        super().check(response, job_id)
        if not (response.body or b"").startswith(b"<"):
            raise Failed("the answer is no XML")


@faulty(_UNDERSTANDS, "charset-parameter")
class ComparesMediaTypes(ConformingClient):
    """The Content-Type has to be application/json and nothing else."""

    def check(self, response: Response, job_id: str) -> None:
        """With the whole header."""
        super().check(response, job_id)
        if response.content_type != "application/json":
            raise Failed(f"the answer is {response.content_type}")


@faulty(_UNDERSTANDS, "lower-case-headers")
class ComparesHeaderNames(ConformingClient):
    """The name of a header has to be written as Content-Type."""

    def check(self, response: Response, job_id: str) -> None:
        """With the letter case."""
        super().check(response, job_id)
        if "Content-Type" not in [name for name, _ in response.headers]:
            raise Failed("the answer has no Content-Type")


@faulty(_UNDERSTANDS, "chunked")
class WantsALength(ConformingClient):
    """An answer without a Content-Length counts as empty."""

    def check(self, response: Response, job_id: str) -> None:
        """With the header."""
        super().check(response, job_id)
        if not int(response.headers.get("Content-Length") or 0):
            raise Failed("the answer is empty")


@faulty(_UNDERSTANDS, "optional-keys-are-absent")
class WantsEveryKey(ConformingClient):
    """A job without externalIdFieldName is not understood."""

    def check(self, response: Response, job_id: str) -> None:
        """Also if it is null."""
        super().check(response, job_id)
        if "externalIdFieldName" not in json.loads(response.body or b"{}"):
            raise Failed("externalIdFieldName is missing")


@faulty(_UNDERSTANDS, "large-record-counters")
class CountsIn32Bits(ConformingClient):
    """The number of records is read into 32 bits."""

    def check(self, response: Response, job_id: str) -> None:
        """Up to 2,147,483,647."""
        super().check(response, job_id)
        count = json.loads(response.body or b"{}")["numberRecordsProcessed"]
        if count >= 2**31:
            raise Failed(f"numberRecordsProcessed is {count}, which does not fit")


@faulty(_UNDERSTANDS, "assignment-rule")
class ReadsElementsByTheirPlace(InXml):
    """What stands between apiVersion and numberRecordsFailed is not expected."""

    def check(self, response: Response, job_id: str) -> None:
        """With one pattern for both."""
        super().check(response, job_id)
        if not re.search(rb"</apiVersion>\s*<numberRecordsFailed>", response.body or b""):
            raise Failed("the answer can't be read")


@faulty(_UNDERSTANDS)
class KnowsNoUpserts(InXml):
    """The answer to the create of an upsert is not understood, because of its externalIdFieldName."""

    def create(self) -> str:
        """Create an upsert."""
        settings = {"operation": "upsert", "externalIdFieldName": "Id", "contentType": "XML"}
        return self.text(self.accepted(self.send(plain.create_with(settings, self, self.form))), "id")

    def check(self, response: Response, job_id: str) -> None:
        """With one pattern for the elements around it."""
        super().check(response, job_id)
        if not re.search(rb"</state>\s*<concurrencyMode>", response.body or b""):
            raise Failed("the answer can't be read")


@faulty(_UNDERSTANDS, "keys-backwards")
class ReadsKeysInOrder(ConformingClient):
    """The id has to come before the state."""

    def check(self, response: Response, job_id: str) -> None:
        """With one pattern for both."""
        super().check(response, job_id)
        if not re.search(rb'"id".*"state"', response.body or b"", re.DOTALL):
            raise Failed("the answer can't be read")


@faulty(_UNDERSTANDS, "unfinished-batches")
class WantsFinishedBatches(ConformingClient):
    """A close counts as failed if a batch is not finished when it is answered."""

    def check(self, response: Response, job_id: str) -> None:
        """With the counters."""
        super().check(response, job_id)
        if json.loads(response.body or b"{}")["numberBatchesCompleted"] != 1:
            raise Failed("the batch is not finished")


@faulty(_UNDERSTANDS)
class ReadsJsonAsXml(ConformingClient):
    """Answers in JSON are read as XML."""

    def check(self, response: Response, job_id: str) -> None:
        """As XML."""
        super().check(response, job_id)
        if not (response.body or b"").startswith(b"<"):
            raise Failed("the answer is no XML")


# Refusals that pass in silence


@faulty(_REFUSAL, "invalid-job-state")
class IgnoresTheStatus(ConformingClient):
    """The status and the body of a close are not looked at."""

    def check(self, response: Response, job_id: str) -> None:
        """All is well."""


@faulty(_REFUSAL, "exceeded-quota")
class RetriesForEver(ConformingClient):
    """A close that is refused is sent again until it is accepted."""

    def close(self, job_id: str) -> None:
        """Again and again."""
        while self.send(self.closing(job_id)).status != 200:
            pass


@faulty(_REFUSAL, "reset")
class SwallowsLostConnections(ConformingClient):
    """A close without an answer counts as closed."""

    def close(self, job_id: str) -> None:
        """Whatever becomes of the connection."""
        with suppress(OSError):
            super().close(job_id)


@faulty(_REFUSAL, "no-content")
class TakesNothingForClosed(ConformingClient):
    """A close that is answered with 204 counts as closed."""

    def check(self, response: Response, job_id: str) -> None:
        """Without a body there is nothing to look at."""
        if response.status != 204:
            super().check(response, job_id)


@faulty(_REFUSAL, "created-nothing")
class TakesAnySuccess(ConformingClient):
    """Any 2xx counts as closed."""

    def check(self, response: Response, job_id: str) -> None:
        """By the first digit."""
        if not 200 <= response.status < 300:
            raise Failed(f"the close was answered {response.status}")


@faulty(_REFUSAL, "invalid-session")
class ForgivesAnOldSession(ConformingClient):
    """A close that is refused as InvalidSessionId is given up without a word."""

    def check(self, response: Response, job_id: str) -> None:
        """The next run may close it."""
        if self.text(response, "exceptionCode") != "InvalidSessionId":
            super().check(response, job_id)


@faulty(_REFUSAL, "unavailable-in-html")
class WaitsForAnErrorDocument(ConformingClient):
    """Only an error document counts as a refusal, and not a page in HTML."""

    def check(self, response: Response, job_id: str) -> None:
        """With the body alone."""
        if self.reading(response).fields.get("exceptionCode"):
            raise Failed("the close was refused")


# Lies that pass in silence


@faulty(_DEPARTURE, "still-open")
class BelievesTheStatus(ConformingClient):
    """With status 200 the state in the answer is not looked at."""

    def check(self, response: Response, job_id: str) -> None:
        """By the status."""
        if response.status != 200:
            raise Failed(f"the close was answered {response.status}")


@faulty(_DEPARTURE, "another-job")
class BelievesAnyJob(ConformingClient):
    """The id in the answer is not looked at."""

    def check(self, response: Response, job_id: str) -> None:
        """By the state alone."""
        super().check(response, self.text(response, "id"))


@faulty(_DEPARTURE, "aborted")
class TakesAbortedForClosed(ConformingClient):
    """Any state but Open counts as closed."""

    def check(self, response: Response, job_id: str) -> None:
        """Not Open."""
        if response.status != 200 or self.text(response, "state") == "Open":
            super().check(response, job_id)


@faulty(_DEPARTURE, "other-serialization")
class ReadsEither(ConformingClient):
    """An answer in the other serialization is taken for the one that was asked for."""

    def check(self, response: Response, job_id: str) -> None:
        """In either."""
        if response.status != 200 or self.text(response, "state") != "Closed" or self.text(response, "id") != job_id:
            raise Failed("the answer does not say that the job is closed")


@faulty(_DEPARTURE, "redirect-elsewhere")
class FollowsRedirects(ConformingClient):
    """A redirect is followed wherever it leads, with the session."""

    def send(self, request: Request) -> Response:
        """And once more where the answer points to."""
        response = super().send(request)
        if response.status not in (307, 308):
            return response
        return exchanged(self.carrying(replace(request, url=response.headers.get("Location") or request.url)))
