"""How many conformant exchanges the suite objects to: ``python bench/false_alarms.py [COUNT]``.

Generates COUNT different conformant exchanges (default: 10,000) in five versions and both serializations, and judges each by
every requirement. Prints each finding, and the number of exchanges of each kind; exits 1 if there was a finding.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from itertools import count

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import JSON_SINCE, Version
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._judging import by_kind, findings_in
from jobinfo_conformance.generate import exchanges

VERSIONS = [Version(number) for number in (17, 18, 19, 36, 62)]
OFFERED = [(Serialization.XML, version) for version in VERSIONS]
OFFERED += [(Serialization.JSON, version) for version in VERSIONS if version >= JSON_SINCE]
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


def main(wanted: int) -> int:
    """Judge this many exchanges; the exit status says whether there was a finding."""
    kinds: dict[Exchange, str] = {}
    findings: list[str] = []

    def judge(exchange: Exchange) -> None:
        if exchange in kinds or len(kinds) == wanted:
            return
        history = History.of([exchange])
        [step] = history.steps
        kinds[exchange] = f"{step.request.serialization} {step.version} {step.operation.name.lower()} {step.status}"
        findings.extend(
            f"{finding.requirement}: {finding.message}, in {finding.where}"
            for finding in findings_in(history, by_kind(BUILT_IN.requirements.values()))
        )

    started = time.perf_counter()
    for number in count():  # Hypothesis varies what it drew, so one round covers only a region of all exchanges
        if len(kinds) == wanted:
            break
        seed(number)(QUIET(given(exchange=offered())(judge)))()
    for kind, times in sorted(Counter(kinds.values()).items()):
        sys.stdout.write(f"{times:6} {kind}\n")
    sys.stdout.writelines(f"{finding}\n" for finding in findings)
    seconds = time.perf_counter() - started
    sys.stdout.write(f"{len(kinds)} different exchanges in {seconds:.0f} s, {len(findings)} findings\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
