"""The suite against itself, with generated payloads: conformant ones pass, and every single damage is noticed.

A failure here is an error of the suite, never of the target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._self_check import CHECKS, Check, NothingToCheck

if TYPE_CHECKING:
    from jobinfo_conformance._evidence.observation import Observation


@pytest.mark.parametrize("serialization", list(Serialization), ids=str)
@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_suite_against_itself(check: Check, serialization: Serialization, jobinfo_observation: Observation) -> None:
    """Generated payloads are judged as the contract says."""
    try:
        check(serialization, jobinfo_observation)
    except NothingToCheck as reason:
        pytest.skip(str(reason))
