"""Faults in which job is answered, and what it was created as."""

from __future__ import annotations

from dataclasses import replace

from jobinfo_conformance._contract.ids import JOB_PREFIX, USER_PREFIX, long_form
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.versions import EARLIEST
from jobinfo_conformance._exchange import Headers, Response
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._reference.faults.fault import JSON, XML, after, fault
from jobinfo_conformance._reference.jobs import Job
from jobinfo_conformance._reference.service import BATCH_PREFIX, LATEST, Service

_ANOTHER = long_form(f"{JOB_PREFIX}000000009999")


@after(Service.info, breaks="identity/id-is-the-jobs", on=Operation.CLOSE)
def close_answers_another_job(info: JobInfo) -> JobInfo:
    """A close answers the id of another job."""
    return info.replace(id=_ANOTHER)


@after(Service.create, breaks="identity/id-is-the-jobs", on=Operation.CREATE)
def location_of_another_job(answer: Response) -> Response:
    """The Location of a create names another job than its body."""
    located = (answer.headers.get("Location") or "").rpartition("/")[0]
    others = answer.headers.without("Location")
    return replace(answer, headers=Headers.of([*others, ("Location", f"{located}/{_ANOTHER}")]))


@after(Service.info, breaks="identity/id-is-the-jobs", on=Operation.READ, only=JSON, every=3)
def third_read_of_another_job(info: JobInfo) -> JobInfo:
    """Every third read in JSON answers another job."""
    return info.replace(id=_ANOTHER)


@after(Service.info, breaks="identity/settings-kept", on=Operation.CLOSE)
def close_answers_csv(info: JobInfo) -> JobInfo:
    """A close answers CSV as the contentType, whatever the job was created with."""
    return info.replace(content_type="CSV")


@fault(breaks="identity/settings-kept")
class CloseMakesSerial(Service):
    """A closed job is Serial."""

    def close(self, job: Job) -> Job:
        """Close it, and set its mode."""
        return replace(super().close(job), settings={**job.settings, "concurrencyMode": "Serial"})


@after(Service.info, breaks="identity/settings-kept", on=(Operation.READ, Operation.CLOSE))
def created_by_who_asks(info: JobInfo) -> JobInfo:
    """createdById is the user of the request, not the one who created the job."""
    return info.replace(created_by_id=long_form(f"{USER_PREFIX}000000000002"))


@after(Service.info, breaks="identity/settings-kept", only=JSON)
def operation_in_json_is_insert(info: JobInfo) -> JobInfo:
    """The operation is insert in JSON, whatever it is."""
    return info.replace(operation="insert")


@after(Service.info, breaks="identity/settings-kept", on=Operation.READ, only=XML)
def object_is_the_plural(info: JobInfo) -> JobInfo:
    """A read in XML answers the label of the object, in the plural."""
    return info.replace(object=f"{info.object}s")


@after(Service.info, breaks="identity/api-version")
def version_is_the_latest(info: JobInfo) -> JobInfo:
    """apiVersion is the latest that the server has."""
    return info.replace(api_version=LATEST)


@after(Service.info, breaks="identity/api-version", on=Operation.CLOSE, only=JSON)
def version_is_the_earliest(info: JobInfo) -> JobInfo:
    """A close in JSON answers the earliest version there is."""
    return info.replace(api_version=EARLIEST)


@fault(breaks="identity/id-checksum")
class IdsEndInAaa(Service):
    """Ids end in AAA, also where letters stand in them."""

    def new_id(self, prefix: str, number: int) -> str:
        """An id of 18 characters, three of them guessed."""
        return f"{prefix}D{number:011}AAA"


@after(Service.info, breaks="identity/id-checksum", only=XML)
def user_without_checksum(info: JobInfo) -> JobInfo:
    """createdById in XML is filled up with zeros."""
    return info.replace(created_by_id=f"{info.created_by_id[:15]}000")


@fault(breaks="identity/id-prefix")
class JobsWithPrefixOfBatches(Service):
    """Ids of jobs begin as those of batches do."""

    def new_id(self, prefix: str, number: int) -> str:
        """An id with one prefix for both."""
        return super().new_id(BATCH_PREFIX if prefix == JOB_PREFIX else prefix, number)


@after(Service.info, breaks="identity/id-prefix", only=JSON)
def organization_as_user(info: JobInfo) -> JobInfo:
    """createdById in JSON is the id of the organization."""
    return info.replace(created_by_id=long_form("00D000000000001"))
