"""Payloads without a target: what each is taken for, and what is wrong with it.

Files are read one payload or one entry at a time, so their size does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from jobinfo_conformance.checks import CATALOGUE
from jobinfo_conformance.contract.jobinfo import SETTINGS, JobInfo
from jobinfo_conformance.contract.readers import read
from jobinfo_conformance.contract.reading import LONGEST_BODY, Reading
from jobinfo_conformance.contract.requirements import Level, Requirement
from jobinfo_conformance.contract.schemas import Body, schema_findings
from jobinfo_conformance.contract.unset import without_unset
from jobinfo_conformance.contract.versions import DEFAULT, Version
from jobinfo_conformance.evidence.exchange import Exchange
from jobinfo_conformance.evidence.har import NotHar, read_entries, read_har
from jobinfo_conformance.evidence.history import History, Operation, Step
from jobinfo_conformance.subjects import (
    Answer,
    CloseAnswer,
    Refusal,
    Shown,
    Subject,
    close_answer,
    empty_job,
    error_document,
    job_info,
    job_not_aborted,
)
from jobinfo_conformance.verdicts import Outcome, Problem, judge_all, problems_in


class Kind(StrEnum):
    """What a payload can be taken for."""

    CREATE_REQUEST = "create-request"
    CLOSE_REQUEST = "close-request"
    ABORT_REQUEST = "abort-request"
    JOB_INFO = "jobInfo"
    CLOSE_RESPONSE = "close-response"
    ERROR = "error"


_REQUESTS = {
    Kind.CREATE_REQUEST: Body.CREATE_REQUEST,
    Kind.CLOSE_REQUEST: Body.CLOSE_REQUEST,
    Kind.ABORT_REQUEST: Body.ABORT_REQUEST,
}
#: Fields that only a server sets; with a value they make a jobInfo an answer.
_SERVER_SET = frozenset(JobInfo.FIELDS) - {"id", "state", *SETTINGS}


class Unusable(Exception):
    """A file that can't be checked; the message is a line for the user."""


@dataclass(frozen=True)
class Note:
    """One departure in a payload."""

    requirement: Requirement
    outcome: Outcome
    where: str
    message: str


@dataclass(frozen=True)
class Judged:
    """A payload: the file it came from, its entry there (from 0; None for a file of its own), and what was found."""

    file: Path
    entry: int | None
    kind: Kind
    notes: tuple[Note, ...]

    @property
    def failed(self) -> bool:
        """Whether the payload breaks a requirement that fails."""
        return any(note.outcome is Outcome.FAIL for note in self.notes)


def judge_file(
    file: Path, *, kind: Kind | None = None, version: Version | None = None, strict: bool = False
) -> Iterator[Judged]:
    """Judge a payload, or the entries of a .har or .ndjson file.

    ``kind`` overrides what a payload is taken for, ``version`` the one that it names. Raises Unusable.
    """
    try:
        if file.suffix.lower() in (".har", ".ndjson", ".jsonl"):
            if kind is not None:
                raise Unusable(f"{file}: each entry of a recording says itself what it is; --as is for payloads")
            yield from _judge_entries(file, strict)
        else:
            with file.open("rb") as stream:
                reading = read(stream.read(LONGEST_BODY + 1))
            taken_for = kind or recognised(reading)
            yield Judged(file, None, taken_for, tuple(_payload_notes(reading, taken_for, version, strict)))
    except NotHar as error:
        raise Unusable(str(error)) from error
    except OSError as error:
        raise Unusable(f"{file} can't be read: {error.strerror}") from error


def _judge_entries(file: Path, strict: bool) -> Iterator[Judged]:
    """Judge the entries of a recording. Raises Unusable where none of them is about a job."""
    is_empty = True
    for exchange in read_har(file) if file.suffix.lower() == ".har" else read_entries(file):
        is_empty = False
        yield from _judge_exchange(file, exchange, strict)
    if is_empty:
        raise Unusable(f"{file} holds no exchange with a job: nothing at /services/async/VERSION/job")


def recognised(reading: Reading) -> Kind:
    """What a payload is, by its root and by the fields that have a value; a jobInfo where nothing tells."""
    fields = set(without_unset(reading).fields)
    if reading.root == "error" or "exceptionCode" in fields:
        return Kind.ERROR
    if fields & _SERVER_SET or {"id", "operation"} <= fields:
        return Kind.JOB_INFO
    if "operation" in fields or "object" in fields:
        return Kind.CREATE_REQUEST
    if "state" in fields:
        return Kind.ABORT_REQUEST if reading.fields["state"] == "Aborted" else Kind.CLOSE_REQUEST
    return Kind.JOB_INFO


def _payload_notes(reading: Reading, kind: Kind, version: Version | None, strict: bool) -> Iterator[Note]:
    contract = version or JobInfo.of(reading).get("apiVersion") or DEFAULT
    if kind in _REQUESTS:
        for finding in schema_findings(reading, _REQUESTS[kind], contract):
            requirement = CATALOGUE[finding.requirement].requirement
            yield _note(requirement, Problem(finding.expected, finding.got, finding.where), strict)
        return
    for shown, subject in _subjects(reading, kind, contract):
        yield from _notes(shown, subject, strict)


def _subjects(reading: Reading, kind: Kind, contract: Version) -> Iterator[tuple[Shown[Subject], Subject]]:
    """A payload as the subjects that it can be without its exchange."""
    found: list[tuple[Shown[Subject], Subject]] = []
    if kind is Kind.ERROR:
        found.append((error_document, Refusal(None, reading, contract)))  # type: ignore[arg-type]
    else:
        answer = Answer(None, reading, contract, by_bulk_1=kind is Kind.CLOSE_RESPONSE)
        found.append((job_info, answer))  # type: ignore[arg-type]
        if answer.job.get("state") != "Aborted":
            found.append((job_not_aborted, answer))  # type: ignore[arg-type]
        if answer.job.get("numberBatchesTotal") == 0:
            found.append((empty_job, answer))  # type: ignore[arg-type]
        if kind is Kind.CLOSE_RESPONSE:
            found.append((close_answer, CloseAnswer(None, reading, contract)))  # type: ignore[arg-type]
    return iter(found)


def _judge_exchange(file: Path, exchange: Exchange, strict: bool) -> Iterator[Judged]:
    """Judge one exchange by all that it can show alone; nothing for other traffic and for batches."""
    step = Step.of(exchange)
    if step is None:
        return
    notes = [_note(requirement, problem, strict) for requirement, problem in problems_in(History((step,)))]
    if step.refused:
        yield Judged(file, exchange.entry, Kind.ERROR, tuple(notes))
    elif step.operation is Operation.CLOSE:
        yield Judged(file, exchange.entry, Kind.CLOSE_RESPONSE, tuple(notes))
    elif step.operation in (Operation.CREATE, Operation.READ, Operation.ABORT, Operation.OTHER_METHOD):
        yield Judged(file, exchange.entry, Kind.JOB_INFO, tuple(notes))


def _notes(shown: Shown[Subject], subject: Subject, strict: bool) -> Iterator[Note]:
    """What is wrong with a subject that came without its exchange."""
    for check in CATALOGUE.values():
        requirement = check.requirement
        if check.on is shown and subject.version >= requirement.since:
            for problem in judge_all(check, [subject])[0]:
                yield _note(requirement, problem, strict)


def _note(requirement: Requirement, problem: Problem, strict: bool) -> Note:
    failing = strict or requirement.level is Level.MUST
    outcome = Outcome.FAIL if failing else Outcome.WARN
    return Note(requirement, outcome, problem.where, f"expected {problem.expected}, got {problem.got}")
