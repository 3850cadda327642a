"""``record``: ask an endpoint what a run asks, and save the exchanges without sessions, hosts and ids."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._console.progress import Progress
from jobinfo_conformance._contract.session import WRONG_SESSION
from jobinfo_conformance._evidence.har_writer import write_har
from jobinfo_conformance._evidence.leaks import first_leak
from jobinfo_conformance._evidence.pseudonyms import pseudonymised
from jobinfo_conformance._files.whole import check_file, told_if_unwritable, write_file
from jobinfo_conformance._job_requests.near_misses import UNKNOWN_ID
from jobinfo_conformance._left_behind import left_open
from jobinfo_conformance._options import ASKING, given
from jobinfo_conformance._run import Run
from jobinfo_conformance._settings import Settings
from jobinfo_conformance._targets.opening import is_live
from jobinfo_conformance._targets.recorded import shows_close


def record(options: Namespace) -> int:
    """Record an endpoint."""
    file: Path = options.file
    if not is_live(options.target):
        raise BadInput(f"{options.target} is neither an http URL, an application nor reference: nothing else can be recorded")
    with told_if_unwritable(f"{file} can't be written"):
        check_file(file)
    progress = Progress(sys.stderr)
    try:
        seen = Run(options.target, Settings.of(**given(options, ASKING)), progress.step).observation
    finally:
        progress.end()
    incomplete = (f"not everything was asked: {obstacle}" for obstacle in dict.fromkeys(seen.obstacles.values()))
    for line in [*left_open(seen), *incomplete]:
        print(f"jobinfo-conformance: {line}", file=sys.stderr)
    if not shows_close(step for history in seen.histories for step in history.steps):
        raise BadInput(f"{file} was not written: no close could be sent, and a recording without one shows nothing to test")
    exchanges = pseudonymised(seen.exchanges, known=(UNKNOWN_ID, WRONG_SESSION))
    leak = first_leak(exchanges)
    if leak is not None:
        print(f"jobinfo-conformance: nothing was saved: {leak}", file=sys.stderr)
        return 1
    with told_if_unwritable(f"{file} can't be written"):
        write_file(file, write_har(exchanges, provenance=seen.provenance))
    print(f"{len(exchanges)} exchanges in {file}")
    return 0
