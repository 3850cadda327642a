"""Scenarios that send closes with one fault to an open job, which must refuse them and stay as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from jobinfo_conformance._contract.ids import long_form
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Request
from jobinfo_conformance._job_requests import plain
from jobinfo_conformance._job_requests.near_misses import NAMES_NO_JOB, NEAR_MISSES
from jobinfo_conformance._scenarios.scenario import Scenario, scenario
from jobinfo_conformance._scenarios.stage import Stage
from jobinfo_conformance._subjects.attempts import near_miss, refused_near_miss
from jobinfo_conformance._subjects.several_jobs import refused_in_both

#: How many sequences are drawn, and the most faulty closes in one.
EXAMPLES, LONGEST = 1, 3
#: A placeholder for the job's id until there is a job.
_PLACEHOLDER_ID = "750000000000000AAA"


class FaultyClose(NamedTuple):
    """A close to send: the name of its one fault, and the value to use where that leaves a choice, made from the job's id."""

    name: str
    value: Callable[[str], str] | None = None

    def apply(self, request: Request, job_id: str) -> Request:
        """The documented close of a job with this fault."""
        miss = NEAR_MISSES[self.name]
        return miss.apply(request) if self.value is None else miss.apply(request, self.value(long_form(job_id)))


def _names(serialization: Serialization) -> list[str]:
    return [miss.name for miss in NEAR_MISSES.values() if serialization in miss.serializations]


def _faults(serialization: Serialization, other_id: str) -> Iterator[FaultyClose]:
    """A close with each fault, and more of those of which one would not do.

    An endpoint that looks for the beginning of an id, or takes its length for granted, finds the job by a malformed one.
    ``other_id`` is that of another open job.
    """
    more: Mapping[str, Sequence[Callable[[str], str]]] = {
        "malformed-id": [*(itemgetter(slice(length)) for length in (14, 16, 17)), "{}A".format],
        "other-id": [lambda _: other_id],
    }
    for name in _names(serialization):
        yield from (FaultyClose(name, value) for value in (None, *more.get(name, ())))


def _faulty_closes(stage: Stage) -> None:
    """Send every fault to one job while it refuses them, and read it twice: after the faults that it must refuse, and last.

    If it is no longer open then, any of the faults that it refused may have closed it silently. They are sent again one by
    one, and the job is read after each.
    """
    job, other, refused_by_job, doubtful = stage.create(), stage.create(), list[FaultyClose](), list[FaultyClose]()

    def replace_job_unless_open(*, closed: bool = False) -> None:
        nonlocal job, refused_by_job
        if closed or not _is_open(stage.read(job)):
            doubtful.extend(refused_by_job)
            job = stage.create()
        refused_by_job = []

    faults = _faults(stage.form, other)
    for optional, group in groupby(faults, key=lambda fault: NEAR_MISSES[fault.name].optional):
        if optional:
            replace_job_unless_open()
        for fault in group:
            answered = stage.attempt(partial(_send, stage, job, fault), shows=[near_miss(fault.name)])
            if answered is None or not answered.refused:
                replace_job_unless_open(closed=_says_closed(answered))
            elif fault.name not in NAMES_NO_JOB:
                refused_by_job.append(fault)
    replace_job_unless_open()
    stage.close(job)
    stage.close(other)
    stage.afterwards(partial(_find_out_and_draw, stage, doubtful))


def _find_out_and_draw(stage: Stage, doubtful: list[FaultyClose]) -> None:
    _one_by_one(stage, doubtful)
    _drawn_faults(stage)


def _drawn_faults(stage: Stage) -> None:
    """Send drawn sequences of the faults that were refused, each to a job of its own."""
    from hypothesis import strategies as st

    from jobinfo_conformance._scenarios.trials import drive
    from jobinfo_conformance.generate import near_misses

    refused = frozenset(step.near_miss for step in stage.steps if step.refused and step.near_miss)

    def play(drawn: list[Request]) -> None:
        job = stage.create()
        for request in drawn:
            if not stage.send(plain.for_other_job(_PLACEHOLDER_ID, job, request)).refused:
                break
        if _is_open(stage.read(job)):
            stage.close(job)

    if refused:
        misses = near_misses(stage.form, job_id=_PLACEHOLDER_ID, resource=stage.endpoint.resource, names=refused)
        sizes = st.one_of(st.integers(1, LONGEST), st.just(LONGEST))
        sequences = sizes.flatmap(lambda size: st.lists(misses, min_size=size, max_size=size))
        drive(stage, sequences, play, examples=EXAMPLES)


def _one_by_one(stage: Stage, faults: list[FaultyClose]) -> None:
    """Send each fault to a job that is known to be open, and read the job afterwards."""
    job = None
    for fault in faults:
        job = job or stage.create()
        stage.attempt(partial(_send, stage, job, fault))
        if not _is_open(stage.read(job)):
            job = None
    if job is not None:
        stage.close(job)


def _send(stage: Stage, job: str, fault: FaultyClose) -> Step:
    return stage.send(fault.apply(plain.close(stage.endpoint, job, stage.form), job))


def _says_closed(step: Step | None) -> bool:
    return step is not None and step.accepted and step.job.get("state") == "Closed"


def _is_open(step: Step) -> bool:
    return bool(step.job.get("state") == "Open")


def _scenario_in(serialization: Serialization) -> Scenario:
    faults = len(list(_faults(serialization, _PLACEHOLDER_ID)))
    return scenario(
        "send faulty closes to an open job",
        requests=faults + 6 + EXAMPLES * (LONGEST + 3),
        jobs=2 + EXAMPLES,
        at_worst=faults * 6 + 8 + EXAMPLES * (LONGEST + 3) + (LONGEST + 1) * (LONGEST + 3),
        shows=[*map(near_miss, _names(serialization)), refused_near_miss, refused_in_both],
        only=(serialization,),
    )(_faulty_closes)


in_xml, in_json = map(_scenario_in, Serialization)
