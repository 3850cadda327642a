"""The audit of dependencies says what it knows, and never passes off silence as safety."""

from __future__ import annotations

from tests.vulnerabilities import verdict

SAFE = {"name": "a", "version": "1", "vulns": []}
SKIPPED = {"name": "b", "version": "2", "skip_reason": "not found"}
VULNERABLE = {"name": "c", "version": "3", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1"]}]}


def test_a_vulnerable_package_fails_the_audit() -> None:
    """And it is said which, and where it is mended."""
    said = ["c 3: PYSEC-1, mended in ['3.1']", "2 of 3 packages looked up, 1 vulnerabilities"]
    assert verdict([SAFE, SKIPPED, VULNERABLE]) == (said, 1)
    assert verdict([SAFE]) == (["1 of 1 packages looked up, 0 vulnerabilities"], 0)


def test_an_audit_that_could_look_nothing_up_says_so() -> None:
    """As without a network."""
    for found in ([SKIPPED], [], "no route to host"):
        [said], status = verdict(found)
        assert said.startswith("nothing could be looked up, so nothing is known: ")
        assert status == 0
