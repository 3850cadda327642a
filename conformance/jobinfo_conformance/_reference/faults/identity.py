"""Faults in which job is returned, and in the settings it was created with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jobinfo_conformance._contract.ids import JOB_PREFIX, USER_PREFIX, long_form
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance._contract.versions import EARLIEST, Version
from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._job_requests.resource import Resource
from jobinfo_conformance._reference.faults.fault import JSON, XML, after, fault
from jobinfo_conformance._reference.jobs import Job
from jobinfo_conformance._reference.service import BATCH_PREFIX, LATEST, Service

_ANOTHER = long_form(f"{JOB_PREFIX}000000009999")


@fault(breaks="identity/unique-ids", on=Operation.CREATE)
class EveryJobHasOneId(Service):
    """Every create answers the id of the first job: it is a fixed answer."""

    def new_id(self, prefix: str, number: int) -> str:
        """The first id with this prefix."""
        return super().new_id(prefix, 1)


@fault(breaks="identity/unique-ids", on=Operation.CREATE)
class IdsDifferInTheChecksum(Service):
    """Ids are counted in their last three characters, where the checksum should be."""

    def new_id(self, prefix: str, number: int) -> str:
        """An id whose last three characters count."""
        return f"{prefix}{0:012}{number:03}" if prefix == JOB_PREFIX else super().new_id(prefix, number)


@after(Service.info, breaks="identity/id-is-the-jobs", on=Operation.CLOSE)
def close_answers_another_job(info: JobInfo) -> JobInfo:
    """A close returns the id of another job."""
    return info.replace(id=_ANOTHER)


@after(Service.create, breaks="identity/id-is-the-jobs", on=Operation.CREATE)
def location_of_another_job(answer: Response) -> Response:
    """The Location header of a create names a different job than the body."""
    located = (answer.headers.get("Location") or "").rpartition("/")[0]
    others = answer.headers.without("Location")
    return replace(answer, headers=Headers.of([*others, ("Location", f"{located}/{_ANOTHER}")]))


@after(Service.info, breaks="identity/id-is-the-jobs", on=Operation.READ, only=JSON, every=3)
def third_read_of_another_job(info: JobInfo) -> JobInfo:
    """Every third read in JSON returns the id of another job."""
    return info.replace(id=_ANOTHER)


@after(Service.info, breaks="identity/settings-kept", on=Operation.CLOSE)
def close_answers_csv(info: JobInfo) -> JobInfo:
    """A close returns the contentType CSV, whatever the job was created with."""
    return info.replace(content_type="CSV")


@fault(breaks="identity/settings-kept")
class CloseMakesSerial(Service):
    """A close changes the job's concurrencyMode to Serial."""

    def close(self, job: Job) -> Job:
        """Close the job, and set its mode."""
        return replace(super().close(job), settings={**job.settings, "concurrencyMode": "Serial"})


@after(Service.info, breaks="identity/settings-kept", on=(Operation.READ, Operation.CLOSE))
def created_by_who_asks(info: JobInfo) -> JobInfo:
    """createdById is the user who sends the request, not the one who created the job."""
    return info.replace(created_by_id=long_form(f"{USER_PREFIX}000000000002"))


class _Resets(Service):
    """Loses a setting of a new job."""

    def create(self, request: Request, version: Version) -> Response:
        """Create the job, then change it."""
        answer = super().create(request, version)
        job = list(self.jobs.values())[-1]
        self.jobs[job.id] = replace(job, settings=self.reset(job.settings))
        return answer

    def reset(self, settings: Mapping[str, str | None]) -> Mapping[str, str | None]:
        """The settings that are kept."""
        raise NotImplementedError


@fault(breaks="identity/settings-kept", on=Operation.CREATE)
class SerialBecomesParallel(_Resets):
    """A job that was created as Serial is Parallel from then on."""

    def reset(self, settings: Mapping[str, str | None]) -> Mapping[str, str | None]:
        """The settings with the default mode."""
        return {**settings, "concurrencyMode": "Parallel"}


@fault(breaks="identity/settings-kept", on=Operation.CREATE)
class ExternalIdIsLost(_Resets):
    """A job forgets its externalIdFieldName."""

    def reset(self, settings: Mapping[str, str | None]) -> Mapping[str, str | None]:
        """The settings without the field."""
        return {name: value for name, value in settings.items() if name != "externalIdFieldName"}


@fault(breaks="identity/settings-kept", on=Operation.CREATE)
class CsvByDefault(Service):
    """A job that was created without a contentType is a CSV job."""

    def understand(self, request: Request, body: Body, version: Version) -> dict[str, str]:
        """The settings, with CSV where none is named."""
        return {"contentType": "CSV", **super().understand(request, body, version)}


@after(Service.info, breaks="identity/settings-kept", on=(Operation.READ, Operation.CLOSE))
def csv_is_shown_as_xml(info: JobInfo) -> JobInfo:
    """The contentType CSV is shown as XML once the job was created."""
    return info.replace(content_type="XML") if info.content_type == "CSV" else info


@after(Service.info, breaks="identity/settings-kept", only=JSON)
def operation_in_json_is_insert(info: JobInfo) -> JobInfo:
    """The operation is always insert in JSON."""
    return info.replace(operation="insert")


@after(Service.info, breaks="identity/settings-kept", on=Operation.READ, only=XML)
def object_is_the_plural(info: JobInfo) -> JobInfo:
    """A read in XML returns the plural label of the object."""
    return info.replace(object=f"{info.object}s")


@after(Service.info, breaks="identity/api-version")
def version_is_the_latest(info: JobInfo) -> JobInfo:
    """apiVersion is the latest version of the server, whatever the job was created with."""
    return info.replace(api_version=LATEST)


@fault(breaks="identity/api-version", on=Operation.READ)
class VersionIsTheUris(Service):
    """A read returns the version in its URI as apiVersion, whatever the job was created with."""

    def route(self, request: Request) -> Response:
        """Note the request, whose version `info` returns."""
        self._resource = Resource.of(request.url)
        return super().route(request)

    def info(self, job: Job) -> JobInfo:
        """The jobInfo, with the version of the URI."""
        info = super().info(job)
        return info if self._resource is None else info.replace(api_version=self._resource.version)


@after(Service.info, breaks="identity/api-version", on=Operation.CLOSE, only=JSON)
def version_is_the_earliest(info: JobInfo) -> JobInfo:
    """A close in JSON returns the earliest version there is as apiVersion."""
    return info.replace(api_version=EARLIEST)


@fault(breaks="identity/id-checksum")
class IdsEndInAaa(Service):
    """Ids end in AAA even if they contain capital letters."""

    def new_id(self, prefix: str, number: int) -> str:
        """An id whose checksum is always AAA."""
        return f"{prefix}D{number:011}AAA"


@after(Service.info, breaks="identity/id-checksum", only=XML)
def user_without_checksum(info: JobInfo) -> JobInfo:
    """createdById in XML is filled up to 18 characters with zeros."""
    return info.replace(created_by_id=f"{info.created_by_id[:15]}000")


@fault(breaks="identity/id-prefix")
class JobsWithPrefixOfBatches(Service):
    """Job ids have the prefix of batch ids."""

    def new_id(self, prefix: str, number: int) -> str:
        """An id, with the prefix of batches for jobs."""
        return super().new_id(BATCH_PREFIX if prefix == JOB_PREFIX else prefix, number)


@after(Service.info, breaks="identity/id-prefix", only=JSON)
def organization_as_user(info: JobInfo) -> JobInfo:
    """createdById in JSON is the id of the organization."""
    return info.replace(created_by_id=long_form("00D000000000001"))
