"""What the histories of several jobs show together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import takewhile
from statistics import mode

from jobinfo_conformance._contract.ids import same_id, short_form
from jobinfo_conformance._contract.jobinfo import SETTINGS
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._job_requests.near_misses import OUTSIDE_BODY
from jobinfo_conformance._subjects.attempts import close_of_aborted, documented_close, second_close
from jobinfo_conformance._subjects.kind import Shown, subject_kind_across
from jobinfo_conformance._subjects.neighbours import is_of_gateway, state_before
from jobinfo_conformance._subjects.subject import Later, LeftAlone, Repetition, TwoCreates

#: The fewest identical closes that show whether the answer is the same every time.
FEWEST_REPETITIONS = 5


@subject_kind_across("a read of an open job after another job was closed", shown=Shown.BY_WHOLE)
def job_left_alone(histories: Sequence[History]) -> Iterator[LeftAlone]:
    """Reads of open jobs that were only ever read, each with an earlier close of another job in each serialization."""
    closes = [step for history in histories if history.whole for step in history.closes if step.accepted]
    for history in histories:
        left_alone = takewhile(lambda step: step.operation in (Operation.CREATE, Operation.READ), history.steps)
        for step in left_alone if history.whole else ():
            if step.operation is Operation.READ and step.answers_job and state_before(history, step) == "Open":
                endpoint = step.resource.endpoint
                earlier = [close for close in closes if close.precedes(step) and close.resource.endpoint == endpoint]
                for close in {close.requested_serialization: close for close in earlier}.values():
                    yield LeftAlone(step, close)


@subject_kind_across("two creates of jobs")
def creates_one_after_another(histories: Sequence[History]) -> Iterator[TwoCreates]:
    """In each serialization, the first create whose id an earlier job has, up to its 15th character; else the last create."""
    creates = [history.created for history in histories if history.created is not None and history.created.job_id]
    made: dict[tuple[str, str], Step] = {}
    latest: dict[str, Step] = {}
    shown: dict[Serialization | None, TwoCreates] = {}
    for create in sorted(creates, key=_when):
        endpoint, form = create.resource.endpoint, create.requested_serialization
        alike = made.setdefault((endpoint, short_form(create.job_id or "")), create)
        earlier = latest.get(endpoint) if alike is create else alike
        if earlier is not None and not (form in shown and have_one_id(shown[form])):
            shown[form] = TwoCreates(create, earlier)
        latest[endpoint] = create
    yield from shown.values()


def have_one_id(creates: TwoCreates) -> bool:
    """Whether two creates were answered with ids that are alike in their first 15 characters."""
    return same_id(creates.step.job_id or "", creates.earlier.job_id or "")


def _when(step: Step) -> tuple[bool, datetime, int]:
    """When a step was sent; without a time, its place in the recording."""
    started = step.exchange.started
    return started is None, started or datetime.min.replace(tzinfo=UTC), step.exchange.entry or 0


@subject_kind_across(f"{FEWEST_REPETITIONS} or more documented closes of identically created empty jobs", shown=Shown.BY_WHOLE)
def repeated_close(histories: Sequence[History]) -> Iterator[Repetition]:
    """Identical closes of new, empty, identically created jobs, each with one that was answered as most of them."""
    alike: dict[tuple[object, ...], list[Step]] = {}
    for history in histories:
        created = history.created
        for asked in documented_close.find(history) if history.whole and created is not None else ():
            before = history.before(asked.step)
            if all(step.operation in (Operation.CREATE, Operation.READ) or step.refused for step in before):
                requests = [step.exchange.request for step in (history.steps[0], asked.step)]
                sent = [(request.content_type, request.headers.get("Accept"), request.body) for request in requests]
                alike.setdefault((*sent, asked.step.resource.endpoint, asked.step.version), []).append(asked.step)
    for steps in alike.values():
        if len(steps) >= FEWEST_REPETITIONS:
            usual = mode(map(said_by_close, steps))
            alike_to = next(step for step in steps if said_by_close(step) == usual)
            yield from (Repetition(step, alike_to, number, len(steps)) for number, step in enumerate(steps, start=1))


def said_by_close(close: Step) -> tuple[tuple[str, object], ...]:
    """What the answer to a close says, by place, less what depends on the job or the time."""
    media_type = Serialization.of_media_type(close.exchange.response.content_type)
    fields = {name: close.job.get(name) for name in ("state", *SETTINGS)}
    return ("status", close.status), ("Content-Type header", media_type), *fields.items()


@subject_kind_across("the same refusal in XML and in JSON")
def refused_in_both(histories: Sequence[History]) -> Iterator[Later]:
    """Requests that were refused in both serializations for a reason outside their bodies."""
    by_reason: dict[str, dict[Serialization, Step]] = {}
    for reason, step in _refused(histories):
        if step.requested_serialization is not None:
            by_reason.setdefault(reason, {}).setdefault(step.requested_serialization, step)
    for _, steps in sorted(by_reason.items()):
        if len(steps) == len(Serialization):
            yield Later(steps[Serialization.JSON], steps[Serialization.XML])


def _refused(histories: Iterable[History]) -> Iterator[tuple[str, Step]]:
    """The reason and the step of each refusal with 4xx and a readable body."""
    for history in histories:
        attempts = [("a second close", between.step) for between in second_close.find(history)]
        attempts += [("an aborted job", between.step) for between in close_of_aborted.find(history)]
        attempts += [(_slip(step), step) for step in history.steps if step.near_miss in OUTSIDE_BODY]
        for reason, step in attempts:
            if step.is_client_error and step.answer.document is not None and not is_of_gateway(history, step):
                yield reason, step


def _slip(step: Step) -> str:
    """What a request got wrong outside its body: refusals of two different versions or ids need not be alike."""
    named = step.resource.version_text if step.near_miss == "unknown-version" else ""
    return f"{step.near_miss} {step.resource.job_id if step.near_miss == 'malformed-id' else named}"
