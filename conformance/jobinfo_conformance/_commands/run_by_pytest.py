"""``run … -- PYTEST ARGUMENTS``: the same run, as a pytest session."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from jobinfo_conformance._settings import Options
from jobinfo_conformance.plugin import GIVEN, SUITE

#: The exit status for each of pytest's own, if the suite came to no results.
_STATUSES = {"OK": 3, "NO_TESTS_COLLECTED": 3, "TESTS_FAILED": 1, "INTERRUPTED": 2, "USAGE_ERROR": 2}
#: The variables through which the caller's settings would reach pytest.
_SETTINGS = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")


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
    handover = _Handover({"target": target, **options, "report": report})
    with _without(_SETTINGS):
        status = pytest.main([*isolated, *arguments], plugins=[handover])
    if handover.status is not None and not isinstance(handover.status, pytest.ExitCode):
        return handover.status
    if status == pytest.ExitCode.NO_TESTS_COLLECTED:
        print("jobinfo-conformance: nothing was tested: what follows -- leaves out every test", file=sys.stderr)
    return _STATUSES.get(pytest.ExitCode(status).name, 4)


@contextmanager
def _without(variables: Sequence[str]) -> Iterator[None]:
    """Take variables out of the environment for a while."""
    taken = {name: os.environ.pop(name) for name in variables if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(taken)


class _Handover:
    """Hands the session the options of `run`, and takes its exit status before pytest turns that into one of its own."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.__name__ = GIVEN  # under which pytest registers it
        self.options = {name.replace("_", "-"): value for name, value in options.items()}
        self.status: int | None = None

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Take the exit status."""
        session = config.pluginmanager.get_plugin("session")
        self.status = getattr(session, "exitstatus", None)
