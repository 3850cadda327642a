"""reproduce/: a script for each problem that a request to a job shows."""

from __future__ import annotations

from collections.abc import Mapping

from jobinfo_conformance._reports.problem_text import all_told
from jobinfo_conformance._reproduction.replay import Replay
from jobinfo_conformance._reproduction.script import Script
from jobinfo_conformance._results.results import Results

#: The folder in that of the report.
FOLDER = "reproduce"


def scripts(results: Results) -> Mapping[int, Script]:
    """The scripts by the numbers of their problems. A problem that no request to a job shows has none."""
    found = (Script(each.problem, each.summary, Replay(each.problem, results.exchanges)) for each in all_told(results))
    return {script.problem.number: script for script in found if script.replay.repeats}
