"""Manners of reading a request: what a server accepts or refuses where the contract leaves it free."""

from __future__ import annotations

import re
from dataclasses import replace

from jobinfo_conformance._contract.ids import short_form
from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._exchange import Request, Response
from jobinfo_conformance._finding import Finding
from jobinfo_conformance._reference.jobs import Job
from jobinfo_conformance._reference.manners.manner import manner
from jobinfo_conformance._reference.service import Refused, Service

_ABORT = "which jobs can be aborted"


# Bodies


@manner()
class AttributesAreRefused(Service):
    """A request with an unknown attribute is refused."""

    def tolerates(self, finding: Finding) -> bool:
        """Not this one."""
        return finding.requirement != "schema/no-unknown-attributes" and super().tolerates(finding)


@manner()
class PaddingIsIgnored(Service):
    """White space around the values of a request in XML is ignored."""

    def understand(self, request: Request, body: Body, version: Version) -> dict[str, str]:
        """Without the white space."""
        if Serialization.of_media_type(request.content_type) is Serialization.XML:
            request = replace(request, body=re.sub(rb">[ \t\r\n]*([^<> \t\r\n]+)[ \t\r\n]*</", rb">\1</", request.body))
        return super().understand(request, body, version)


# Paths


@manner()
class WrongChecksumsAreUnknown(Service):
    """An 18-character id with a wrong checksum names no job."""

    def find(self, job_id: str) -> Job:
        """With the same checksum."""
        found = super().find(job_id)
        if job_id not in (found.id, short_form(found.id)):
            raise Refused("InvalidJob", f"Unable to find job with id {job_id}")
        return found


@manner()
class SlashedPathsAreUnknown(Service):
    """A path that ends in a slash is refused."""

    def route(self, request: Request) -> Response:
        """Refuse it."""
        if request.url.endswith("/"):
            raise Refused("InvalidUrl", "Destination URL not reachable", 404)
        return super().route(request)


@manner()
class EarlyVersionsAreRetired(Service):
    """Versions before 31.0 are retired."""

    def version(self, text: str) -> Version:
        """Refuse them."""
        version = super().version(text)
        if version < Version(31):
            raise Refused("InvalidVersion", f"{text} is retired")
        return version


# Aborts


@manner(_ABORT)
class ClosedJobsStayClosed(Service):
    """A closed job can't be aborted, even while its batches are being processed."""

    def abort(self, job: Job) -> Job:
        """Refuse."""
        if job.state == "Closed":
            raise Refused("InvalidJobState", "Aborting closed Job not allowed")
        return super().abort(job)


@manner(_ABORT)
class DoneJobsCanBeAborted(Service):
    """A closed job can be aborted after its batches are done, and is then Aborted."""

    def abort(self, job: Job) -> Job:
        """Abort it."""
        return job.aborted(self.now()) if job.state == "Closed" else super().abort(job)


@manner(_ABORT)
class AbortsCanBeRepeated(Service):
    """An aborted job can be aborted again, which changes nothing."""

    def abort(self, job: Job) -> Job:
        """Leave it."""
        return job if job.state == "Aborted" else super().abort(job)
