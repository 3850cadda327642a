"""``run … -- PYTEST ARGUMENTS``: the same run, as a pytest session."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from jobinfo_conformance._pytest_session import GIVEN, Given
from jobinfo_conformance._settings import Options
from jobinfo_conformance.plugin import SUITE

#: The exit status for each of pytest's own, if the suite came to no results.
_STATUSES = {"OK": 3, "NO_TESTS_COLLECTED": 3, "TESTS_FAILED": 1, "INTERRUPTED": 2, "USAGE_ERROR": 2}


def run_by_pytest(
    target: str | None, options: Options, report: str | None, arguments: Sequence[str], *, collect_only: bool
) -> int:
    """Run the suite with the package's own ini file, and none of the caller's settings."""
    own = Path(__file__).parent.parent
    isolated = ["--pyargs", SUITE, "-c", str(own / "suite" / "pytest.ini"), "--rootdir", str(own), "--noconftest"]
    isolated += ["-p", "no:cacheprovider", "--assert=plain", "--tb=no", "-rN", "-W", "ignore"]
    if "jobinfo_conformance.plugin" not in {point.value for point in entry_points(group="pytest11")}:
        isolated += ["-p", "jobinfo_conformance.plugin"]
    if collect_only:
        isolated.append("--collect-only")
    if not any(argument.startswith(("-v", "--verbose", "-q", "--quiet")) for argument in arguments):
        isolated.append("-qq")
    for variable in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
        os.environ.pop(variable, None)
    handover = _Handover(Given(target, options, report))
    status = pytest.main([*isolated, *arguments], plugins=[handover])
    if handover.status is not None and not isinstance(handover.status, pytest.ExitCode):
        return handover.status
    return _STATUSES.get(pytest.ExitCode(status).name, 4)


class _Handover:
    """Hands the session what it is given, and takes its exit status before pytest turns that into one of its own."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self.status: int | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        """Register what is given where the plugin looks for it."""
        config.pluginmanager.register(self._given, GIVEN)

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Take the exit status."""
        session = config.pluginmanager.get_plugin("session")
        self.status = getattr(session, "exitstatus", None)
