"""What an exchange asks, in words that pair it with the same question in another recording.

Jobs and times always differ between recordings, and answers may, so a question names none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jobinfo_conformance._contract.jobinfo import DEFAULT_SETTINGS
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import Operation

_VERBS: Mapping[Operation, str] = {
    Operation.CREATE: "create",
    Operation.READ: "read",
    Operation.CLOSE: "close",
    Operation.ABORT: "abort",
    Operation.CHANGE: "change",
    Operation.ADD_BATCH: "adding a batch",
    Operation.READ_BATCH: "reading a batch",
    Operation.LIST_BATCHES: "listing the batches",
    Operation.OTHER_METHOD: "another method",
}
#: What a job is once such a request has been accepted.
_STATES: Mapping[Operation, str] = {
    Operation.CREATE: "an open job",
    Operation.CLOSE: "a closed job",
    Operation.ABORT: "an aborted job",
}


@dataclass(frozen=True, order=True)
class Question:
    """What is asked of a job, and in which serialization."""

    asked: str
    serialization: Serialization


@dataclass(frozen=True)
class Instance:
    """A step that asks a question.

    ``settings`` are those with which its job was created; empty if they are not known. ``changed_by`` is the last accepted
    request before it that changed the job's state: a create, a close or an abort.
    """

    step: Step
    settings: Mapping[str, object]
    changed_by: Operation | None = None


def questions(histories: Iterable[History]) -> dict[Question, list[Instance]]:
    """Return all that was asked, in the order in which it was first asked, each question with the steps that ask it."""
    found: dict[Question, list[Instance]] = {}
    for history in histories:
        settings: dict[str, object] = {**DEFAULT_SETTINGS, **history.created.request.fields} if history.created else {}
        for step in history.steps:
            changed_by = next((each.operation for each in reversed(history.before(step)) if _changes_state(each)), None)
            question = Question(_asked(step, changed_by), step.serialization)
            found.setdefault(question, []).append(Instance(step, settings, changed_by))
    return found


def _asked(step: Step, changed_by: Operation | None) -> str:
    verb = _VERBS[step.operation]
    miss = step.near_miss
    if miss is not None:
        return f"{verb} with the fault {miss}"
    if step.operation is Operation.CREATE:
        return f"{verb} for {step.request.fields.get('operation')}"
    how, preposition = "", "to" if step.operation is Operation.ADD_BATCH else "of"
    of = f" {preposition} {_STATES[changed_by]}" if changed_by else ""
    if step.operation is Operation.OTHER_METHOD:
        how = f" {step.exchange.request.method}"
    elif step.operation is Operation.CHANGE:
        how = f" to {step.request.fields.get('state')}"
    elif step.operation is Operation.CLOSE:
        return f"{verb}{of}{_in_forms(sorted(step.legal_forms))}"
    return f"{verb}{how}{of}"


def _in_forms(forms: Sequence[str]) -> str:
    return f" in the form {forms[0]}" if len(forms) == 1 else " in several forms" if forms else ""


def _changes_state(step: Step) -> bool:
    """Whether a step changed the job's state by the contract, whatever its answer says."""
    return step.accepted and step.operation in _STATES
