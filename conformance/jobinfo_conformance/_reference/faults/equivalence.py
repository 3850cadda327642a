"""Faults in which XML and JSON disagree."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._exchange import Response
from jobinfo_conformance._reference.faults.fault import JSON, XML, after
from jobinfo_conformance._reference.service import Service


@after(Service.info, breaks="equivalence/same-job", only=JSON)
def json_dates_in_daylight_time(info: JobInfo) -> JobInfo:
    """Dates in JSON are an hour later than in XML: daylight saving time, labelled UTC."""
    hour = timedelta(hours=1)
    return info.replace(created_date=info.created_date + hour, system_modstamp=info.system_modstamp + hour)


@after(Service.info, breaks="equivalence/same-job", only=XML)
def modstamp_in_xml_is_rounded(info: JobInfo) -> JobInfo:
    """systemModstamp in XML is rounded up to the next second."""
    return info.replace(system_modstamp=info.system_modstamp.replace(microsecond=0) + timedelta(seconds=1))


@after(Service.info, breaks="equivalence/same-job", only=JSON)
def mode_in_json_is_serial(info: JobInfo) -> JobInfo:
    """concurrencyMode is always Serial in JSON."""
    return info.replace(concurrency_mode="Serial")


@after(Service.info, breaks="equivalence/same-job", only=JSON)
def times_in_json_are_seconds(info: JobInfo) -> JobInfo:
    """totalProcessingTime in JSON is in seconds, not in milliseconds."""
    return info.replace(total_processing_time=info.total_processing_time // 1000, api_active_processing_time=0)


@after(Service.refusal, breaks="equivalence/same-refusals", only=JSON)
def json_refuses_with_422(answer: Response) -> Response:
    """A request refused with 400 in XML is refused with 422 in JSON."""
    return replace(answer, status=422) if answer.status == 400 else answer


@after(Service.refusal, breaks="equivalence/same-refusals", only=XML)
def xml_knows_no_job_states(answer: Response) -> Response:
    """The code InvalidJobState in JSON is InvalidJob in XML."""
    return replace(answer, body=(answer.body or b"").replace(b"InvalidJobState", b"InvalidJob"))
