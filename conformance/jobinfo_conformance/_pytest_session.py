"""A pytest session that uses the suite: its options, its target, and its results."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import pytest

from jobinfo_conformance._bad_input import BadInput, lines_of
from jobinfo_conformance._catalogue.catalogue import CataloguePlace
from jobinfo_conformance._catalogue.extensions import of_module
from jobinfo_conformance._console.costs import costs
from jobinfo_conformance._console.progress import Progress
from jobinfo_conformance._console.results import Beside, summary
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._escaping import shortened
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._importing import add_current_folder
from jobinfo_conformance._options import OPTIONS
from jobinfo_conformance._process.exit_status import SUITE_ERROR, UNUSABLE, worst
from jobinfo_conformance._process.interrupts import end_as_after_ctrl_c
from jobinfo_conformance._process.standard_streams import not_written
from jobinfo_conformance._pytest_sharing import once_among_workers
from jobinfo_conformance._reports.files import check_report, write_report
from jobinfo_conformance._reports.github import told_to_github
from jobinfo_conformance._reports.problem_text import cause_line
from jobinfo_conformance._reports.sentences import failure, suite_errors
from jobinfo_conformance._results.results import Judgement, Outcome, Results
from jobinfo_conformance._run import Run
from jobinfo_conformance._settings import Settings
from jobinfo_conformance._targets.credentials import without_known_secrets
from jobinfo_conformance._targets.opening import AnyTarget, is_live
from jobinfo_conformance._targets.plan import planned

#: How much of what cut a run short is repeated, in characters.
_LONGEST_REASON = 200


class SuiteSession:
    """One session: its run, what its tests found, and the results."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._is_worker = hasattr(config, "workerinput")
        handed = getattr(config, "workerinput", {}).get("jobinfo")
        self._handed: Observation | None = handed and pickle.loads(handed)  # noqa: S301  # made by `for_worker`
        self._session: pytest.Session | None = None
        self._run: Run | None = None
        self._target: AnyTarget = None
        self._places: dict[CataloguePlace, None] = {}
        self._suite_errors: list[str] = []
        self._other_tests_failed = False
        self._results: Results | None = None
        self._scripts: Mapping[int, Path] | None = None
        self._names_suite = False
        #: Why the target could not be asked to the end.
        self._cut_short: str | None = None

    # What the session is given

    @property
    def named_target(self) -> str | None:
        """The target that the command line names."""
        named: str | None = self._option("target")
        return named

    @property
    def target_without_fixture(self) -> str | None:
        """The target if no fixture says otherwise. Ends the session if only the user's own tests could say what it is."""
        if self.named_target is None and not self._names_suite:
            self._exit(BadInput("nothing says what to test: return a target from a fixture jobinfo_target in a conftest.py"))
        return self.named_target

    def _option(self, name: str) -> Any:
        return getattr(self._config.option, f"jobinfo_{name.replace('-', '_')}")

    @cached_property
    def settings(self) -> Settings:
        """The options, with what conftest.py files and plugins add. Raises BadInput if they can't be used."""
        add_current_folder()  # for --jobinfo-extension and app:MODULE:ATTRIBUTE, as on the command line
        options: Any = {name.replace("-", "_"): self._option(name) for name in OPTIONS if name != "report"}
        options["workers"] = getattr(self._config.option, "numprocesses", None) or options["workers"]
        options["extension"] = [*options["extension"], *self._extending()]
        return Settings.of(**options)

    def _extending(self) -> Iterator[ModuleType]:
        """Yield the conftest.py files and plugins that define requirements, scenarios, faults or adaptations."""
        modules = (plugin for plugin in self._config.pluginmanager.get_plugins() if isinstance(plugin, ModuleType))
        for module in sorted(modules, key=lambda module: module.__file__ or module.__name__):  # pytest keeps them in a set
            if of_module(module.__name__, module):
                yield module

    def parameters(self) -> list[Any]:
        """Return a parameter for each requirement and serialization, with its markers. Raises CollectError, in one line."""
        found = []
        try:
            catalogue = self.settings.catalogue
        except BadInput as error:
            raise pytest.Collector.CollectError("\n".join(lines_of(error))) from None
        for name, form in catalogue.places:
            requirement = catalogue.requirements[name]
            if requirement.extension:
                self._config.addinivalue_line("markers", f"{requirement.family}: requirements of {requirement.extension}")
            marks = [getattr(pytest.mark, marker) for marker in (requirement.level.lower(), requirement.family)]
            found.append(pytest.param((name, form), id=f"{name}-{form}" if form else name, marks=marks))
        return found

    # The run

    def begin(self, session: pytest.Session) -> None:
        """Ask the target that the command line names. Ends the session if that, or an option, can't be used."""
        self._session = session
        self._names_suite = True
        if self._is_worker or self._config.option.collectonly:
            return
        try:
            self._check_settings()
            if self.named_target is not None:  # otherwise a fixture may name one
                self.observe(self.named_target)
        except pytest.exit.Exception:
            # pytest itself prints the reason on stderr; its terminal reporter would only repeat it.
            self._config.pluginmanager.unregister(name="terminalreporter")
            raise

    def _check_settings(self) -> None:
        try:
            _ = self.settings
            check_report(self._option("report"))
        except BadInput as error:
            self._exit(error)

    def observe(self, target: AnyTarget) -> Observation:
        """Return what a target did, which is asked only once. Ends the session with exit status 2 if it can't be used."""
        if self.named_target not in (None, target):
            self._exit(BadInput(f"--jobinfo-target={self.named_target}: the fixture jobinfo_target returns another target"))
        if self._cut_short is not None:
            self._exit(
                BadInput(f"the target was not asked to the end: {self._cut_short}; give tests more time than a run takes")
            )
        if self._run is None:
            self._run, self._target = self._begun(target), target
        elif target is not self._target and target != self._target:
            self._exit(BadInput("a session tests one target, but jobinfo_target returned a second one: run pytest for each"))
        return self._run.observation

    def _begun(self, target: AnyTarget) -> Run:
        progress = Progress(sys.stderr)
        run = Run(target, self.settings, progress.step)
        if self.settings.start is not None and threading.current_thread() is threading.main_thread():
            end_as_after_ctrl_c()
        try:
            if self._handed is not None:
                run.observation = self._handed
            elif self._is_worker:
                run.observation = once_among_workers(self._config, lambda: run.observation)
            else:
                run.observe()
        except BadInput as error:
            self._exit(error)
        except BaseException as error:  # such as that of pytest-timeout; what was asked once is not asked again
            why = without_known_secrets(str(error).partition("\n")[0], os.environ, self.settings.headers)
            self._cut_short = shortened(why.rstrip(".") or type(error).__name__, _LONGEST_REASON)
            raise
        finally:
            progress.end()
        return run

    def judge(self, place: CataloguePlace) -> Judgement:
        """Judge a requirement in a serialization. Raises SuiteError if the suite itself fails."""
        assert self._run is not None  # the target is observed before anything is judged
        judgement = self._run.judge(place)
        if judgement.outcome is Outcome.ERROR:
            raise SuiteError("\n".join(self._run.errors) or judgement.reason)
        return replace(judgement, known=self._run.known_about(judgement)) if not judgement.outcome.holds else judgement

    def told(self, judgement: Judgement) -> str:
        """Tell why a requirement does not hold: its first case, or in one line the problem that it follows from."""
        assert self._run is not None  # it was judged
        problem = self._run.problem_of(judgement)
        if problem is not None and problem.requirement != judgement.id:
            return cause_line(judgement, problem)
        return f"{failure(replace(judgement, findings=judgement.findings[:1]))}\n  cases     {judgement.reason}"

    def _exit(self, reason: BadInput) -> NoReturn:
        """End the session, with the reason."""
        line = "\n".join(lines_of(reason))
        session: Any = self._config.pluginmanager.get_plugin("session")
        if self._is_worker and getattr(session, "items", False):
            # To xdist, a worker that exits has crashed in its test; one that stops lets the session end with the reason.
            session.shouldstop = line
            pytest.skip(line)
        pytest.exit(line, returncode=UNUSABLE)

    # Workers of xdist

    def for_worker(self) -> bytes:
        """Return what a worker has to know."""
        return pickle.dumps(self._run and self._run.observation)

    def take_from_worker(self, observed: bytes) -> None:
        """Take what a worker observed."""
        if self._run is None:
            self._run = Run(None, self.settings)
            self._run.observation = pickle.loads(observed)  # noqa: S301  # made by `finish` in the worker

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
            if self._run is not None and self._handed is None:
                self._config.workeroutput["jobinfo"] = pickle.dumps(self._run.observation)  # type: ignore[attr-defined]
            return
        statuses = {1} if self._other_tests_failed else set()
        if exitstatus == pytest.ExitCode.INTERRUPTED:
            statuses.add(UNUSABLE)
        if self._suite_errors or exitstatus is pytest.ExitCode.INTERNAL_ERROR:
            statuses.add(SUITE_ERROR)
        if self._run is not None and (self._places or self._suite_errors):
            statuses |= self._conclude(self._run)
        if statuses:
            session.exitstatus = worst(statuses)

    def _conclude(self, run: Run) -> set[int]:
        judgements = [run.judge(place) for place in self._places]
        run.errors += self._suite_errors
        self._results = run.concluded(judgements)
        statuses = {self._results.exit_status}
        folder = self._option("report")
        if folder is not None:
            try:
                self._scripts = write_report(self._results, Path(folder))
            except OSError as error:
                writer = self._config.get_terminal_writer()
                writer.line(f"jobinfo-conformance: the report can't be written to {folder}: {error.strerror}")
                statuses.add(UNUSABLE)
        return statuses

    def show(self, reporter: pytest.TerminalReporter) -> None:
        """Show the results; with ``--collect-only``, show what a live run would cost."""
        if self._config.option.collectonly and is_live(self.named_target):
            for line in self._plan():
                reporter.write_line(line)
        if self._results is not None:
            self._show_results(reporter, self._results)

    def _plan(self) -> Iterable[str]:
        try:
            settings = self.settings
            return costs(planned(settings.asking, settings.serializations, settings.catalogue))
        except BadInput as reason:
            assert self._session is not None  # it is finished
            self._session.exitstatus = UNUSABLE
            return lines_of(reason)

    def _show_results(self, reporter: pytest.TerminalReporter, results: Results) -> None:
        if reporter.verbosity >= -1:
            reporter.section("jobinfo-conformance")
        for line in (*told_to_github(results, os.environ), *suite_errors(results)):
            reporter.write_line(line)
        markup = self._config.get_terminal_writer().markup
        own_failures, verbose = self._config.option.tbstyle == "no", reporter.verbosity > 0
        lines = summary(
            results, Beside(scripts=self._scripts or {}), with_failures=own_failures, verbose=verbose, markup=markup
        )
        for line in lines:
            reporter.write_line(line)

    def end(self, unwritten: str | None) -> None:
        """Set the exit status if standard output could not be written, for this reason."""
        session = self._session
        if session is not None and unwritten is not None:
            status = int(session.exitstatus)
            print(f"jobinfo-conformance: {not_written(unwritten, status)}", file=sys.stderr)  # noqa: T201  # nothing else shows
            session.exitstatus = SUITE_ERROR if status == SUITE_ERROR else UNUSABLE


class SuiteError(Exception):
    """The suite itself failed; the message is the traceback."""
