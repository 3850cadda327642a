"""Scenarios that close jobs in every legal form of the request."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import partial

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Request
from jobinfo_conformance._job_requests import plain
from jobinfo_conformance._job_requests.legal_forms import FORMS, TOGETHER, apply_forms
from jobinfo_conformance._scenarios.scenario import Scenario, scenario
from jobinfo_conformance._scenarios.shortening import fewest
from jobinfo_conformance._scenarios.stage import Stage
from jobinfo_conformance._subjects.attempts import close_in, combined_close

#: How many closes, each in several forms at once, are drawn in each serialization.
EXAMPLES = 2


def _names(serialization: Serialization, *, optional: bool) -> list[str]:
    return [form.name for form in FORMS.values() if serialization in form.serializations and form.optional is optional]


def _close_in_legal_forms(stage: Stage) -> None:
    """Close jobs in combined forms, in each form alone whose combination was refused, and in what Hypothesis draws.

    An optional form is sent alone, so that its refusal is not blamed on others. Hypothesis draws from the forms that are
    accepted, less those that are refused only in combination.
    """
    for name in _names(stage.form, optional=True):
        stage.attempt(partial(_close_in, stage, [name]))
    for names in TOGETHER[stage.form]:
        stage.attempt(partial(_close_in, stage, names))
    required, accepted_together = _names(stage.form, optional=False), _accepted(stage)
    for name in required:
        if name not in accepted_together:
            stage.attempt(partial(_close_in, stage, [name]))
    drawable = _accepted(stage).intersection(required)
    only_alone = drawable - accepted_together
    for names in TOGETHER[stage.form]:
        if only_alone & set(names):
            drawable -= _refused_together(stage, [name for name in names if name in drawable])
    stage.attempt(partial(_close_in_drawn_forms, stage, drawable))


def _close_in_drawn_forms(stage: Stage, forms: Collection[str]) -> None:
    """Close jobs in combinations of these forms that Hypothesis draws."""
    from hypothesis import strategies as st

    from jobinfo_conformance._scenarios.trials import drive
    from jobinfo_conformance.generate import close_requests

    def play(data: st.DataObject) -> None:
        job = stage.create()
        _send(stage, job, data.draw(close_requests(stage.form, job_id=job, resource=stage.endpoint.resource, forms=forms)))

    drive(stage, st.data(), play, examples=EXAMPLES)


def _close_in(stage: Stage, names: Iterable[str]) -> Step:
    job = stage.create()
    return _send(stage, job, apply_forms(names, plain.close(stage.endpoint, job, stage.form)))


def _send(stage: Stage, job: str, request: Request) -> Step:
    """Send a close, then read the job."""
    close = stage.send(request)
    stage.read(job)
    return close


def _refused_together(stage: Stage, names: Sequence[str]) -> set[str]:
    """The fewest of these forms, each accepted alone, in which a close is refused; none if a close in all is accepted."""

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


def _scenario_in(serialization: Serialization) -> Scenario:
    optional, required = _names(serialization, optional=True), _names(serialization, optional=False)
    jobs = len(optional) + len(TOGETHER[serialization]) + EXAMPLES
    return scenario(
        "close jobs in every legal form",
        requests=3 * jobs,
        jobs=jobs,
        shows=[combined_close, *map(close_in, optional + required)],
        only=(serialization,),
    )(_close_in_legal_forms)


in_xml, in_json = map(_scenario_in, Serialization)
