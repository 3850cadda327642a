"""Faults in which XML and JSON do not tell the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from jobinfo_conformance.contract.jobinfo import JobInfo
from jobinfo_conformance.evidence.exchange import Response
from jobinfo_conformance.evidence.history import Operation
from jobinfo_conformance.reference.faults.fault import JSON, XML, after, fault
from jobinfo_conformance.reference.jobs import Job
from jobinfo_conformance.reference.service import Service


@after(Service.info, breaks="equivalence/same-job", only=JSON)
def json_dates_in_daylight_time(info: JobInfo) -> JobInfo:
    """Dates in JSON are an hour later than in XML: daylight saving time, called UTC."""
    hour = timedelta(hours=1)
    return info.replace(created_date=info.created_date + hour, system_modstamp=info.system_modstamp + hour)


@fault(breaks="equivalence/same-job", only=XML, on=Operation.READ)
class XmlModstampIsNow(Service):
    """systemModstamp is the time of the read in XML, and that of the job in JSON."""

    def info(self, job: Job) -> JobInfo:
        """The job, changed just now."""
        return super().info(job).replace(system_modstamp=self.now())


@after(Service.info, breaks="equivalence/same-job", only=JSON)
def mode_in_json_is_serial(info: JobInfo) -> JobInfo:
    """concurrencyMode is Serial in JSON, whatever it is."""
    return info.replace(concurrency_mode="Serial")


@after(Service.refusal, breaks="equivalence/same-refusals", only=JSON)
def json_refuses_with_422(answer: Response) -> Response:
    """What is refused with 400 in XML is refused with 422 in JSON."""
    return replace(answer, status=422) if answer.status == 400 else answer


@after(Service.refusal, breaks="equivalence/same-refusals", only=XML)
def xml_knows_no_job_states(answer: Response) -> Response:
    """What is an InvalidJobState in JSON is an InvalidJob in XML."""
    return replace(answer, body=(answer.body or b"").replace(b"InvalidJobState", b"InvalidJob"))
