"""How long a full run on a live endpoint takes: ``python bench/live_run.py``.

Serves the reference implementation, without a delay and with 200 ms added to every answer, and runs the whole suite on it as
a user would, one scenario at a time and four side by side. Prints the requests, jobs and seconds of each run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time

from jobinfo_conformance._reference.server import serving
from jobinfo_conformance._reference.service import Service

#: How long a batch takes, in seconds: long enough for a close to come before it is done.
BATCH_SECONDS = 0.2


def main() -> int:
    """Run all of them; the exit status is the worst."""
    worst = 0
    for delay in (0, 0.2):
        for workers in (1, 4):
            service = Service(batch_seconds=BATCH_SECONDS + 2 * delay)
            with serving(service, delay=delay) as url:
                started = time.perf_counter()
                status, printed = _run(url, service.session, workers)
                seconds = time.perf_counter() - started
            [requests] = re.findall(r"(\d+) requests", printed)
            verdict = printed.splitlines()[-1]
            print(
                f"{delay * 1000:3.0f} ms, {workers} at a time: {requests} requests, {len(service.jobs)} jobs, "
                f"{seconds:.1f} s, {verdict}"
            )
            worst = max(worst, status)
    return worst


def _run(url: str, session: str, workers: int) -> tuple[int, str]:
    command = [sys.executable, "-m", "jobinfo_conformance", "run", url, "--strict", "--workers", str(workers)]
    environment = {**os.environ, "JOBINFO_SESSION_ID": session}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


if __name__ == "__main__":
    sys.exit(main())
