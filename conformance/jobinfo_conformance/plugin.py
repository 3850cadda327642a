"""The pytest plugin: options, fixtures, and the hooks that turn judgements into tests and results into an exit status.

It loads in every pytest run of its environment, so it imports the rest of the package only when the suite is used.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobinfo_conformance._options import FAMILIES, OPTIONS, TARGET

if TYPE_CHECKING:
    from jobinfo_conformance._catalogue.catalogue import CataloguePlace
    from jobinfo_conformance._clients.places import Place
    from jobinfo_conformance._evidence.observation import Observation
    from jobinfo_conformance._process.standard_streams import StandardStreams
    from jobinfo_conformance._pytest_session import SuiteSession

SUITE = "jobinfo_conformance.suite"

#: The name under which each outcome is counted, and the letter and the word that show it.
_STATUSES = {
    "passed": ("passed", ".", "PASSED"),
    "pass": ("passed", ".", "PASS"),
    "warn": ("warned", "w", "WARN"),
    "inconclusive": ("inconclusive", "i", "INCONCLUSIVE"),
    "not-applicable": ("not applicable", "-", "NOT APPLICABLE"),
    "fail": ("failed", "F", "FAIL"),
    "known": ("known", "k", "KNOWN"),
}


class NotConformant(Exception):
    """A requirement does not hold; the message tells a reader everything."""


#: The name under which `run … -- PYTEST ARGUMENTS` registers a plugin whose ``options`` hold what it was given itself.
GIVEN = "jobinfo-conformance-given"


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the options of ``jobinfo-conformance run``, each with the prefix ``--jobinfo-``.

    What `run` was given before ``--`` is the default of each, so that an option after ``--`` wins.
    """
    given = getattr(pluginmanager.get_plugin(GIVEN), "options", {})
    group = parser.getgroup("jobinfo-conformance", "conformance of closing a Bulk API 1.0 job")
    for name, keywords in {"target": {"metavar": "TARGET", "help": TARGET}, **OPTIONS}.items():
        default = {"default": given[name]} if name in given else {}
        group.addoption(f"--jobinfo-{name}", **{**keywords, **default})


@pytest.hookimpl(wrapper=True, tryfirst=True)  # before pytest takes the streams to capture what tests print
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """If the command line names the suite, guard the streams, so that a reader that goes away changes no verdict."""
    if any(argument.startswith(SUITE) for argument in early_config.known_args_namespace.file_or_dir):
        from jobinfo_conformance._process.standard_streams import guarded_streams

        guarding = ExitStack()
        early_config.stash[_STREAMS] = guarding.enter_context(guarded_streams())
        early_config.add_cleanup(guarding.close)
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers; the target is not asked yet."""
    for marker in ("must", "should", *FAMILIES):
        config.addinivalue_line("markers", f"{marker}: requirements of jobinfo-conformance, of this level or family")
    config.stash[_HOOKS] = _Hooks(config)
    config.pluginmanager.register(config.stash[_HOOKS])


@pytest.hookimpl(trylast=True)  # after all output
def pytest_unconfigure(config: pytest.Config) -> None:
    """If pytest itself broke down, or its output could not be written, end with the exit status for that.

    Pytest's own status for that is 3, which means inconclusive here. It is told apart by its type.
    """
    session: Any = config.pluginmanager.get_plugin("session")
    is_used = _names_suite(config) or (_HOOKS in config.stash and config.stash[_HOOKS].is_used)
    if is_used and getattr(session, "exitstatus", None) is pytest.ExitCode.INTERNAL_ERROR:
        from jobinfo_conformance._process.exit_status import SUITE_ERROR

        session.exitstatus = SUITE_ERROR
    if _STREAMS in config.stash and _HOOKS in config.stash and config.stash[_HOOKS].is_used:
        config.stash[_HOOKS].suite.end(config.stash[_STREAMS].unwritten)


class _SuiteModule(pytest.Module):
    """A module of the suite, to which the user's setting python_functions does not apply."""

    def funcnamefilter(self, name: str) -> bool:
        return name.startswith("test_")


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Collect the suite's modules, whatever the user's python_files says and whichever other plugin would collect them."""
    collectors = yield
    if file_path.parent != Path(__file__).parent / "suite":
        return collectors
    return [_SuiteModule.from_parent(parent, path=file_path)] if file_path.name.startswith("test_") else []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test for each requirement and serialization."""
    if "jobinfo_place" in metafunc.fixturenames:
        metafunc.parametrize("jobinfo_place", _suite(metafunc.config).parameters())


@pytest.fixture(scope="session")
def jobinfo_target(request: pytest.FixtureRequest) -> Any:
    """The target that the command line names. Override this fixture to return anything that `jobinfo_conformance.run` takes."""
    return _suite(request.config).target_without_fixture


@pytest.fixture
def jobinfo_client(request: pytest.FixtureRequest) -> Generator[Place, None, None]:
    """Where a client under test is to connect; what it sends is judged when the test ends, if it passed by itself.

    It has ``base_url``, ``async_url``, ``https_url``, ``host``, ``session``, ``version`` and ``ca_file``.
    """
    from jobinfo_conformance._clients.in_tests import ClientFails, expect_conformant, served_client

    with served_client() as found:
        yield found.place
        if request.node.stash.get(_HAS_PASSED, False):
            option = request.config.getoption
            strict, requirements = option("--jobinfo-strict"), option("--jobinfo-requirements")
            try:
                expect_conformant(request.node.name, found, strict=strict, requirements=requirements)
            except ClientFails as reason:
                raise pytest.fail.Exception(str(reason), pytrace=False) from None


@pytest.fixture
def jobinfo_observation(request: pytest.FixtureRequest, jobinfo_target: Any) -> Observation:
    """What the target was seen to do."""
    return _suite(request.config).observe(jobinfo_target)


@pytest.fixture
def jobinfo_judge(
    request: pytest.FixtureRequest,
    jobinfo_observation: Observation,  # noqa: ARG001  # judging needs the observation to be made first
) -> Callable[[CataloguePlace], None]:
    """Judge a requirement in a serialization, and pass, fail or skip the test as the outcome says."""
    from jobinfo_conformance._reports.sentences import untested_reason

    suite = _suite(request.config)

    def judge(place: CataloguePlace) -> None:
        request.node.user_properties.append(("jobinfo-place", [place[0], place[1] and place[1].value]))
        judgement = suite.judge(place)
        request.node.user_properties.append(("jobinfo-outcome", judgement.shown))
        if not judgement.outcome.tested:
            pytest.skip(f"{judgement.outcome}: {untested_reason(judgement)}")
        if judgement.known is not None:
            pytest.skip(f"known not to hold: {judgement.known.reason}")
        if judgement.outcome == "fail":
            raise NotConformant(suite.told(judgement))

    return judge


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show only the message of a requirement that does not hold; note any other failure as an error of the suite.

    Of any test, whether it passed is kept for its fixtures.
    """
    report = yield
    if call.when == "call":
        item.stash[_HAS_PASSED] = report.passed
    if not getattr(getattr(item, "function", None), "__module__", "").startswith(SUITE):
        return report
    report.user_properties.append(("jobinfo-suite", True))
    if call.excinfo is not None and report.failed:
        # pytest.fail.Exception is that of a plugin, such as pytest-timeout
        if call.excinfo.errisinstance((NotConformant, pytest.fail.Exception)):
            report.longrepr = str(call.excinfo.value)
        else:
            report.user_properties.append(("jobinfo-broken", str(call.excinfo.getrepr(style="native"))))
    return report


def pytest_report_teststatus(report: pytest.TestReport, config: pytest.Config) -> tuple[str, str, str] | None:
    """Use the suite's names of outcomes with ``-v`` and in the counts; show no progress with ``-qq``."""
    properties = dict(getattr(report, "user_properties", ()))
    if report.when != "call" or "jobinfo-suite" not in properties:
        return None
    status = _STATUSES.get(properties.get("jobinfo-outcome", report.outcome))
    return (status[0] if status else report.outcome, "", "") if config.get_verbosity() < -1 else status


class _Hooks:
    """The hooks of one session. SuiteSession does their work; it is imported only when the suite is used."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._suite: SuiteSession | None = None

    @property
    def is_used(self) -> bool:
        """Whether the session uses the suite."""
        return self._suite is not None

    @property
    def suite(self) -> SuiteSession:
        """The suite's part in this session."""
        if self._suite is None:
            from jobinfo_conformance._pytest_session import SuiteSession

            self._suite = SuiteSession(self._config)
        return self._suite

    @pytest.hookimpl(trylast=True)  # after Hypothesis's plugin, which warns of anything drawn earlier
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """If the command line names the suite, ask the target now, so that bad input ends in one line before any test."""
        if _names_suite(session.config):
            self.suite.begin(session)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what a test found; under xdist the report comes from a worker."""
        properties = dict(report.user_properties)
        if self._suite is not None or "jobinfo-suite" in properties:
            self.suite.note(report, properties)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hand the observation to a worker of xdist, so that the target is asked only once."""
        if self._suite is not None:
            node.workerinput["jobinfo"] = self.suite.for_worker()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker of xdist observed by itself; tell the others if it died while it asked the target."""
        if "jobinfo" in getattr(node, "workeroutput", {}):
            self.suite.take_from_worker(node.workeroutput["jobinfo"])
        elif not hasattr(node, "workeroutput"):
            from jobinfo_conformance._pytest_sharing import note_death

            note_death(self._config, node.gateway.id)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Put the results together, write the report and set the exit status."""
        if self._suite is not None:
            self.suite.finish(session, exitstatus)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the results, and the failures too if pytest does not show them (``--tb=no``)."""
        if self._suite is not None:
            self.suite.show(terminalreporter)


_HAS_PASSED = pytest.StashKey[bool]()
_HOOKS = pytest.StashKey[_Hooks]()
_STREAMS: pytest.StashKey[StandardStreams] = pytest.StashKey()


def _names_suite(config: pytest.Config) -> bool:
    """Whether the command line names the suite."""
    return any(str(argument).startswith(SUITE) for argument in config.args)


def _suite(config: pytest.Config) -> SuiteSession:
    return config.stash[_HOOKS].suite
