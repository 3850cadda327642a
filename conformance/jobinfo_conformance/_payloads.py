"""Payloads without a target: what each one is, and what is wrong with it.

Files are read one payload or one entry at a time, so their size does not matter.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import ModuleType

from jobinfo_conformance._alike import Faultless, likeness
from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._catalogue.extensions import installed
from jobinfo_conformance._catalogue.frozen_sets import as_frozen, asked_set
from jobinfo_conformance._catalogue.requirement import Level
from jobinfo_conformance._contract.document import LONGEST_BODY, Reading
from jobinfo_conformance._contract.jobinfo import SETTINGS, JobInfo
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.schema_findings import request_findings
from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance._contract.unset_fields import without_unset
from jobinfo_conformance._contract.versions import DEFAULT, Version
from jobinfo_conformance._evidence.glance import glance
from jobinfo_conformance._evidence.har_reader import HAR_SUFFIXES, LINES_SUFFIXES, RecordedEntry, Recording, read_recording
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.recorded_body import is_text
from jobinfo_conformance._evidence.secret_names import without_named_in
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._files.given import beginning, named
from jobinfo_conformance._finding import Finding
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._judging import by_kind, findings_despite_errors, findings_on, scored_error_of
from jobinfo_conformance._option_values import version_named
from jobinfo_conformance._results.results import LATER, Outcome
from jobinfo_conformance._subjects.kind import AnySubjectKind
from jobinfo_conformance._subjects.single_exchanges import close_answer, empty_job, error_document, job_info, job_not_aborted
from jobinfo_conformance._subjects.subject import Answer, CloseAnswer, Refusal, Subject


class PayloadKind(StrEnum):
    """What a payload can be taken for."""

    CREATE_REQUEST = "create-request"
    CLOSE_REQUEST = "close-request"
    ABORT_REQUEST = "abort-request"
    JOB_INFO = "jobInfo"
    CLOSE_RESPONSE = "close-response"
    ERROR = "error"
    #: Any other request of a client.
    REQUEST = "request"


_REQUESTS = {
    PayloadKind.CREATE_REQUEST: Body.CREATE_REQUEST,
    PayloadKind.CLOSE_REQUEST: Body.CLOSE_REQUEST,
    PayloadKind.ABORT_REQUEST: Body.ABORT_REQUEST,
}
#: What the body of a request should be. A change of the state that is neither a close nor an abort is an attempt at a close.
_ASKED = {
    Operation.CREATE: PayloadKind.CREATE_REQUEST,
    Operation.CLOSE: PayloadKind.CLOSE_REQUEST,
    Operation.CHANGE: PayloadKind.CLOSE_REQUEST,
    Operation.ABORT: PayloadKind.ABORT_REQUEST,
}
_ANSWERED_WITH_JOB = (Operation.CREATE, Operation.READ, Operation.ABORT, Operation.OTHER_METHOD)
#: What the names of compressed files end in.
_COMPRESSED = (".gz", ".zst")
#: Fields that only a server sets: a jobInfo in which one has a value is an answer.
_SERVER_SET = frozenset(JobInfo.FIELDS) - {"id", "state", *SETTINGS}


#: What is done with a sentence about a file as a whole.
Remark = Callable[[str], object]


def _say_nothing(_sentence: str) -> None:
    """Make no remark."""


@dataclass(frozen=True)
class Checked:
    """A payload that was checked, and what is wrong with it.

    ``file`` is the file that it came from, and ``entry`` its entry there, from 0; None if the file is the payload. ``kind``
    is what it was taken for. Each of the ``findings`` comes with the level of its requirement. ``errors`` are the tracebacks
    of checks that broke down themselves. ``later`` are the ids of the requirements that came after the set that was asked for.

        >>> finding = Finding("state/closed", "Closed", "Open", "state")
        >>> Checked(Path("answer.xml"), None, PayloadKind.CLOSE_RESPONSE, ((finding, Level.MUST),)).failed
        True
    """

    file: Path
    entry: int | None
    kind: PayloadKind
    findings: tuple[tuple[Finding, Level], ...] = ()
    strict: bool = False
    errors: tuple[str, ...] = ()
    later: Collection[str] = ()

    @property
    def failed(self) -> bool:
        """Whether a MUST does not hold, or with ``strict`` a SHOULD. What came later does not count."""
        return any(self.shown(finding, level) == Outcome.FAIL for finding, level in self.findings)

    def shown(self, finding: Finding, level: Level) -> str:
        """The outcome of a finding as it is printed: ``later`` if its requirement is not scored."""
        return LATER if finding.requirement in self.later else self.outcome(level).value

    def outcome(self, level: Level) -> Outcome:
        """The outcome of a finding on a requirement of this level."""
        return Outcome.FAIL if self.strict or level is Level.MUST else Outcome.WARN


def check(  # noqa: PLR0913  # each keyword is an option of the command
    file: str | os.PathLike[str],
    *,
    kind: str | None = None,
    version: str | Version | None = None,
    strict: bool = False,
    extension: Sequence[str | ModuleType] = (),
    requirements: str | None = None,
    remark: Remark = _say_nothing,
) -> Iterator[Checked]:
    """Check a payload, or each entry of a recording, for all that can be seen in it alone.

    A recording is a .har or .ndjson file, a .zip, or a folder. Its requests are checked too; one with which nothing is wrong
    is left out. ``kind`` overrides what a payload is taken for, and ``version`` the version of the contract that it names.
    ``extension`` names modules that add requirements, and ``requirements`` the set to judge by. ``remark`` is called with a
    sentence for each reason why entries were passed over. Raises BadInput.

        >>> [checked] = check("fixtures/documented-xml.har")
        >>> checked.kind.value, checked.findings
        ('close-response', ())
    """
    path = Path(file)
    known = [each for each in PayloadKind if each is not PayloadKind.REQUEST]
    if kind is not None and kind not in known:
        raise BadInput(f"{kind!r} is not a kind of payload: write one of {', '.join(known)}")
    catalogue = as_frozen(installed(extension), asked_set(requirements))
    if os.path.isdir(path) or path.suffix.lower() in (*HAR_SUFFIXES, *LINES_SUFFIXES):  # noqa: PTH112  # raises nothing
        for option, given in (("--as", kind), ("--api-version", version)):
            if given is not None:
                raise BadInput(f"{named(path)}: {option} is for payloads; the entries of a recording say what they are")
        yield from _check_entries(read_recording(path), catalogue, strict=strict, remark=remark)
    elif path.suffix.lower() in _COMPRESSED and path.is_file():
        raise BadInput(f"{named(path)} is compressed: decompress it first; audit takes .ndjson.gz and .ndjson.zst as they are")
    else:
        contract = None if version is None else version_named(version)
        yield _check_payload(path, PayloadKind(kind) if kind else None, contract, catalogue, strict=strict)


def _check_payload(
    path: Path, kind: PayloadKind | None, version: Version | None, catalogue: Catalogue, *, strict: bool
) -> Checked:
    reading = read(without_named_in(beginning(path, LONGEST_BODY)))
    taken_for = kind or recognised(reading)
    contract = version or JobInfo.of(reading).get("apiVersion") or DEFAULT
    requirements = catalogue.judged
    errors: list[str] = []
    if taken_for in _REQUESTS:
        findings = list(request_findings(reading, _REQUESTS[taken_for], contract))
    else:
        findings = list(_findings(reading, taken_for, contract, catalogue, errors))
    with_levels = tuple((finding, requirements[finding.requirement].level) for finding in findings)
    return Checked(path, None, taken_for, with_levels, strict, tuple(errors), catalogue.later)


def _check_entries(recording: Recording, catalogue: Catalogue, *, strict: bool, remark: Remark) -> Iterator[Checked]:
    """Check the entries of a recording. Raises BadInput if none of them is about a job."""
    is_empty = True
    requirements = catalogue.judged
    checker = _Checker(catalogue, whole=recording.whole)
    for recorded in recording.unread():
        errors: list[str] = []
        in_entry = checker.in_entry(recorded, errors)
        is_empty = is_empty and in_entry is None
        for kind, found in in_entry or ():
            leveled = tuple((finding, requirements[finding.requirement].level) for finding in found)
            yield Checked(recording.path, recorded.number, kind, leveled, strict, tuple(errors), catalogue.later)
    if is_empty:
        lacking = f"{named(recording.path)} holds no exchange about a job: no request to /services/async/VERSION/job"
        raise BadInput("; ".join([lacking, *recording.remarks]))
    for sentence in recording.remarks:
        remark(f"{named(recording.path)}: {sentence}")


_InEntry = Sequence[tuple[PayloadKind, Sequence[Finding]]]


class _Checker:
    """Checks exchanges of a recording, each by itself."""

    def __init__(self, catalogue: Catalogue, *, whole: bool) -> None:
        requirements = catalogue.judged.values()
        self._requirements = by_kind(requirements)
        self._later = catalogue.later
        self._whole = whole
        self._faultless = Faultless[_InEntry]()
        # An extension may look at anything.
        self._compares = all(requirement.extension is None for requirement in requirements)

    def in_entry(self, recorded: RecordedEntry, errors: list[str]) -> _InEntry | None:
        """Return what is wrong with a request, if anything is, and what is wrong with its answer, if that is checked.

        None if the entry is no evidence about a job.
        """
        like = self._likeness(recorded) if self._compares else None
        found = self._faultless.get(like)
        if found is None:
            exchange = recorded.read()
            if exchange is None:
                return None
            step = Step.of(exchange)
            found = () if step is None else tuple(self._closely(step, errors))
            if not errors and not any(findings for _, findings in found):
                self._faultless.add(like, found)
        return found

    @staticmethod
    def _likeness(recorded: RecordedEntry) -> Hashable | None:
        seen = glance(recorded.entry)
        return None if seen is None or recorded.secrets.may_be_in(seen.texts) else likeness([seen])

    def _closely(self, step: Step, errors: list[str]) -> Iterator[tuple[PayloadKind, Sequence[Finding]]]:
        asked = _ASKED.get(step.operation)
        if asked is not None and step.asked.findings and was_kept(step.exchange.request.body, whole=self._whole):
            yield asked, step.asked.findings
        answered = answered_kind(step)
        if answered is not None:
            yield answered, findings_despite_errors(History((step,)), self._requirements, errors, later=self._later)


def was_kept(body: bytes, *, whole: bool) -> bool:
    """Whether the body of a request is in a recording as it was sent: some recorders leave it out, or keep it compressed."""
    return whole or (bool(body) and is_text(body))


def answered_kind(step: Step) -> PayloadKind | None:
    """Return what an exchange was answered with; None if that is not checked, such as a batch."""
    if step.refused:
        return PayloadKind.ERROR
    if step.operation is Operation.CLOSE:
        return PayloadKind.CLOSE_RESPONSE
    return PayloadKind.JOB_INFO if step.operation in _ANSWERED_WITH_JOB else None


def recognised(reading: Reading) -> PayloadKind:
    """Tell what a payload is, by its root and by the fields that have a value; if neither tells, it is a jobInfo."""
    fields = set(without_unset(reading).fields)
    if reading.root == "error" or "exceptionCode" in fields:
        return PayloadKind.ERROR
    if fields & _SERVER_SET or {"id", "operation"} <= fields:
        return PayloadKind.JOB_INFO
    if "operation" in fields or "object" in fields:
        return PayloadKind.CREATE_REQUEST
    if "state" in fields:
        return PayloadKind.ABORT_REQUEST if reading.fields["state"] == "Aborted" else PayloadKind.CLOSE_REQUEST
    return PayloadKind.JOB_INFO


def _findings(
    reading: Reading, kind: PayloadKind, contract: Version, catalogue: Catalogue, errors: list[str]
) -> Iterator[Finding]:
    """Yield what is wrong with an answer that came without its exchange. The traceback of a check that breaks is added."""
    for subject_kind, subject in _subjects(reading, kind, contract):
        for requirement in catalogue.judged.values():
            if requirement.on is subject_kind and subject.version >= requirement.since:
                try:
                    yield from findings_on(requirement, [subject])[0]
                except Exception:  # noqa: BLE001  # an extension's own error
                    errors += scored_error_of(requirement, catalogue.later)


def _subjects(reading: Reading, kind: PayloadKind, contract: Version) -> Iterator[tuple[AnySubjectKind, Subject]]:
    """Yield the subjects that an answer is without its exchange, each with its kind."""
    if kind is PayloadKind.ERROR:
        yield error_document, Refusal(None, reading, contract)
        return
    answer = Answer(None, reading, contract, by_bulk_1=kind is PayloadKind.CLOSE_RESPONSE)
    yield job_info, answer
    if answer.job.get("state") != "Aborted":
        yield job_not_aborted, answer
    if answer.job.get("numberBatchesTotal") == 0:
        yield empty_job, answer
    if kind is PayloadKind.CLOSE_RESPONSE:
        yield close_answer, CloseAnswer(None, reading, contract)
