"""Scenarios that close jobs in every legal form of the request."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import partial

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Request
from jobinfo_conformance._job_requests import plain
from jobinfo_conformance._job_requests.legal_forms import FORMS, TOGETHER, put
from jobinfo_conformance._scenarios.scenario import Scenario, scenario
from jobinfo_conformance._scenarios.shortening import fewest
from jobinfo_conformance._scenarios.stage import Stage
from jobinfo_conformance._subjects.attempts import close_in, combined_close

#: How many closes, each in several forms at once, are drawn in each serialization.
EXAMPLES = 2


def _names(serialization: Serialization, *, optional: bool) -> list[str]:
    return [form.name for form in FORMS.values() if serialization in form.serializations and form.optional is optional]


def _legal_forms(stage: Stage) -> None:
    """Close jobs in the forms that go together, in each alone that was refused so, and in what Hypothesis draws of the rest.

    An optional form is asked for by itself, so that its refusal is nobody else's.
    """
    for name in _names(stage.form, optional=True):
        stage.attempt(partial(_close_in, stage, [name]))
    for names in TOGETHER[stage.form]:
        stage.attempt(partial(_close_in, stage, names))
    required, together = _names(stage.form, optional=False), _accepted(stage)
    for name in required:
        if name not in together:
            stage.attempt(partial(_close_in, stage, [name]))
    taken = _accepted(stage).intersection(required)
    only_alone = taken - together
    for names in TOGETHER[stage.form]:
        if only_alone & set(names):
            taken -= _refused_together(stage, [name for name in names if name in taken])
    stage.attempt(partial(_drawn_closes, stage, taken))


def _drawn_closes(stage: Stage, forms: Collection[str]) -> None:
    """Close jobs in what Hypothesis draws of some forms."""
    from hypothesis import strategies as st

    from jobinfo_conformance._scenarios.trials import drive
    from jobinfo_conformance.generate import close_requests

    def play(data: st.DataObject) -> None:
        job = stage.create()
        _send(stage, job, data.draw(close_requests(stage.form, job_id=job, resource=stage.endpoint.resource, forms=forms)))

    drive(stage, st.data(), play, examples=EXAMPLES)


def _close_in(stage: Stage, names: Iterable[str]) -> Step:
    job = stage.create()
    return _send(stage, job, put(names, plain.close(stage.endpoint, job, stage.form)))


def _send(stage: Stage, job: str, request: Request) -> Step:
    """Send a close, and see what became of the job."""
    close = stage.send(request)
    stage.read(job)
    return close


def _refused_together(stage: Stage, names: Sequence[str]) -> set[str]:
    """The fewest of several forms, each of which is accepted alone, in which a close is still refused; none where it is not."""

    def refused(fewer: Sequence[str]) -> bool:
        with stage.trial() as exchanges:
            close = stage.attempt(partial(_close_in, stage, fewer))
        if close is None or not close.refused:
            return False
        stage.show_first(exchanges)
        return True

    return set(fewest(names, refused)) if refused(names) else set()


def _accepted(stage: Stage) -> set[str]:
    """The forms in which a close was accepted."""
    return {name for step in stage.steps if step.accepted for name in step.legal_forms}


def _in(form: Serialization) -> Scenario:
    optional, required = _names(form, optional=True), _names(form, optional=False)
    jobs = len(optional) + len(TOGETHER[form]) + EXAMPLES
    return scenario(
        "close jobs in every legal form",
        requests=3 * jobs,
        jobs=jobs,
        shows=[combined_close, *map(close_in, optional + required)],
        only=(form,),
    )(_legal_forms)


in_xml, in_json = map(_in, Serialization)
