"""Scenarios that send closes with one fault to an open job, which has to refuse them and to stay as it is."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from hypothesis import strategies as st

from jobinfo_conformance import subjects
from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.evidence.exchange import Request
from jobinfo_conformance.evidence.history import Step
from jobinfo_conformance.generate.near_misses import near_misses
from jobinfo_conformance.near_misses import NEAR_MISSES, OF_NO_JOB, near_miss_of
from jobinfo_conformance.scenarios import requests
from jobinfo_conformance.scenarios.drawn import drive
from jobinfo_conformance.scenarios.scenario import Stage, scenario

#: How many sequences are drawn, and the most faulty closes in one.
EXAMPLES, LONGEST = 1, 4
#: Stands for the job's id until there is a job.
_ANY_JOB = "750000000000000AAA"


def _names(serialization: Serialization) -> list[str]:
    return [miss.name for miss in NEAR_MISSES.values() if serialization in miss.serializations]


def _faulty_closes(stage: Stage) -> None:
    """Send every fault to one job, as long as it refuses them, then look at it once.

    Where it is not open any more, any of those that it refused may have closed it in silence: they are sent again, each to
    a job that is looked at afterwards. Then Hypothesis draws sequences of those that were refused.
    """
    job, refused_by_job, doubtful = stage.create(), list[str](), list[str]()
    for name in _names(stage.form):
        answered = stage.attempt(partial(_send, stage, job, name))
        if answered is not None and answered.refused:
            refused_by_job += [name] if name not in OF_NO_JOB else []
            continue
        if _says_closed(answered) or not _is_open(stage.read(job)):
            doubtful += refused_by_job
            job = stage.create()
        refused_by_job = []
    if _is_open(stage.read(job)):
        stage.close(job)
    else:
        doubtful += refused_by_job
    _one_by_one(stage, doubtful)
    steps = [step for step in map(Step.of, stage.seen) if step is not None]
    refused = frozenset(miss for step in steps if step.refused and (miss := near_miss_of(step)))

    def play(drawn: list[Request]) -> None:
        job = stage.create()
        for request in drawn:
            if not stage.send(replace(request, url=request.url.replace(_ANY_JOB, job))).refused:
                break
        if _is_open(stage.read(job)):
            stage.close(job)

    if refused:
        misses = near_misses(stage.form, job_id=_ANY_JOB, resource=stage.endpoint.resource, names=refused)
        sizes = st.one_of(st.integers(1, LONGEST), st.just(LONGEST))
        several = sizes.flatmap(lambda size: st.lists(misses, min_size=size, max_size=size))
        drive(stage, several, play, examples=EXAMPLES, simplest=False)


for _form in Serialization:
    scenario(
        "send faulty closes to an open job",
        requests=len(_names(_form)) + 3 + EXAMPLES * (LONGEST + 3),
        jobs=1 + EXAMPLES,
        shows=[subjects.near_miss(name) for name in _names(_form)] + [subjects.refused_near_miss, subjects.refused_in_both],
        only=(_form,),
    )(_faulty_closes)


def _one_by_one(stage: Stage, names: list[str]) -> None:
    """Send each fault to a job that is known to be open, and read it afterwards."""
    job = None
    for name in names:
        job = job or stage.create()
        stage.attempt(partial(_send, stage, job, name))
        if not _is_open(stage.read(job)):
            job = None
    if job is not None:
        stage.close(job)


def _send(stage: Stage, job: str, name: str) -> Step:
    return stage.send(NEAR_MISSES[name].put(requests.close(stage.endpoint, job, stage.form)))


def _says_closed(step: Step | None) -> bool:
    return step is not None and step.accepted and step.job.get("state") == "Closed"


def _is_open(step: Step) -> bool:
    return step.job.get("state") == "Open"
