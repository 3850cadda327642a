"""reproduce/: a script for each problem that a request to a job shows."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from jobinfo_conformance._reports.problem_text import all_told
from jobinfo_conformance._reproduction.replay import Replay
from jobinfo_conformance._reproduction.script import Script
from jobinfo_conformance._reproduction.trail import Trail
from jobinfo_conformance._results.results import Results

#: The folder in that of the report, and the names of the scripts in it.
FOLDER = "reproduce"
_NAME = re.compile(r"\d{2,}-[a-z0-9-]+\.sh")


def scripts(results: Results) -> Mapping[int, Script]:
    """The scripts by the numbers of their problems.

    A problem that no request to a job shows has none, and no problem of a client: that is run again by itself.
    """
    trail = Trail.of(results.exchanges)
    of_servers = (each for each in all_told(results) if not each.is_of_client)
    found = (Script(each.problem, each.summary, Replay(each.problem, trail)) for each in of_servers)
    return {script.problem.number: script for script in found if script.replay.repeats}


def remove_others(folder: Path, names: Collection[str]) -> None:
    """Remove the scripts of an earlier report, whose problems are not these, from that report's folder. Raises OSError."""
    for file in (folder / FOLDER).glob("*.sh"):
        if _NAME.fullmatch(file.name) and file.name not in names:
            file.unlink()
