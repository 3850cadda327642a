"""Each requirement, in each serialization, against what the target was seen to do."""

from collections.abc import Callable

import pytest

from jobinfo_conformance.checks import CATALOGUE
from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.evidence.observation import Observation
from jobinfo_conformance.verdicts import Verdict, judge

CASES = [
    pytest.param(name, serialization, id=f"{name}-{serialization}" if serialization else name)
    for name, check in CATALOGUE.items()
    for serialization in check.requirement.serializations
]


@pytest.mark.parametrize(("requirement", "serialization"), CASES)
def test_requirement(
    requirement: str,
    serialization: Serialization | None,
    jobinfo_observation: Observation,
    pytestconfig: pytest.Config,
    jobinfo_settle: Callable[[Verdict], None],
) -> None:
    """The requirement holds wherever the evidence can show it."""
    strict = pytestconfig.option.jobinfo_strict
    jobinfo_settle(judge(CATALOGUE[requirement], serialization, jobinfo_observation, strict=strict))
