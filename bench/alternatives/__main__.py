"""Try this suite and schemathesis on the same servers: ``python -m bench.alternatives [--minutes N]``.

The servers are the reference as it is, in some manners, and with each of its faults. Two trials run side by side. Each is
added to results.ndjson in this folder when it ends, and none that is there with the installed version of its tool is made
again; to measure anew, delete the file. At the end, or after N minutes, the tables in docs/alternatives.md are written from
what is there. ``tox -e alternatives`` installs what it takes.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import product

from bench.alternatives.servers import servers
from bench.alternatives.table import write_tables
from bench.alternatives.tools import FOLDER, TOOLS
from bench.alternatives.trials import Trial, keep, kept, tried

RESULTS = FOLDER / "results.ndjson"
#: How many trials run at the same time, and how long each may take, in seconds.
SIDE_BY_SIDE, LIMIT = 2, 900


def measure(minutes: float) -> None:
    """Make the trials that are missing; begin none after so many minutes."""
    end = time.monotonic() + 60 * minutes
    done = {(trial.tool, trial.version, trial.server) for trial in kept(RESULTS)}
    begun = {server for _, _, server in done}
    wanted = sorted(product(servers(), TOOLS), key=lambda each: each[0].name not in begun)
    missing = iter([(tool, server) for server, tool in wanted if (tool.name, tool.version, server.name) not in done])
    with ProcessPoolExecutor(SIDE_BY_SIDE) as pool:
        running: set[Future[Trial]] = set()
        while True:
            while len(running) < SIDE_BY_SIDE and time.monotonic() < end and (following := next(missing, None)):
                running.add(pool.submit(tried, *following, LIMIT))
            if not running:
                return
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            for trial in (each.result() for each in ended):
                keep(RESULTS, trial)
                said = "noticed" if trial.noticed else "ended by the limit" if trial.status is None else "no finding"
                print(f"{trial.tool:20} {trial.server:50} {said:18} {trial.requests:6} {trial.seconds:7.1f} s", flush=True)


def main() -> int:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.alternatives", description="Compare this suite with schemathesis.")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no trial after so many minutes")
    measure(parser.parse_args().minutes)
    write_tables(kept(RESULTS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
