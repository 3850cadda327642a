"""A pytest session that uses the suite: its options, its target, and its results."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import pytest

from jobinfo_conformance import plugin
from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.catalogue import Place
from jobinfo_conformance._catalogue.extensions import of_module
from jobinfo_conformance._console.costs import costs
from jobinfo_conformance._console.progress import Progress
from jobinfo_conformance._console.results import summary
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._options import OPTIONS
from jobinfo_conformance._pytest_sharing import once_among_workers
from jobinfo_conformance._reports.files import write_report
from jobinfo_conformance._reports.github import append_summary, on_github, workflow_commands
from jobinfo_conformance._reports.problem_text import cause_line
from jobinfo_conformance._reports.sentences import failure
from jobinfo_conformance._results.results import WORST_FIRST, Judgement, Outcome, Results
from jobinfo_conformance._run import Run
from jobinfo_conformance._scenarios.scenario import chosen
from jobinfo_conformance._settings import Options, Settings
from jobinfo_conformance._targets.opening import AnyTarget, is_live

#: The name under which `run … -- PYTEST ARGUMENTS` registers the options of the session that it starts.
GIVEN = "jobinfo-conformance-given"


class Given:
    """What a session is given: the target, the options, and the folder for the report."""

    def __init__(self, target: str | None, options: Options, report: str | None) -> None:
        self.target = target
        self.options = options
        self.report = report


class SuiteSession:
    """One session: its run, what its tests found, and the results."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._is_worker = hasattr(config, "workerinput")
        self._given, self._handed = self._read()
        self._session: pytest.Session | None = None
        self._run: Run | None = None
        self._target: AnyTarget = None
        self._places: dict[Place, None] = {}
        self._suite_errors: list[str] = []
        self._other_tests_failed = False
        self._results: Results | None = None
        self._refused: BadInput | None = None

    def _read(self) -> tuple[Given, Observation | None]:
        """Read what the session is given, and what the controller of xdist observed."""
        handed = getattr(self._config, "workerinput", {}).get("jobinfo")
        if handed is not None:
            given, observation = pickle.loads(handed)  # noqa: S301  # made by `for_worker`
            return given, observation
        registered: Given | None = self._config.pluginmanager.get_plugin(GIVEN)
        if registered is not None:
            return registered, None
        values = {name.replace("-", "_"): getattr(self._config.option, f"jobinfo_{name.replace('-', '_')}") for name in OPTIONS}
        report = values.pop("report")
        options: Any = values
        return Given(self._config.option.jobinfo_target, options, report), None

    # What the session is given

    @property
    def named_target(self) -> str | None:
        """The target that the command line names."""
        return self._given.target

    @cached_property
    def settings(self) -> Settings:
        """The options, with what conftest.py files and plugins add. Ends the session if they can't be used."""
        options = self._given.options.copy()
        options["workers"] = getattr(self._config.option, "numprocesses", None) or options.get("workers", 1)
        options["extension"] = [*options.get("extension", ()), *self._extending()]
        try:
            return Settings.of(**options)
        except BadInput as error:
            self._exit(error)

    def _extending(self) -> Iterator[ModuleType]:
        """Yield the conftest.py files and plugins that define requirements, scenarios, faults or adaptations."""
        for module in self._config.pluginmanager.get_plugins():
            if isinstance(module, ModuleType) and of_module(module.__name__, module):
                yield module

    def parameters(self) -> list[Any]:
        """Return a parameter for each requirement and serialization, with its markers."""
        found = []
        catalogue = self.settings.catalogue
        for name, form in catalogue.places:
            requirement = catalogue.requirements[name]
            if requirement.extension:
                self._config.addinivalue_line("markers", f"{requirement.family}: requirements of {requirement.extension}")
            marks = [getattr(pytest.mark, marker) for marker in (requirement.level.lower(), requirement.family)]
            found.append(pytest.param((name, form), id=f"{name}-{form}" if form else name, marks=marks))
        return found

    # The run

    def begin(self, session: pytest.Session) -> None:
        """Ask the target of the command line, unless a conftest.py overrides it. Ends the session if it can't be used."""
        self._session = session
        if self._is_worker or self._config.option.collectonly or self._is_overridden():
            return
        try:
            self.observe(self.named_target)
        except pytest.exit.Exception:
            # pytest itself prints the reason on stderr; its terminal reporter would only repeat it.
            self._config.pluginmanager.unregister(name="terminalreporter")
            raise

    def _is_overridden(self) -> bool:
        plugins = self._config.pluginmanager.get_plugins()
        modules = [module for module in plugins if isinstance(module, ModuleType) and module is not plugin]
        return any(hasattr(module, "jobinfo_target") for module in modules)

    def observe(self, target: AnyTarget) -> Observation:
        """Return what a target did, which is asked only once. Ends the session with exit status 2 if it can't be used."""
        if self._run is None:
            self._run, self._target = self._begun(target), target
        elif target is not self._target and target != self._target:
            self._exit(BadInput("a session tests one target, but jobinfo_target returned a second one: run pytest for each"))
        return self._run.observation

    def _begun(self, target: AnyTarget) -> Run:
        progress = Progress(sys.stderr)
        run = Run(target, self.settings, progress.step)
        try:
            if self._handed is not None:
                run.observation = self._handed
            elif self._is_worker:
                run.observation = once_among_workers(self._config, lambda: run.observation)
            else:
                run.observe()
        except BadInput as error:
            self._exit(error)
        finally:
            progress.end()
        return run

    def judge(self, place: Place) -> Judgement:
        """Judge a requirement in a serialization. Raises SuiteError if the suite itself fails."""
        assert self._run is not None  # the target is observed before anything is judged
        judgement = self._run.judge(place)
        if judgement.outcome is Outcome.ERROR:
            raise SuiteError(self._run.errors[-1])
        return judgement

    def told(self, judgement: Judgement) -> str:
        """Tell why a requirement does not hold: its first case, or in one line the problem that it follows from."""
        assert self._run is not None  # it was judged
        problem = self._run.problem_of(judgement)
        if problem is not None and problem.requirement != judgement.id:
            return cause_line(judgement, problem)
        return f"{failure(replace(judgement, findings=judgement.findings[:1]))}\n  cases     {judgement.reason}"

    def _exit(self, reason: BadInput) -> NoReturn:
        """End the session, with the reason in one line."""
        if self._is_worker:
            self._refused = reason  # for the controller to show: xdist only says that a worker was interrupted
        pytest.exit(f"jobinfo-conformance: {reason}", returncode=2)

    # Workers of xdist

    def for_worker(self) -> bytes:
        """Return what a worker has to know."""
        return pickle.dumps((self._given, self._run and self._run.observation))

    def take_from_worker(self, observed: bytes) -> None:
        """Take what a worker observed, or the reason why it could not."""
        taken = pickle.loads(observed)  # noqa: S301  # made by `finish` in the worker
        if isinstance(taken, BadInput):
            self._refused = taken
        elif self._run is None:
            self._run = Run(None, self.settings)
            self._run.observation = taken

    # The end

    def note(self, report: pytest.TestReport, properties: Mapping[str, Any]) -> None:
        """Note what a test found."""
        if report.when == "call" and "jobinfo-place" in properties:
            name, form = properties["jobinfo-place"]
            self._places[name, form and Serialization(form)] = None
        elif report.failed and "jobinfo-broken" in properties:
            self._suite_errors.append(properties["jobinfo-broken"])
        elif report.failed:
            self._other_tests_failed = True

    def finish(self, session: pytest.Session, exitstatus: int) -> None:
        """Put the results together, write the report and set the exit status; in a worker, only hand on what it observed."""
        self._session = session
        if self._is_worker:
            observed = self._run.observation if self._run is not None and self._handed is None else None
            if self._refused is not None or observed is not None:
                self._config.workeroutput["jobinfo"] = pickle.dumps(self._refused or observed)  # type: ignore[attr-defined]
            return
        statuses = {1} if self._other_tests_failed else set()
        if exitstatus == pytest.ExitCode.INTERRUPTED:
            statuses.add(2)
        if self._suite_errors:
            statuses.add(4)
        if self._run is not None and (self._places or self._suite_errors):
            statuses |= self._conclude(self._run)
        if statuses:
            session.exitstatus = next(status for status in WORST_FIRST if status in statuses)

    def _conclude(self, run: Run) -> set[int]:
        judgements = [run.judge(place) for place in self._places]
        run.errors += self._suite_errors
        self._results = run.concluded(judgements)
        statuses = {self._results.exit_status}
        if self._given.report is not None:
            try:
                write_report(self._results, Path(self._given.report))
            except OSError as error:
                writer = self._config.get_terminal_writer()
                writer.line(f"jobinfo-conformance: the report can't be written to {self._given.report}: {error.strerror}")
                statuses.add(2)
        return statuses

    def show(self, reporter: pytest.TerminalReporter) -> None:
        """Show the results; with ``--collect-only``, show what a live run would cost."""
        if self._config.option.collectonly and is_live(self.named_target):
            asking, catalogue = self.settings.asking, self.settings.catalogue
            forms = self.settings.serializations
            for line in costs(chosen(catalogue.scenarios, forms, queries=asking.queries, writes=asking.writes)):
                reporter.write_line(line)
        if self._refused is not None:
            reporter.write_line(f"jobinfo-conformance: {self._refused}")
        if self._results is not None:
            self._show_results(reporter, self._results)

    def _show_results(self, reporter: pytest.TerminalReporter, results: Results) -> None:
        if reporter.verbosity >= -1:
            reporter.section("jobinfo-conformance")
        if on_github(os.environ):
            for line in workflow_commands(results):
                reporter.write_line(line)
            try:
                append_summary(results, os.environ)
            except OSError as error:
                reporter.write_line(f"jobinfo-conformance: the summary of the step can't be written: {error.strerror}")
        for trace in results.errors:
            reporter.write_line(f"error in the suite, please report it: {trace}")
        markup = self._config.get_terminal_writer().markup
        own_failures, verbose = self._config.option.tbstyle == "no", reporter.verbosity > 0
        for line in summary(results, with_failures=own_failures, verbose=verbose, markup=markup):
            reporter.write_line(line)

    def end(self) -> None:
        """If pytest itself broke down, set the exit status of an error of the suite."""
        if self._session is not None and self._session.exitstatus == pytest.ExitCode.INTERNAL_ERROR:
            self._session.exitstatus = WORST_FIRST[0]


class SuiteError(Exception):
    """The suite itself failed; the message is the traceback."""
