"""How often the suite objects to what conforms.

``python bench/false_alarms.py [COUNT]`` generates COUNT different conformant exchanges (default: 10,000) in five versions and
both serializations, and judges each by every requirement. It prints each finding, and the number of exchanges of each kind.

``python bench/false_alarms.py servers [MANNER|SEED …]`` runs the whole suite, with ``--strict``, on the reference in each of
its manners, and in combinations of up to 12 manners that are drawn from a seed. Without arguments these are all manners, and
the seeds 1 to 20. It prints a row for each: the seconds, and each requirement whose outcome is another than on the reference
as it is.

The exit status is 1 if there was a finding.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import jobinfo_conformance
from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._catalogue.catalogue import CataloguePlace
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import JSON_SINCE, Version
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._judging import by_kind, findings_in
from jobinfo_conformance._results.results import Outcome
from jobinfo_conformance.generate import exchanges

VERSIONS = [Version(number) for number in (17, 18, 19, 36, 62)]
OFFERED = [(Serialization.XML, version) for version in VERSIONS]
OFFERED += [(Serialization.JSON, version) for version in VERSIONS if version >= JSON_SINCE]
SEEDS = range(1, 21)
MOST_MANNERS = 12
#: How long the suite waits for batches, in seconds: longer than they take in any manner.
WAIT = 4
#: The runs in which combinations are tried, one after the other.
OPTIONS: tuple[dict[str, Any], ...] = ({}, {"writes": True}, {"api_version": "62.0"}, {"workers": 4}, {"no_queries": True})
QUIET = settings(
    max_examples=500,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@st.composite
def offered(draw: st.DrawFn) -> Exchange:
    """Draw a conformant exchange in one of these versions and serializations."""
    form, version = draw(st.sampled_from(OFFERED))
    return draw(exchanges(form, version=version))


def drawn(wanted: int) -> list[Exchange]:
    """Draw this many different exchanges."""
    found: dict[Exchange, None] = {}

    def keep(exchange: Exchange) -> None:
        if len(found) < wanted:
            found[exchange] = None

    for number in count():  # Hypothesis varies what it drew, so one round covers only a region of all exchanges
        if len(found) == wanted:
            break
        seed(number)(QUIET(given(exchange=offered())(keep)))()
    return list(found)


def of_exchanges(wanted: int) -> int:
    """Judge this many exchanges; the exit status says whether there was a finding."""
    started = time.perf_counter()
    kinds: Counter[str] = Counter()
    findings: list[str] = []
    for exchange in drawn(wanted):
        history = History.of([exchange])
        [step] = history.steps
        kinds[f"{step.request.serialization} {step.version} {step.operation.name.lower()} {step.status}"] += 1
        findings.extend(
            f"{finding.requirement}: {finding.message}, in {finding.where}"
            for finding in findings_in(history, by_kind(BUILT_IN.requirements.values()))
        )
    for kind, times in sorted(kinds.items()):
        sys.stdout.write(f"{times:6} {kind}\n")
    sys.stdout.writelines(f"{finding}\n" for finding in findings)
    seconds = time.perf_counter() - started
    sys.stdout.write(f"{wanted} different exchanges in {seconds:.0f} s, {len(findings)} findings\n")
    return 1 if findings else 0


def of_servers(wanted: list[str]) -> int:
    """Run the suite on the reference in these manners and combinations; the exit status says whether there was a finding."""
    usual = {repr(options): outcomes([], options) for options in OPTIONS}
    started, findings = time.perf_counter(), 0
    for title, names, options in servers(wanted):
        clock = time.perf_counter()
        hidden = {name for manner in names for name in BUILT_IN.manners[manner].hides}
        expected, found = usual[repr(options)], outcomes(names, options)
        different = [place for place in found if found[place] != expected[place] and place[0] not in hidden]
        findings += len(different)
        said = ", ".join(f"{name} ({form}) {found[name, form]}" for name, form in different) or "no finding"
        print(f"{time.perf_counter() - clock:6.1f} s  {title}: {said}", flush=True)
    print(f"{len(wanted)} servers in {time.perf_counter() - started:.0f} s, {findings} findings")
    return 1 if findings else 0


def servers(wanted: list[str]) -> Iterator[tuple[str, list[str], dict[str, Any]]]:
    """Yield a title, the manners and the options of a run for each manner and seed."""
    for text in wanted:
        if text.isdecimal():
            options = OPTIONS[int(text) % len(OPTIONS)]
            names = combination(int(text))
            yield f"{text}, {' '.join(map(str, options)) or 'as usual'}, {' + '.join(names)}", names, options
        else:
            yield text, [text], {}


def combination(seed: int) -> list[str]:
    """Draw manners that can be had together."""
    draw = random.Random(seed)  # noqa: S311  # the same each time
    names: list[str] = []
    settled: set[str] = set()
    for manner in draw.sample(list(BUILT_IN.manners.values()), len(BUILT_IN.manners)):
        if len(names) < MOST_MANNERS and not manner.settles & settled:
            names.append(manner.name)
            settled |= manner.settles
    return names


def outcomes(manners: list[str], options: dict[str, Any]) -> dict[CataloguePlace, Outcome]:
    """Run the suite, and return the outcome of each requirement. Raises RuntimeError if the suite itself fails."""
    results = jobinfo_conformance.run("reference", strict=True, wait=WAIT, manner=manners, **options)
    if results.errors:
        raise RuntimeError(results.errors[0])
    return {(judgement.id, judgement.serialization): judgement.outcome for judgement in results.requirements}


def main(arguments: list[str]) -> int:
    """Measure what the arguments name."""
    if arguments[:1] == ["servers"]:
        return of_servers(arguments[1:] or [*BUILT_IN.manners, *map(str, SEEDS)])
    return of_exchanges(int(arguments[0]) if arguments else 10_000)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
