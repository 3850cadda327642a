"""Manners of refusals: statuses, codes, messages and bodies that the contract leaves free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._reference.jobs import Job
from jobinfo_conformance._reference.manners.manner import manner
from jobinfo_conformance._reference.service import Refused, Service

_MESSAGE, _CODE, _METHOD, _SECOND = "the message", "the code", "how a method is refused", "how a second close is refused"
_LATE_BATCH = "how a late batch is refused"


class _Saying(Service):
    """Refusals with a message of the server's own; {} in it is the usual one."""

    message: str

    def refusal(self, request: Request, refused: Refused) -> Response:
        """With another message."""
        return super().refusal(request, Refused(refused.code, self.message.replace("{}", str(refused)), refused.status))


@manner(_MESSAGE)
class MessagesInGerman(_Saying):
    """Messages are in German, with umlauts, quotation marks and a euro sign."""

    message = "Der Auftrag „Konto“ ist ungültig: schließen Sie ihn später (größer als 100 €)"


@manner(_MESSAGE)
class MessagesInJapanese(_Saying):
    """Messages are in Japanese, with a character outside the basic plane."""

    message = "ジョブが見つかりません 🙈"


@manner(_MESSAGE)
class MessagesWithMarkup(_Saying):
    """Messages quote markup in XML and JSON."""

    message = '<state>Closed</state> & {"state": "Closed"} \\ \' > ]]> {}'


@manner(_MESSAGE)
class LongMessages(_Saying):
    """Messages have 100 lines, as a stack trace does."""

    message = "{}" + 100 * "\n\tat com.example.bulk.Job.close(Job.java:36)"


class _Coding(Service):
    """Refusals with codes of the server's choice, by the usual ones."""

    codes: ClassVar[Mapping[str, str]]

    def refusal(self, request: Request, refused: Refused) -> Response:
        """With another code."""
        code = self.codes.get(refused.code, refused.code)
        return super().refusal(request, Refused(code, str(refused), refused.status))


@manner(_CODE)
class CodesOfTheDocumentation(_Coding):
    """Malformed XML is refused as InvalidXML, as the documentation spells it."""

    codes: ClassVar = {"InvalidXml": "InvalidXML"}


@manner(_CODE)
class CodesForBodies(_Coding):
    """A body that can't be understood is refused as InvalidEntity."""

    codes: ClassVar = {"InvalidXml": "InvalidEntity", "ClientInputError": "InvalidEntity", "InvalidBatch": "InvalidEntity"}


@manner(_CODE)
class UnknownCodes(_Coding):
    """A request that can't be understood is refused as Unknown."""

    codes: ClassVar = {"InvalidXml": "Unknown", "ClientInputError": "Unknown", "InvalidOperation": "Unknown"}


# Other methods


@manner(_METHOD)
class MethodRefusalsWithAllow(Service):
    """A 405 has an Allow header."""

    def refusal(self, request: Request, refused: Refused) -> Response:
        """With the header."""
        response = super().refusal(request, refused)
        more = [("Allow", "GET, POST, HEAD")] if refused.status == 405 else []
        return replace(response, headers=Headers.of([*response.headers, *more]))


@manner(_METHOD)
class BareMethodRefusals(Service):
    """A 405 has no body and no Content-Type."""

    def refusal(self, request: Request, refused: Refused) -> Response:
        """Nothing but the status."""
        return Response(405) if refused.status == 405 else super().refusal(request, refused)


@manner(_METHOD)
class MethodRefusalsInHtml(Service):
    """A 405 is a page in HTML."""

    def refusal(self, request: Request, refused: Refused) -> Response:
        """A page."""
        if refused.status != 405:
            return super().refusal(request, refused)
        headers = Headers.of([("Content-Type", "text/html;charset=ISO-8859-1"), ("Allow", "GET")])
        return Response(405, headers, b"<!DOCTYPE html>\n<html><head><title>405</title></head><body>Nein</body></html>\n")


@manner(_METHOD)
class MethodRefusalsInText(Service):
    """A 405 is a line of text, with no Content-Type."""

    def refusal(self, request: Request, refused: Refused) -> Response:
        """A line."""
        return Response(405, body=b"Method Not Allowed") if refused.status == 405 else super().refusal(request, refused)


# Refusals that the contract leaves open


@manner(_SECOND)
class SecondCloseConflicts(Service):
    """A second close is refused with 409."""

    def close(self, job: Job) -> Job:
        """Refuse with another status."""
        if job.state == "Closed":
            raise Refused("InvalidJobState", "Closing already closed Job not allowed", 409)
        return super().close(job)


@manner("how the close of an aborted job is refused")
class AbortedJobsAreInvalid(Service):
    """The close of an aborted job is refused with InvalidJob."""

    def close(self, job: Job) -> Job:
        """Refuse with another code."""
        if job.state == "Aborted":
            raise Refused("InvalidJob", "The job is aborted")
        return super().close(job)


@manner(_LATE_BATCH)
class LateBatchesAreInvalid(Service):
    """A batch for a closed job is refused with InvalidBatch."""

    def add_batch(self, request: Request, job: Job) -> Response:
        """Refuse with another code."""
        if job.state != "Open":
            raise Refused("InvalidBatch", "The job takes no more batches")
        return super().add_batch(request, job)


@manner(_LATE_BATCH)
class LateBatchesConflict(Service):
    """A batch for a closed job is refused with 409."""

    def add_batch(self, request: Request, job: Job) -> Response:
        """Refuse with another status."""
        if job.state != "Open":
            raise Refused("InvalidJobState", "The job takes no more batches", 409)
        return super().add_batch(request, job)
