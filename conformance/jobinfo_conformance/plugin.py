"""The pytest plugin: options, fixtures and the hooks that turn verdicts into reports and an exit status.

It loads in every pytest run of its environment, so it imports the rest of the package only once the suite is run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobinfo_conformance.options import OPTIONS, TARGET

if TYPE_CHECKING:
    from jobinfo_conformance.evidence.observation import Observation
    from jobinfo_conformance.gate import KnownFailure
    from jobinfo_conformance.results import Entry, Results, Row, RunInfo
    from jobinfo_conformance.verdicts import Verdict

SUITE = "jobinfo_conformance.suite"

#: Names of the properties that a test of the suite leaves on its report; xdist carries them to the controller.
_OF_SUITE = "jobinfo-suite"
_SETTLED = "jobinfo-settled"
_BROKEN = "jobinfo-broken"
#: Where a worker of xdist finds what the controller observed; where that did not, the worker's exchanges go back there.
_OBSERVED = "jobinfo-observed"

_STATUS = {
    "passed": ("passed", ".", "PASSED"),
    "pass": ("passed", ".", "PASS"),
    "warn": ("warned", "w", "WARN"),
    "inconclusive": ("inconclusive", "i", "INCONCLUSIVE"),
    "not-applicable": ("not applicable", "-", "NOT APPLICABLE"),
    "fail": ("failed", "F", "FAIL"),
    "known": ("known to fail", "k", "KNOWN"),
}
#: The first of these statuses that applies is that of the run.
WORST_FIRST = (4, 2, 1, 3, 0)


class NotConformant(Exception):
    """A requirement does not hold; the message is all that a reader needs."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of ``jobinfo-conformance run``, each with the prefix ``--jobinfo-``."""
    group = parser.getgroup("jobinfo-conformance", "conformance of closing a Bulk API 1.0 job")
    group.addoption("--jobinfo-target", metavar="TARGET", help=TARGET)
    for name, keywords in OPTIONS.items():
        group.addoption(f"--jobinfo-{name}", **keywords)


def pytest_configure(config: pytest.Config) -> None:
    """Prepare a run; nothing is asked yet."""
    config.stash[_RUN] = Run(config)
    config.pluginmanager.register(config.stash[_RUN], "jobinfo-conformance-run")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Where the suite is named on the command line, ask the target first: bad input then gets one line, no tests."""
    names_suite = any(str(argument).startswith(SUITE) for argument in session.config.args)
    if names_suite and not hasattr(session.config, "workerinput") and not session.config.option.collectonly:
        try:
            session.config.stash[_RUN].observe()
        except pytest.exit.Exception:
            # pytest itself says why, on stderr; its terminal reporter would only say so again.
            session.config.pluginmanager.unregister(name="terminalreporter")
            raise


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand what was observed to a worker of xdist, so that the target is asked once and its bounds hold."""
    observation = node.config.stash[_RUN].observation
    if observation is not None:
        import pickle

        node.workerinput[_OBSERVED] = pickle.dumps(observation)


class _Suite(pytest.Module):
    """A module of the suite: what the user's python_functions are called is about the user's modules."""

    def funcnamefilter(self, name: str) -> bool:
        return name.startswith("test_")


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Collect the suite's modules whatever a user's python_files names, and whoever else would collect them."""
    collectors = yield
    ours = file_path.parent == Path(__file__).parent / "suite" and file_path.name.startswith("test_")
    return [_Suite.from_parent(parent, path=file_path)] if ours else collectors


@pytest.fixture(scope="session")
def jobinfo_observation(request: pytest.FixtureRequest) -> Observation:
    """All that the target was seen to do."""
    return request.config.stash[_RUN].observe()


@pytest.fixture
def jobinfo_settle(request: pytest.FixtureRequest, jobinfo_observation: Observation) -> Callable[[Verdict], None]:
    """Record a verdict and end the test as it says: passed, failed or skipped."""
    from jobinfo_conformance.reports.text import failure
    from jobinfo_conformance.results import row, run_info

    run = request.config.stash[_RUN]

    def settle(verdict: Verdict) -> None:
        settled = run.marked(row(verdict))
        request.node.user_properties.append((_SETTLED, {"row": settled, "info": run_info(jobinfo_observation)}))
        if settled["known"] is not None:
            pytest.skip(f"known not to hold: {settled['known']['reason']}")
        if verdict.outcome.value == "fail":
            raise NotConformant(failure(settled))
        if not verdict.outcome.tested:
            pytest.skip(f"{verdict.outcome}: {verdict.reason}")

    return settle


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a requirement that does not hold by its text alone; note any other failure as an error of the suite."""
    report = yield
    module = getattr(getattr(item, "module", None), "__name__", "")
    if not module.startswith(SUITE):
        return report
    report.user_properties.append((_OF_SUITE, True))
    if call.excinfo is None or not report.failed:
        return report
    if call.excinfo.errisinstance(NotConformant):
        report.longrepr = str(call.excinfo.value)
    else:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        broken = (parameters.get("requirement"), str(parameters.get("serialization")), call.excinfo.exconly())
        report.user_properties.append((_BROKEN, {"row": broken, "info": item.config.stash[_RUN].info()}))
    return report


def pytest_report_teststatus(report: pytest.TestReport, config: pytest.Config) -> tuple[str, str, str] | None:
    """Call an outcome by its name in ``-v`` and in the counts; with ``-qq`` show no progress."""
    settled = _property(report, _SETTLED)
    if report.when != "call" or not _property(report, _OF_SUITE):
        return None
    known = settled is not None and settled["row"]["known"] is not None
    outcome = settled["row"]["outcome"] if settled else report.outcome
    status = _STATUS.get("known" if known else outcome)
    quiet = config.get_verbosity() < -1
    return (status[0] if status else report.outcome, "", "") if quiet else status


def _property(report: pytest.TestReport, name: str) -> Any:
    return next((value for key, value in getattr(report, "user_properties", ()) if key == name), None)


class Run:
    """One session: the observation, the rows as tests settle them, and what is made of them at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._started = datetime.now(UTC)
        self._clock = time.monotonic()
        self.observation: Observation | None = None
        self._rows: list[Row] = []
        self._info: RunInfo | None = None
        self._suite_errors: list[str] = []
        self._unnamed_errors: list[str] = []
        self._foreign_failures = False
        self._results: Results | None = None
        self._handed_up: list[Entry] = []
        self._known: Sequence[KnownFailure] | None = None
        self._baseline: Results | None = None

    def observe(self) -> Observation:
        """All that the target does, asked once. Ends the session with exit status 2 where it can't be used."""
        if self.observation is None:
            self._read_policy()
            self.observation = self._handed_over() or self._ask()
        return self.observation

    def _read_policy(self) -> None:
        """Read what the run is held against beside the contract. Ends the session with exit status 2 where that can't be."""
        from jobinfo_conformance.gate import NotKnownFailures, read_known_failures
        from jobinfo_conformance.results import NotReport, read_results

        known, baseline = self._config.option.jobinfo_known_failures, self._config.option.jobinfo_baseline
        try:
            self._known = read_known_failures(Path(known)) if known else ()
            self._baseline = read_results(Path(baseline)) if baseline else None
        except (NotKnownFailures, NotReport) as error:
            raise _unusable(str(error)) from error
        except OSError as error:
            raise _unusable(f"{error.filename} can't be read: {error.strerror}") from error

    def marked(self, row: Row) -> Row:
        """A row with what is known of it."""
        from jobinfo_conformance.gate import known_by

        return {**row, "known": known_by(self._known or (), row, self._started.date())}

    def _handed_over(self) -> Observation | None:
        """What the controller of xdist observed."""
        import pickle

        handed = getattr(self._config, "workerinput", {}).get(_OBSERVED)
        return None if handed is None else pickle.loads(handed)  # noqa: S301  # made by pytest_configure_node

    def _ask(self) -> Observation:
        from jobinfo_conformance.reports.progress import Progress
        from jobinfo_conformance.targets import TargetUnusable, live_options, open_target, serializations

        given = self._config.option
        values = {name: getattr(given, f"jobinfo_{name.replace('-', '_')}") for name in OPTIONS}
        progress = Progress(self._config.pluginmanager.get_plugin("terminalreporter"))
        try:
            options = live_options(values, workers=getattr(given, "numprocesses", None) or 1, progress=progress.step)
            return open_target(given.jobinfo_target, options).observe(serializations(given.jobinfo_serialization))
        except TargetUnusable as error:
            raise _unusable(str(error)) from error
        finally:
            progress.end()

    def info(self) -> RunInfo | None:
        """What the run is about, once the target was observed."""
        from jobinfo_conformance.results import run_info

        return run_info(self.observation) if self.observation else None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the row that a test settled; under xdist it comes from a worker."""
        settled, broken = _property(report, _SETTLED), _property(report, _BROKEN)
        if settled is not None and report.when == "call":
            self._rows.append(settled["row"])
            self._info = settled["info"]
        if broken is not None and report.failed:
            self._info = broken["info"] or self._info
            self._break(*broken["row"])
        elif settled is None and report.failed:
            self._foreign_failures = True

    def _break(self, requirement: str | None, serialization: str, reason: str) -> None:
        from jobinfo_conformance.results import error_row

        self._suite_errors.append(reason)
        if requirement is None:
            self._unnamed_errors.append(reason)
        else:
            self._rows.append(error_row(requirement, None if serialization == "None" else serialization, reason))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take the exchanges of a worker of xdist that had to observe for itself."""
        self._handed_up = self._handed_up or getattr(node, "workeroutput", {}).get(_OBSERVED, [])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Put the results together, write the report and say the exit status."""
        if hasattr(self._config, "workerinput"):
            self._hand_up()
            return
        if not (self._info or self._suite_errors):
            return
        statuses = {1} if self._foreign_failures else set()
        if exitstatus == pytest.ExitCode.INTERRUPTED:
            statuses.add(2)
        if self._suite_errors or exitstatus == pytest.ExitCode.INTERNAL_ERROR:
            statuses.add(4)
        if self._info is not None:
            statuses |= self._conclude(self._info)
        session.exitstatus = next(status for status in WORST_FIRST if status in statuses)

    def _hand_up(self) -> None:
        from jobinfo_conformance.results import entries

        config: Any = self._config
        if self.observation is not None and _OBSERVED not in config.workerinput:
            config.workeroutput[_OBSERVED] = entries(self.observation)

    def _conclude(self, info: RunInfo) -> set[int]:
        from jobinfo_conformance.gate import exit_status, out_of_date, regressions
        from jobinfo_conformance.results import entries, results

        if self._known is None:
            self._read_policy()  # under xdist the workers may have observed for themselves
        exchanges = entries(self.observation) if self.observation else self._handed_up
        self._results = results(
            self._rows,
            info,
            exchanges,
            started=self._started,
            seconds=time.monotonic() - self._clock,
            suite_errors=bool(self._suite_errors),
        )
        self._results["objections"] += out_of_date(self._known or (), self._results["requirements"], self._started.date())
        if self._baseline is not None:
            self._results["baseline"] = self._config.option.jobinfo_baseline
            self._results["objections"] += regressions(self._baseline, self._results)
        statuses = {exit_status(self._results)}
        folder = self._config.option.jobinfo_report
        if folder is not None:
            from jobinfo_conformance.reports.files import write_report

            try:
                write_report(self._results, Path(folder))
            except OSError as error:
                self._config.get_terminal_writer().line(f"jobinfo-conformance: no report in {folder}: {error.strerror}")
                statuses.add(2)
        return statuses

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the results; with ``--tb=no``, when pytest shows no failures, those too."""
        if self._config.option.collectonly:
            self._show_costs(terminalreporter)
        if self._results is None:
            return
        from jobinfo_conformance.reports.github import append_summary, on_github, workflow_commands
        from jobinfo_conformance.reports.text import summary

        if terminalreporter.verbosity >= -1:
            terminalreporter.section("jobinfo-conformance")
        if on_github(os.environ):
            for line in workflow_commands(self._results):
                terminalreporter.write_line(line)
            try:
                append_summary(self._results, os.environ)
            except OSError as error:
                terminalreporter.write_line(f"jobinfo-conformance: no summary of the step: {error.strerror}")
        for reason in self._unnamed_errors:
            terminalreporter.write_line(f"error of the suite, please report it: {reason}")
        markup = self._config.get_terminal_writer().markup
        for line in summary(self._results, with_failures=self._config.option.tbstyle == "no", markup=markup):
            terminalreporter.write_line(line)

    def _show_costs(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Where a live target would be asked, say what each scenario costs."""
        from jobinfo_conformance.reports.costs import costs
        from jobinfo_conformance.targets import is_live, serializations

        given = self._config.option
        if is_live(given.jobinfo_target):
            forms = serializations(given.jobinfo_serialization)
            for line in costs(forms, queries=not given.jobinfo_no_queries, writes=given.jobinfo_writes):
                terminalreporter.write_line(line)


_RUN = pytest.StashKey[Run]()


def _unusable(message: str) -> Exception:
    """The end of a session that can't go on; pytest prints the type's name and the message in one line."""
    named: Callable[..., Exception] = type("jobinfo-conformance", (pytest.exit.Exception,), {})
    return named(message, returncode=2)
