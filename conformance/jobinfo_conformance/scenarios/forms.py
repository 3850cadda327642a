"""Scenarios that close jobs in every legal form of the request."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from hypothesis import strategies as st

from jobinfo_conformance import subjects
from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.evidence.exchange import Request
from jobinfo_conformance.evidence.history import Step
from jobinfo_conformance.forms import FORMS, forms_of
from jobinfo_conformance.generate.requests import close_requests
from jobinfo_conformance.scenarios import requests
from jobinfo_conformance.scenarios.drawn import drive
from jobinfo_conformance.scenarios.scenario import Stage, scenario

#: How many closes, each in several forms at once, are drawn in each serialization.
EXAMPLES = 4


def _names(serialization: Serialization) -> list[str]:
    return [form.name for form in FORMS.values() if serialization in form.serializations]


def _legal_forms(stage: Stage) -> None:
    """Close a job for what Hypothesis draws, and one for each form that did not come up in it.

    An optional form is asked for by itself, so that its refusal is nobody else's.
    """
    names = _names(stage.form)
    required = frozenset(name for name in names if not FORMS[name].optional)

    def play(data: st.DataObject) -> None:
        job = stage.create()
        drawn = close_requests(stage.form, job_id=job, resource=stage.endpoint.resource, forms=required)
        _send(stage, job, data.draw(drawn))

    for name in names:
        if name not in required:
            stage.attempt(partial(_close_in, stage, name))
    stage.attempt(lambda: drive(stage, st.data(), play, examples=EXAMPLES))
    for name in sorted(required - _tested(stage)):
        stage.attempt(partial(_close_in, stage, name))


for _form in Serialization:
    scenario(
        "close jobs in every legal form",
        requests=2 * (EXAMPLES + len(_names(_form))),
        jobs=EXAMPLES + len(_names(_form)),
        shows=[subjects.close_in(name) for name in _names(_form)] + [subjects.combined_close],
        only=(_form,),
    )(_legal_forms)


def _close_in(stage: Stage, name: str) -> None:
    job = stage.create()
    _send(stage, job, FORMS[name].put(requests.close(stage.endpoint, job, stage.form)))


def _send(stage: Stage, job: str, request: Request) -> None:
    """Send a close; where it is refused, see whether the job is open still."""
    if stage.send(request).refused:
        stage.read(job)


def _closes(stage: Stage) -> Iterator[Step]:
    for exchange in (*stage.seen, *(one for trial in stage.trials for one in trial)):
        step = Step.of(exchange)
        if step is not None:
            yield step


def _tested(stage: Stage) -> set[str]:
    """The forms that were accepted, or refused by themselves."""
    return {name for step in _closes(stage) for name in forms_of(step) if step.accepted or forms_of(step) == {name}}
