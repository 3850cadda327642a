"""The pytest plugin: options, fixtures, and the hooks that make tests of judgements and an exit status of the results.

It loads in every pytest run of its environment, so it imports the rest of the package only once the suite is used.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobinfo_conformance._options import FAMILIES, OPTIONS, TARGET

if TYPE_CHECKING:
    from jobinfo_conformance._catalogue.catalogue import Place
    from jobinfo_conformance._evidence.observation import Observation
    from jobinfo_conformance._pytest_session import SuiteSession

SUITE = "jobinfo_conformance.suite"

#: How an outcome is counted, and shown as a letter and as a word.
_STATUSES = {
    "passed": ("passed", ".", "PASSED"),
    "pass": ("passed", ".", "PASS"),
    "warn": ("warned", "w", "WARN"),
    "inconclusive": ("inconclusive", "i", "INCONCLUSIVE"),
    "not-applicable": ("not applicable", "-", "NOT APPLICABLE"),
    "fail": ("failed", "F", "FAIL"),
    "known": ("known to fail", "k", "KNOWN"),
}


class NotConformant(Exception):
    """A requirement does not hold; the message is all that a reader needs."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of ``jobinfo-conformance run``, each with the prefix ``--jobinfo-``."""
    group = parser.getgroup("jobinfo-conformance", "conformance of closing a Bulk API 1.0 job")
    group.addoption("--jobinfo-target", metavar="TARGET", help=TARGET)
    for name, keywords in OPTIONS.items():
        group.addoption(f"--jobinfo-{name}", **keywords)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers; nothing is asked yet."""
    for marker in ("must", "should", *FAMILIES):
        config.addinivalue_line("markers", f"{marker}: requirements of jobinfo-conformance, of this level or family")
    config.stash[_HOOKS] = _Hooks(config)
    config.pluginmanager.register(config.stash[_HOOKS])


class _SuiteModule(pytest.Module):
    """A module of the suite: what the user's python_functions are called is about the user's modules."""

    def funcnamefilter(self, name: str) -> bool:
        return name.startswith("test_")


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Collect the suite's modules whatever a user's python_files names, and whoever else would collect them."""
    collectors = yield
    if file_path.parent != Path(__file__).parent / "suite":
        return collectors
    return [_SuiteModule.from_parent(parent, path=file_path)] if file_path.name.startswith("test_") else []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each requirement and serialization."""
    if "jobinfo_place" in metafunc.fixturenames:
        metafunc.parametrize("jobinfo_place", _suite(metafunc.config).parameters())


@pytest.fixture(scope="session")
def jobinfo_target(request: pytest.FixtureRequest) -> Any:
    """The target: that of the command line. A conftest.py may override it with whatever ``run`` of Python takes."""
    return _suite(request.config).named_target


@pytest.fixture
def jobinfo_observation(request: pytest.FixtureRequest, jobinfo_target: Any) -> Observation:
    """All that the target was seen to do."""
    return _suite(request.config).observe(jobinfo_target)


@pytest.fixture
def jobinfo_judge(
    request: pytest.FixtureRequest,
    jobinfo_observation: Observation,  # noqa: ARG001  # judging needs it to be made first
) -> Callable[[Place], None]:
    """Judge a requirement in a serialization, and end the test as the outcome says: passed, failed or skipped."""
    from jobinfo_conformance._reports.sentences import failure

    suite = _suite(request.config)

    def judge(place: Place) -> None:
        request.node.user_properties.append(("jobinfo-place", [place[0], place[1] and place[1].value]))
        judgement = suite.judge(place)
        request.node.user_properties.append(("jobinfo-outcome", judgement.shown))
        if judgement.known is not None:
            pytest.skip(f"known not to hold: {judgement.known.reason}")
        if judgement.outcome == "fail":
            raise NotConformant(failure(judgement))
        if not judgement.outcome.tested:
            pytest.skip(f"{judgement.outcome}: {judgement.reason}")

    return judge


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a requirement that does not hold by its text alone; note any other failure as an error of the suite."""
    report = yield
    if not getattr(getattr(item, "function", None), "__module__", "").startswith(SUITE):
        return report
    report.user_properties.append(("jobinfo-suite", True))
    if call.excinfo is not None and report.failed:
        if call.excinfo.errisinstance(NotConformant):
            report.longrepr = str(call.excinfo.value)
        else:
            report.user_properties.append(("jobinfo-broken", str(call.excinfo.getrepr(style="native"))))
    return report


def pytest_report_teststatus(report: pytest.TestReport, config: pytest.Config) -> tuple[str, str, str] | None:
    """Call an outcome by its name in ``-v`` and in the counts; with ``-qq`` show no progress."""
    properties = dict(getattr(report, "user_properties", ()))
    if report.when != "call" or "jobinfo-suite" not in properties:
        return None
    status = _STATUSES.get(properties.get("jobinfo-outcome", report.outcome))
    return (status[0] if status else report.outcome, "", "") if config.get_verbosity() < -1 else status


class _Hooks:
    """The hooks of one session. What they do is left to SuiteSession, which is imported once the suite is used."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._suite: SuiteSession | None = None

    @property
    def suite(self) -> SuiteSession:
        """The session as the suite knows it."""
        if self._suite is None:
            from jobinfo_conformance._pytest_session import SuiteSession

            self._suite = SuiteSession(self._config)
        return self._suite

    @pytest.hookimpl(trylast=True)  # after Hypothesis's plugin: what draws before that warns
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Where the suite is named on the command line, ask the target first: bad input then gets one line, no tests."""
        if any(str(argument).startswith(SUITE) for argument in session.config.args):
            self.suite.begin(session)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what a test found; under xdist it comes from a worker."""
        properties = dict(report.user_properties)
        if self._suite is not None or "jobinfo-suite" in properties:
            self.suite.note(report, properties)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hand what was observed to a worker of xdist, so that the target is asked once."""
        if self._suite is not None:
            node.workerinput["jobinfo"] = self.suite.handed_down()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what the workers of xdist observed for themselves."""
        if "jobinfo" in getattr(node, "workeroutput", {}):
            self.suite.take_up(node.workeroutput["jobinfo"])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Put the results together, write the report and say the exit status."""
        if self._suite is not None:
            self.suite.finish(session, exitstatus)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the results; with ``--tb=no``, when pytest shows no failures, those too."""
        if self._suite is not None:
            self.suite.show(terminalreporter)

    def pytest_unconfigure(self) -> None:
        """Where pytest itself broke down, the exit status is that of an error of the suite."""
        if self._suite is not None:
            self.suite.end()


_HOOKS = pytest.StashKey[_Hooks]()


def _suite(config: pytest.Config) -> SuiteSession:
    return config.stash[_HOOKS].suite
