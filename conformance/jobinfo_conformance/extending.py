"""What extensions are made of: decorators, the suite's kinds of subject, and the steps of its reference implementation.

An extension is a module that defines requirements, kinds of subject, scenarios, faults or adaptations. An installed package
names it in the entry-point group ``jobinfo_conformance.extensions``; under pytest, a conftest.py is an extension too.
"""

from __future__ import annotations

from jobinfo_conformance._catalogue.requirement import (
    ACCESS,
    FORM,
    JSON,
    MEANING,
    MUST,
    READING,
    SHOULD,
    SUMMARY,
    XML,
    client,
    documented,
    inferred,
    recorded,
    requirement,
    standard,
)
from jobinfo_conformance._checks.expectations import expect, expect_accepted, expect_at_most, expect_refused
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._finding import violation
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._reference.adaptation import adaptation
from jobinfo_conformance._reference.faults.fault import after, before, fault
from jobinfo_conformance._reference.service import Refused, Service
from jobinfo_conformance._scenarios.scenario import scenario
from jobinfo_conformance._scenarios.stage import Stage
from jobinfo_conformance._subjects.attempts import documented_close, refusal
from jobinfo_conformance._subjects.kind import subject_kind
from jobinfo_conformance._subjects.later_answers import consecutive_answers, read_after_close
from jobinfo_conformance._subjects.single_exchanges import accepted_close, any_exchange, close_answer, error_document, job_info
from jobinfo_conformance._subjects.subject import Answer, Asked, CloseAnswer, Later, Refusal, Subject

__all__ = [
    "ACCESS",
    "FORM",
    "JSON",
    "MEANING",
    "MUST",
    "READING",
    "SHOULD",
    "SUMMARY",
    "XML",
    "Answer",
    "Asked",
    "CloseAnswer",
    "Headers",
    "History",
    "Later",
    "Operation",
    "Refusal",
    "Refused",
    "Request",
    "Response",
    "Service",
    "Stage",
    "Step",
    "Subject",
    "Version",
    "accepted_close",
    "adaptation",
    "after",
    "any_exchange",
    "before",
    "client",
    "close_answer",
    "consecutive_answers",
    "documented",
    "documented_close",
    "error_document",
    "expect",
    "expect_accepted",
    "expect_at_most",
    "expect_refused",
    "fault",
    "inferred",
    "job_info",
    "read_after_close",
    "recorded",
    "refusal",
    "requirement",
    "scenario",
    "standard",
    "subject_kind",
    "violation",
]
