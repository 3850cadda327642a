"""Scenarios that close jobs in every legal form of the request, and in every variant of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import partial

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Request
from jobinfo_conformance._job_requests import plain
from jobinfo_conformance._job_requests.legal_forms import FORMS, TOGETHER, VARIANTS, apply_variants
from jobinfo_conformance._scenarios.scenario import Scenario, scenario
from jobinfo_conformance._scenarios.shortening import fewest
from jobinfo_conformance._scenarios.stage import Obstacle, Stage
from jobinfo_conformance._subjects.attempts import close_in, combined_close
from jobinfo_conformance._subjects.kind import SubjectKind
from jobinfo_conformance._subjects.subject import Attempt

#: How many closes, each in several forms at once, are drawn in each serialization.
EXAMPLES = 1
#: The requests to close a job and see that it is closed: a create, the close, and a read.
_REQUESTS = 3


def _variants(serialization: Serialization, *, optional: bool) -> list[str]:
    """The variants of the forms that a serialization has, optional ones or the others."""
    variants = [variant for variant in VARIANTS.values() if serialization in variant.form.serializations]
    return [variant.name for variant in variants if variant.form.optional is optional]


def _close_in_legal_forms(stage: Stage) -> None:
    """Close jobs in combined variants, and in each variant alone whose combinations were refused.

    A variant of an optional form is sent alone, so that its refusal is not blamed on others. Where even the documented close
    is refused, no form is to blame, and no more are sent. Afterwards Hypothesis draws from the forms that were accepted.
    """
    accepted = set[str]()
    for names in (*([name] for name in _variants(stage.form, optional=True)), *TOGETHER[stage.form]):
        accepted.update(_accepted_in(stage, names))
    if not accepted and (documented := stage.attempt(partial(_close_in, stage, ()))) and documented.refused:
        stage.obstacles.append(Obstacle(f"the documented close is refused too: {documented.answered}"))
        return
    together, required = frozenset(accepted), _variants(stage.form, optional=False)
    for name in required:
        if name not in together:
            accepted.update(_accepted_in(stage, [name]))
    stage.afterwards(partial(_close_in_drawn_forms, stage, accepted, accepted - together))


def _close_in_drawn_forms(stage: Stage, accepted: Collection[str], only_alone: Collection[str]) -> None:
    """Close jobs in combinations of forms that Hypothesis draws.

    It draws forms of which every variant was ``accepted``, less those that are refused in combination: if some were accepted
    ``only_alone``, their combinations are shortened first.
    """
    from hypothesis import strategies as st

    from jobinfo_conformance._scenarios.trials import drive
    from jobinfo_conformance.generate import close_requests

    refused_together = set[str]()
    for names in TOGETHER[stage.form]:
        if set(only_alone) & set(names):
            refused_together |= _refused_together(stage, [name for name in names if name in accepted])
    kept = set(accepted) - refused_together
    required = _variants(stage.form, optional=False)
    forms = frozenset(FORMS) - {VARIANTS[name].form.name for name in required if name not in kept}
    forms -= {form.name for form in FORMS.values() if form.optional}

    def play(data: st.DataObject) -> None:
        job = stage.create()
        _send(stage, job, data.draw(close_requests(stage.form, job_id=job, resource=stage.endpoint.resource, forms=forms)))

    drive(stage, st.data(), play, examples=EXAMPLES)


def _accepted_in(stage: Stage, names: Collection[str]) -> Collection[str]:
    """These variants, if a close in all of them is accepted; else none."""
    close = stage.attempt(partial(_close_in, stage, names), shows=_shown_in(names))
    return names if close is not None and close.accepted else ()


def _shown_in(names: Collection[str]) -> list[SubjectKind[Attempt]]:
    """The kinds of subject that a close in these variants shows."""
    together = [combined_close] if len(names) > 1 else []
    return [*together, *(close_in(VARIANTS[name].form.name) for name in names)]


def _close_in(stage: Stage, names: Iterable[str]) -> Step:
    job = stage.create()
    return _send(stage, job, apply_variants(names, plain.close(stage.endpoint, job, stage.form)))


def _send(stage: Stage, job: str, request: Request) -> Step:
    """Send a close, then read the job."""
    close = stage.send(request)
    stage.read(job)
    return close


def _refused_together(stage: Stage, names: Sequence[str]) -> set[str]:
    """The fewest of these variants, each accepted alone, in which a close is refused; none if one in all is accepted."""

    def refused(fewer: Sequence[str]) -> bool:
        with stage.trial() as exchanges:
            close = stage.attempt(partial(_close_in, stage, fewer))
        if close is None or not close.refused:
            return False
        stage.show_first(exchanges)
        return True

    return set(fewest(names, refused)) if refused(names) else set()


def _scenario_in(serialization: Serialization) -> Scenario:
    optional, required = _variants(serialization, optional=True), _variants(serialization, optional=False)
    together = TOGETHER[serialization]
    jobs = len(optional) + len(together) + EXAMPLES
    shortened = sum(1 + len(names) for names in together)
    return scenario(
        "close jobs in every legal form",
        requests=_REQUESTS * jobs,
        jobs=jobs,
        at_worst=_REQUESTS * (jobs + len(required) + shortened + 1),
        shows=[combined_close, *(close_in(form.name) for form in FORMS.values() if serialization in form.serializations)],
        only=(serialization,),
    )(_close_in_legal_forms)


in_xml, in_json = map(_scenario_in, Serialization)
