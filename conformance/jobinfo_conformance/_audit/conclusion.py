"""The results of an audit: those of a run on the jobs that were kept as samples, with the counts of the whole archive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import count

from jobinfo_conformance._audit.sources import place
from jobinfo_conformance._audit.tally import Spread, Tally
from jobinfo_conformance._catalogue.catalogue import Catalogue, CataloguePlace
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._counted import counted
from jobinfo_conformance._evidence.history import histories, told_apart
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._evidence.passed_over import PassedOver
from jobinfo_conformance._results.problem import Extent, Problem
from jobinfo_conformance._results.results import Judgement, Outcome, Results
from jobinfo_conformance._run import Run
from jobinfo_conformance._settings import Settings
from jobinfo_conformance._subjects.kind import SubjectKindAcross


def results_of(tally: Tally, target: str, settings: Settings) -> Results:
    """Return the results of an audit."""
    run = Run(None, settings)
    run.observation = _samples(tally, target, settings.catalogue)
    run.errors += tally.errors
    cases = _cases(tally, settings.catalogue)
    judged = [_of_all(run.judge(each), cases[each], tally.failing[each]) for each in cases]
    results = run.concluded(judged)
    return replace(
        results,
        requests=tally.exchanges,
        problems=tuple(_with_extent(problem, tally) for problem in results.problems),
        passed_over=tuple(passed_over(tally.passed_over)),
        shortfall=_shortfall(results, tally),
    )


def _shortfall(results: Results, tally: Tally) -> str | None:
    """Why an archive does not show the operation at work; the samples tell more only if they are all that there is."""
    if results.shortfall is None or len(results.exchanges) == tally.exchanges:
        return results.shortfall
    return f"no accepted close with its body was judged: none is among {counted(tally.exchanges, 'exchange')}"


def _samples(tally: Tally, target: str, catalogue: Catalogue) -> Observation:
    """The jobs that were kept, as if they were all that there is, but each judged by itself, as all jobs were."""
    numbers = count()
    jobs = [
        told_apart(histories([replace(exchange, entry=next(numbers)) for exchange in sample.exchanges]))
        for sample in tally.samples
    ]
    found = [history for job in jobs for history in job]
    versions = {step.resource.version_text for history in found for step in history.steps}
    observation = Observation(
        target,
        tuple(found),
        requests=tally.exchanges,
        serializations=tuple(Serialization),
        version=versions.pop() if len(versions) == 1 else None,
    )
    for kind in {requirement.on for requirement in catalogue.judged.values() if isinstance(requirement.on, SubjectKindAcross)}:
        observation.found[kind] = tuple(subject for job in jobs for subject in kind.find_in(job))
    return observation


def _cases(tally: Tally, catalogue: Catalogue) -> Mapping[CataloguePlace, int]:
    """How many subjects each requirement was judged on."""
    cases = dict.fromkeys((*catalogue.places, *catalogue.later_places), 0)
    for (kind, form, major), times in tally.seen.items():
        for name, place_form in cases:
            requirement = catalogue.judged[name]
            if requirement.on.name == kind and place_form in (None, form) and major >= requirement.since.major:
                cases[name, place_form] += times
    return cases


def _of_all(judgement: Judgement, cases: int, failing: int) -> Judgement:
    """A judgement on the samples, with the numbers of the whole archive."""
    if judgement.outcome is Outcome.PASS:
        return replace(judgement, reason=counted(cases, "case"))
    if judgement.outcome.holds:
        return judgement
    return replace(judgement, reason=f"{counted(failing, 'failure')} in {counted(cases, 'case')}")


def _with_extent(problem: Problem, tally: Tally) -> Problem:
    """A problem in the samples, with the numbers of the whole archive."""
    spread = tally.problems[problem.requirement]
    return replace(
        problem,
        cases=sum(tally.failing[problem.requirement, form] for form in problem.serializations or (None,)),
        extent=Extent(spread.jobs, spread.exchanges, tuple(place(file, entry) for file, entry in spread.first)),
        follows=tuple(replace(each, cases=tally.failing[each.requirement, each.serialization]) for each in problem.follows),
    )


def passed_over(counts: Mapping[str, Spread]) -> Iterable[PassedOver]:
    """The first entries that were passed over for each reason; the last of them stands for all others."""
    for reason, spread in sorted(counts.items()):
        *first, (file, entry) = spread.first
        yield from (PassedOver(number, place(name, number), reason) for name, number in first)
        yield PassedOver(entry, place(file, entry), reason, spread.exchanges - len(first))
