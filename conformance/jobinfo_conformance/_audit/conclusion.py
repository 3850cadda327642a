"""The results of an audit: those of a run on the jobs that were kept as samples, with the counts of the whole archive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from jobinfo_conformance._audit.sources import place
from jobinfo_conformance._audit.tally import Spread, Tally
from jobinfo_conformance._catalogue.catalogue import Catalogue, CataloguePlace
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.history import histories, told_apart
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._evidence.passed_over import PassedOver
from jobinfo_conformance._results.problem import Extent, Problem
from jobinfo_conformance._results.results import Judgement, Outcome, Results
from jobinfo_conformance._run import Run
from jobinfo_conformance._settings import Settings


def results_of(tally: Tally, target: str, settings: Settings) -> Results:
    """Return the results of an audit."""
    run = Run(None, settings)
    run.observation = _samples(tally, target)
    run.errors += tally.errors
    cases = _cases(tally, settings.catalogue)
    judged = [_counted(run.judge(each), cases[each], tally.failing[each]) for each in cases]
    results = run.concluded(judged)
    lacking = None if tally.works else results.shortfall
    return replace(
        results,
        requests=tally.exchanges,
        problems=tuple(_with_extent(problem, tally) for problem in results.problems),
        passed_over=tuple(passed_over(tally.passed_over)),
        shortfall=lacking,
    )


def _samples(tally: Tally, target: str) -> Observation:
    """The jobs that were kept, as if they were all that there is."""
    exchanges = [exchange for sample in tally.samples for exchange in sample.exchanges]
    numbered = [replace(exchange, entry=number) for number, exchange in enumerate(exchanges)]
    found = told_apart(histories(numbered))
    versions = {step.resource.version_text for history in found for step in history.steps}
    return Observation(
        target,
        tuple(found),
        requests=tally.exchanges,
        serializations=tuple(Serialization),
        version=versions.pop() if len(versions) == 1 else None,
    )


def _cases(tally: Tally, catalogue: Catalogue) -> Mapping[CataloguePlace, int]:
    """How many subjects each requirement was judged on."""
    cases = dict.fromkeys((*catalogue.places, *catalogue.later_places), 0)
    for (kind, form, major), times in tally.seen.items():
        for name, place_form in cases:
            requirement = catalogue.judged[name]
            if requirement.on.name == kind and place_form in (None, form) and major >= requirement.since.major:
                cases[name, place_form] += times
    return cases


def _counted(judgement: Judgement, cases: int, failing: int) -> Judgement:
    """A judgement on the samples, with the numbers of the whole archive."""
    if judgement.outcome is Outcome.PASS:
        return replace(judgement, reason=_number(cases, "case"))
    if judgement.outcome.holds:
        return judgement
    return replace(judgement, reason=f"{_number(failing, 'failure')} in {_number(cases, 'case')}")


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


def _number(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"
