"""A client as a recording of its traffic shows it: what is wrong with the requests that it sent."""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._catalogue.frozen_sets import as_frozen, asked_set
from jobinfo_conformance._catalogue.of_clients import OF_CLIENTS
from jobinfo_conformance._catalogue.requirement import AnyRequirement
from jobinfo_conformance._clients.browsers import is_preflight
from jobinfo_conformance._contract.ids import short_form
from jobinfo_conformance._contract.session import SESSION_HEADER
from jobinfo_conformance._evidence.client_run import Answered, ClientRun, Ending
from jobinfo_conformance._evidence.har_reader import read_recording
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._files.given import named
from jobinfo_conformance._finding import Finding
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._judging import findings_on
from jobinfo_conformance._payloads import Checked, PayloadKind, Remark, was_kept
from jobinfo_conformance._subjects.client_runs import Opened, SubjectKindOfClients
from jobinfo_conformance._subjects.subject import Subject

_KINDS = {
    Operation.CREATE: PayloadKind.CREATE_REQUEST,
    Operation.CLOSE: PayloadKind.CLOSE_REQUEST,
    Operation.CHANGE: PayloadKind.CLOSE_REQUEST,
    Operation.ABORT: PayloadKind.ABORT_REQUEST,
}


def check_as_client(path: Path, *, strict: bool, remark: Remark, requirements: str | None = None) -> Iterator[Checked]:
    """Check what a client sent, request by request, in a recording of a whole run of it. Raises BadInput.

    ``requirements`` names the set to judge by. A request whose body was not kept is left out, and so is a browser's preflight.
    If no request carries a session, the recorder has removed it.
    """
    catalogue = as_frozen(OF_CLIENTS, asked_set(requirements))
    recording = read_recording(path)
    steps = tuple(Step.of_any(exchange) for exchange in recording if not is_preflight(exchange.request))
    kept = tuple(step for step in steps if step.exchange.request.method != "POST" or _has_body(step, whole=recording.whole))
    if not kept:
        raise BadInput(f"{named(path)} holds no request to /services/async/VERSION/job whose body was kept")
    for sentence in recording.remarks:
        remark(f"{named(path)}: {sentence}")
    run = ClientRun(path.name, Answered.USUALLY, kept, Ending(0, 0))
    for step, findings in _by_step(run, catalogue, whole=not recording.passed_over):
        kind = _KINDS.get(step.operation, PayloadKind.REQUEST)
        leveled = tuple((finding, catalogue.judged[finding.requirement].level) for finding in findings)
        yield Checked(path, step.exchange.entry, kind, leveled, strict, later=catalogue.later)


def _has_body(step: Step, *, whole: bool) -> bool:
    return step.operation is Operation.ADD_BATCH or was_kept(step.exchange.request.body, whole=whole)


def _by_step(run: ClientRun, catalogue: Catalogue, *, whole: bool) -> Iterator[tuple[Step, list[Finding]]]:
    """Yield each request with what is wrong with it; of a run that is not ``whole``, its end is not known."""
    found: dict[int, list[Finding]] = {id(step): [] for step in run.steps}
    ended = {
        short_form(step.job_id) for step in run.steps if step.operation in (Operation.CLOSE, Operation.ABORT) and step.job_id
    }
    for requirement in _judged(run, catalogue):
        kind = requirement.on
        assert isinstance(kind, SubjectKindOfClients)
        for subject in kind.search_runs([run]):
            if requirement.id == "client/closes-what-it-opened" and (not whole or _is_uncertain(subject, ended)):
                continue
            assert subject.step is not None  # only whole runs of a command have none, and there is but one
            found[id(subject.step)] += findings_on(requirement, [subject])[0]
    return ((step, found[id(step)]) for step in run.steps)


def _is_uncertain(subject: Subject, ended: Container[str]) -> bool:
    """Whether it may not be the client's doing: it could not close a job, or had opened it before the recording began.

    ``ended`` are the jobs that it closed or aborted, or tried to: entries of one time may be in any order.
    """
    return not isinstance(subject, Opened) or short_form(subject.job.create.job_id or "") in ended


def _judged(run: ClientRun, catalogue: Catalogue) -> list[AnyRequirement]:
    """The requirements that a recording can show."""
    has_sessions = any(step.exchange.request.headers.get(SESSION_HEADER) for step in run.steps)
    unseen = {"client/understands-every-conformant-response"} | (set() if has_sessions else {"client/session-header"})
    return [requirement for requirement in catalogue.judged.values() if requirement.id not in unseen]
