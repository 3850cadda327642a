"""How long a run on a large recording takes: ``python bench/many_exchanges.py [READS JOBS]``.

Judges two recordings by every requirement: one of a job that is closed and then read READS times (default: 2,000), and one of
JOBS jobs (default: 6,000) that are each closed once. Prints the seconds that each took; exits 1 if anything was found, since
both conform.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.ids import long_form
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.har_reader import read_har
from jobinfo_conformance._evidence.har_writer import write_har
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._judging import judge
from jobinfo_conformance._resources import resource
from jobinfo_conformance._results.results import Outcome
from jobinfo_conformance._targets.opening import open_target
from jobinfo_conformance._targets.target import Asking

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def polled(reads: int) -> Iterator[Exchange]:
    """Yield a close and this many reads of its job."""
    close = _documented()
    read = replace(close, request=replace(close.request, method="GET", body=b""))
    yield close
    yield from (read for _ in range(reads))


def closed(jobs: int) -> Iterator[Exchange]:
    """Yield the closes of this many jobs."""
    close = _documented()
    own = close.request.url.rpartition("/")[2].encode()
    for number in range(jobs):
        job_id = long_form(f"750{number:012}")
        body = (close.response.body or b"").replace(own, job_id.encode())
        yield replace(close, request=close.request.with_job(job_id)).answered(body=body)


def _documented() -> Exchange:
    [exchange] = read_har(resource("fixtures", "documented-json.har"))
    return exchange


def judged(exchanges: Iterator[Exchange]) -> bool:
    """Judge a recording of these exchanges, one a second; return whether nothing was found."""
    timed = [
        replace(exchange, started=BEGIN + timedelta(seconds=number), milliseconds=100)
        for number, exchange in enumerate(exchanges)
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "recording.har"
        path.write_bytes(write_har(timed, version="bench", whole=False))
        started = time.perf_counter()
        observation = open_target(path, Asking(), BUILT_IN).observe(tuple(Serialization), BUILT_IN)
    seen = time.perf_counter()
    outcomes = {judge(BUILT_IN.requirements[name], form, observation).outcome for name, form in BUILT_IN.places}
    done = time.perf_counter()
    size = f"{len(timed)} exchanges of {len(observation.histories)} jobs"
    sys.stdout.write(f"{size}: read in {seen - started:.1f} s, judged in {done - seen:.1f} s\n")
    return Outcome.FAIL not in outcomes and Outcome.WARN not in outcomes


def main(reads: int, jobs: int) -> int:
    """Judge both recordings; the exit status says whether anything was found."""
    return 0 if judged(polled(reads)) & judged(closed(jobs)) else 1


if __name__ == "__main__":
    given = [int(count) for count in sys.argv[1:]]
    sys.exit(main(*given) if given else main(2_000, 6_000))
