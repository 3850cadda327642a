"""How long a run on a large recording takes: ``python bench/many_exchanges.py [READS] [JOBS]``, 2,000 and 6,000 without.

Judges two recordings by every requirement: one of a job that is closed and then read again and again, and one of many jobs
that are each closed once. Prints the seconds that each took; exits 1 where something was found in them, as all conforms.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.ids import long_form
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.har_reader import read_har
from jobinfo_conformance._evidence.har_writer import har_entry
from jobinfo_conformance._judging import judge
from jobinfo_conformance._resources import resource
from jobinfo_conformance._results.results import Outcome
from jobinfo_conformance._targets.opening import open_target
from jobinfo_conformance._targets.target import Asking

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def polled(reads: int) -> Iterator[dict[str, Any]]:
    """A close, and many reads of its job."""
    close = _documented()
    read = {**close, "request": {**close["request"], "method": "GET", "postData": None}}
    yield close
    yield from (read for _ in range(reads))


def closed(jobs: int) -> Iterator[dict[str, Any]]:
    """The closes of many jobs."""
    close = json.dumps(_documented())
    own = json.loads(close)["request"]["url"].rpartition("/")[2]
    for number in range(jobs):
        yield json.loads(close.replace(own, long_form(f"750{number:012}")))


def _documented() -> dict[str, Any]:
    [exchange] = read_har(resource("fixtures", "documented-json.har"))
    return har_entry(exchange)


def judged(entries: Iterator[dict[str, Any]]) -> bool:
    """Judge a recording of these entries, one a second; whether nothing was found."""
    timed = [
        {**entry, "startedDateTime": (BEGIN + timedelta(seconds=number)).isoformat(), "time": 100}
        for number, entry in enumerate(entries)
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "recording.har"
        path.write_bytes(har_file(timed, version="bench", whole=False))
        started = time.perf_counter()
        observation = open_target(str(path), Asking()).observe(tuple(Serialization))
    seen = time.perf_counter()
    outcomes = {
        judge(check, form, observation).outcome for check in BUILT_IN.requirements.values() for form in check.serializations
    }
    done = time.perf_counter()
    size = f"{len(timed)} exchanges of {len(observation.histories)} jobs"
    sys.stdout.write(f"{size}: read in {seen - started:.1f} s, judged in {done - seen:.1f} s\n")
    return Outcome.FAIL not in outcomes and Outcome.WARN not in outcomes


def main(reads: int, jobs: int) -> int:
    """Judge both; the exit status says whether something was found."""
    return 0 if judged(polled(reads)) & judged(closed(jobs)) else 1


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    sys.exit(main(*given) if given else main(2_000, 6_000))
