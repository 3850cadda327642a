"""A network that fails now and then is nobody's fault: what it hides is inconclusive, and nothing fails."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from jobinfo_conformance import run
from jobinfo_conformance._results.results import Outcome, Verdict
from jobinfo_conformance._targets.target import TargetUnusable
from tests.endpoint import SESSION, endpoint
from tests.flaky import TROUBLES, flaky

_SEEDS = range(20)


@pytest.fixture(scope="module")
def met() -> set[str]:
    """The troubles that came up in any of the runs."""
    return set()


@pytest.mark.parametrize("seed", _SEEDS)
def test_a_flaky_network_fails_no_requirement(seed: int, met: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are lost before, inside and after their bytes, come late, or find their connection closed."""
    monkeypatch.setenv("JOBINFO_SESSION_ID", SESSION)
    with endpoint() as behind, flaky(urlsplit(behind.url).port or 0, seed) as network:
        try:
            results = run(network.url, serialization=("xml", "json")[seed % 2], timeout=10, wait=2)
        except TargetUnusable:  # the very first answer was lost
            return
        finally:
            met |= network.met
    failed = [judgement for judgement in results.requirements if judgement.outcome in (Outcome.WARN, Outcome.FAIL)]
    assert [(judgement.name, judgement.findings[0].message) for judgement in failed] == []
    assert [judgement.reason for judgement in results.requirements if judgement.outcome is Outcome.ERROR] == []
    assert results.verdict in (Verdict.INCONCLUSIVE, Verdict.CONFORMANT)


def test_each_trouble_came_up(met: set[str]) -> None:
    """Or the runs above would show too little."""
    assert met == {trouble.__name__ for trouble in TROUBLES}
