"""``run``: judge a target, in one version of the API or in several, one after the other."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from jobinfo_conformance._bad_input import BadInput, lines_of
from jobinfo_conformance._commands.showing import show
from jobinfo_conformance._console.costs import costs
from jobinfo_conformance._console.progress import Progress
from jobinfo_conformance._option_values import version_named
from jobinfo_conformance._options import OPTIONS, given
from jobinfo_conformance._process.exit_status import UNUSABLE, worst
from jobinfo_conformance._reports.files import check_report
from jobinfo_conformance._results.results import Results
from jobinfo_conformance._run import Run
from jobinfo_conformance._settings import Options, Settings
from jobinfo_conformance._targets.opening import is_live
from jobinfo_conformance._targets.plan import planned

#: What to try after a run without a target.
_FIRST_STEPS = [
    "to see a failure, jobinfo-conformance run reference:close-answers-open",
    "to test what a browser, a proxy or a test recorded, jobinfo-conformance run recording.har",
    "to test an endpoint, set JOBINFO_SESSION_ID, and jobinfo-conformance run https://host",
]


def run(options: Namespace) -> int:
    """Run the suite; with several versions of the API, run each and say what changed from one to the next."""
    check_report(options.report)
    versions: list[str] = options.api_version or []
    if len(versions) < 2:
        return _run_once(options, versions[0] if versions else None, options.report)
    if not is_live(options.target):
        raise BadInput("only a live target can be run in several versions: the URIs of a recording name its own")
    if len(set(map(version_named, versions))) < len(versions):
        raise BadInput("--api-version names a version twice")
    with TemporaryDirectory() as temporary:
        folder = Path(options.report or temporary)
        statuses = list(_run_each(options, versions, folder))
        done = versions[: len(statuses) - (statuses[-1] == UNUSABLE)]
        if not options.collect_only:
            statuses += _compare_each(done, folder)
    return worst(statuses)


def _run_each(options: Namespace, versions: Sequence[str], folder: Path) -> Iterator[int]:
    """Run each version and yield its exit status; the first that can't be run is the last."""
    for version in versions:
        try:
            status = _run_once(options, version, str(folder / version))
        except BadInput as error:
            print(*lines_of(error), sep="\n", file=sys.stderr)
            status = UNUSABLE
        yield status
        if status == UNUSABLE:
            return


def _compare_each(versions: Sequence[str], folder: Path) -> Iterator[int]:
    """Print what changed from each version to the next, and yield the exit statuses."""
    from jobinfo_conformance._commands.compare import print_changes

    for old, new in pairwise(versions):
        print(f"\nfrom {old} to {new}:")
        yield print_changes(*(folder / version / "report.json" for version in (old, new)))


def _run_once(options: Namespace, version: str | None, report: str | None) -> int:
    of_run: Options = {**given(options, OPTIONS), "api_version": version}  # type: ignore[typeddict-item]  # names of options
    if options.for_pytest is not None:
        from jobinfo_conformance._commands.run_by_pytest import run_by_pytest

        return run_by_pytest(options.target, of_run, report, options.for_pytest, collect_only=options.collect_only)
    settings = Settings.of(**of_run)
    if options.collect_only:
        return _print_plan(options.target, settings)
    progress = Progress(sys.stderr)
    try:
        results = Run(options.target, settings, progress.step).results()
    finally:
        progress.end()
    return show(results, options, report, hints=_hints(results, options))


def _print_plan(target: str | None, settings: Settings) -> int:
    """Print what would be tested, and what each scenario would cost. Raises TargetUnusable."""
    for name, form in settings.catalogue.places:
        if settings.only is None or name in settings.only:
            print(f"{name} ({form})" if form else name)
    if is_live(target):
        print(*costs(planned(settings.asking, settings.serializations, settings.catalogue)), sep="\n")
    return 0


def _hints(results: Results, options: Namespace) -> list[str]:
    """Return what to try next: after the documented exchanges a target, and after a failure a closer look."""
    if options.target is None:
        return _FIRST_STEPS
    if options.verbose or not results.problems:
        return []
    more = "" if options.report else ", with --report DIR for a page and scripts that reproduce the problems"
    return [f"run with -v to see all evidence{more}"]
