"""What the histories of several jobs show together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, takewhile

from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.evidence.history import History, Operation, Step
from jobinfo_conformance.near_misses import OF_NO_BODY, near_miss_of
from jobinfo_conformance.subjects.attempts import close_of_aborted, documented_close, second_close
from jobinfo_conformance.subjects.kinds import Later, Repeated, shown_across
from jobinfo_conformance.subjects.past import closes_in, state_before

#: How often a close is repeated at least, for it to show that the same is answered every time.
OFTEN = 5


@shown_across("an open job, read after another one was closed")
def job_left_alone(histories: Sequence[History]) -> Iterator[Later]:
    """Reads of jobs that were open and were asked nothing but to be read, with a close of another job in each serialization."""
    closes = [step for history in histories for step in closes_in(history) if history.whole and step.accepted]
    for history in histories:
        left_alone = takewhile(lambda one: one.operation in (Operation.CREATE, Operation.READ), history.steps)
        for step in left_alone if history.whole else ():
            if step.operation is Operation.READ and step.answers_job and state_before(history, step) == "Open":
                origin = step.resource.origin
                earlier = [one for one in closes if one.precedes(step) and one.resource.origin == origin]
                for close in {one.requested_serialization: one for one in earlier}.values():
                    yield Later(step, close)


@shown_across(f"{OFTEN} documented closes or more of empty jobs that were created alike")
def repeated_close(histories: Sequence[History]) -> Iterator[Repeated]:
    """The closes of new and empty jobs, in each serialization, the last held against the others."""
    alike: dict[tuple[object, ...], list[Step]] = {}
    for history in histories:
        created = history.created
        for asked in documented_close.find(history) if history.whole and created is not None else ():
            before = history.before(asked.step)
            if all(one.operation in (Operation.CREATE, Operation.READ) or one.refused for one in before):
                sent = [
                    (one.exchange.request.content_type, one.exchange.request.body) for one in (history.steps[0], asked.step)
                ]
                alike.setdefault((*sent, asked.step.resource.origin, asked.step.version), []).append(asked.step)
    for steps in alike.values():
        if len(steps) >= OFTEN:
            yield Repeated(steps[-1], tuple(steps[:-1]))


@shown_across("the same refusal in XML and in JSON")
def refused_in_both(histories: Sequence[History]) -> Iterator[Later]:
    """Requests that were refused in both serializations for a reason that is not in their bodies."""
    found = sorted(_refused(histories), key=lambda one: one[0])
    for _, group in groupby(found, key=lambda one: one[0]):
        first: dict[Serialization, Step] = {}
        for _, step in group:
            if step.requested_serialization is not None:
                first.setdefault(step.requested_serialization, step)
        if len(first) == len(Serialization):
            yield Later(first[Serialization.JSON], first[Serialization.XML])


def _refused(histories: Iterable[History]) -> Iterator[tuple[str, Step]]:
    """Refusals with 4xx and a readable body, and why."""
    for history in histories:
        attempts = [("a second close", one.step) for one in second_close.find(history)]
        attempts += [("an aborted job", one.step) for one in close_of_aborted.find(history)]
        misses = [(near_miss_of(step), step) for step in history.steps]
        attempts += [(name, step) for name, step in misses if name in OF_NO_BODY]
        for reason, step in attempts:
            if step.is_client_error and step.answer.document is not None:
                yield reason, step
