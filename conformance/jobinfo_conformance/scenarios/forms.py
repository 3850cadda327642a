"""Scenarios that close jobs in every legal form of the request."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from hypothesis import strategies as st

from jobinfo_conformance import subjects
from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.evidence.exchange import Request
from jobinfo_conformance.forms import FORMS, TOGETHER, forms_of, put
from jobinfo_conformance.generate.requests import close_requests
from jobinfo_conformance.scenarios import requests
from jobinfo_conformance.scenarios.drawn import drive
from jobinfo_conformance.scenarios.scenario import Stage, scenario

#: How many closes, each in several forms at once, are drawn in each serialization.
EXAMPLES = 3


def _names(serialization: Serialization, *, optional: bool) -> list[str]:
    return [form.name for form in FORMS.values() if serialization in form.serializations and form.optional is optional]


def _legal_forms(stage: Stage) -> None:
    """Close a job in what Hypothesis draws; where a form did not come up, in those that go together, and then in each alone.

    An optional form is asked for by itself, so that its refusal is nobody else's.
    """
    required = _names(stage.form, optional=False)

    def play(data: st.DataObject) -> None:
        job = stage.create()
        drawn = close_requests(stage.form, job_id=job, resource=stage.endpoint.resource, forms=frozenset(required))
        _send(stage, job, data.draw(drawn))

    for name in _names(stage.form, optional=True):
        stage.attempt(partial(_close_in, stage, [name]))
    stage.attempt(lambda: drive(stage, st.data(), play, examples=EXAMPLES))
    for names in (*TOGETHER[stage.form], *([name] for name in required)):
        if not _tested(stage) >= set(names):
            stage.attempt(partial(_close_in, stage, names))


for _form in Serialization:
    _every = _names(_form, optional=True) + _names(_form, optional=False)
    _jobs = len(_names(_form, optional=True)) + len(TOGETHER[_form]) + EXAMPLES
    scenario(
        "close jobs in every legal form",
        requests=3 * _jobs,
        jobs=_jobs,
        shows=[subjects.combined_close, *map(subjects.close_in, _every)],
        only=(_form,),
    )(_legal_forms)


def _close_in(stage: Stage, names: Iterable[str]) -> None:
    job = stage.create()
    _send(stage, job, put(names, requests.close(stage.endpoint, job, stage.form)))


def _send(stage: Stage, job: str, request: Request) -> None:
    """Send a close, and see what became of the job."""
    stage.send(request)
    stage.read(job)


def _tested(stage: Stage) -> set[str]:
    """The forms that were accepted, or refused by themselves."""
    return {name for step in stage.steps for name in forms_of(step) if step.accepted or forms_of(step) == {name}}
