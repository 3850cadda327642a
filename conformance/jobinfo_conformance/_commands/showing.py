"""What the commands that judge a target show of it, and the report that they write."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from jobinfo_conformance._console.markup import markup_of
from jobinfo_conformance._console.results import Beside, brief, summary
from jobinfo_conformance._process.exit_status import UNUSABLE, worst
from jobinfo_conformance._reports.github import told_to_github
from jobinfo_conformance._reports.sentences import suite_errors
from jobinfo_conformance._results.results import Results


def show(
    results: Results, options: Namespace, report: str | None, *, hints: Sequence[str] = (), runs: Sequence[str] = ()
) -> int:
    """Print the results, write the report into a folder if one is named, and return the exit status.

    ``hints`` say what to try next, and ``runs`` what became of the runs of a client. Scripts are named if the user asked for a
    report: a folder for the comparison of versions is gone when they are needed.
    """
    statuses, scripts = {results.exit_status}, None
    if report is not None:
        from jobinfo_conformance._reports.files import write_report

        try:
            scripts = write_report(results, Path(report))
        except OSError as error:
            print(f"jobinfo-conformance: the report can't be written to {report}: {error.strerror}")
            statuses.add(UNUSABLE)
    for line in told_to_github(results, os.environ):
        print(line)
    for line in suite_errors(results):
        print(line, file=sys.stderr)
    markup = markup_of(sys.stdout)
    if options.quiet:
        print(*brief(results, markup), sep="\n")
    else:
        beside = Beside(hints, runs, (options.report and scripts) or {})
        print(*summary(results, beside, verbose=options.verbose, markup=markup), sep="\n")
    return worst(statuses)
