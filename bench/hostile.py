"""How much memory a run takes on a hostile endpoint: ``python bench/hostile.py``.

Runs the suite on an endpoint whose answers are spoiled, one way for each run, and prints the exit status, the seconds and the
most memory of the process at a time. The ways are those of tests/hostile.py that send much.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.endpoint import SESSION
from tests.hostile import ENDLESS, FRAMES, HEADS, TEXTS, hostile_endpoint

MUCH = (
    "redirect with a gzip bomb",
    "redirect with nested bombs",
    "90 headers of 65 kB",
    "a header of 10 MB",
    "a nested bomb",
    "chunks of one byte",
    "two megabytes",
    "unknown keys by the thousand",
    "unknown elements by the thousand",
    "an XML bomb",
    "escapes without end",
    "a body without end",
)
#: A run that prints the most memory it had, in kilobytes, as its last words.
PROGRAM = """
import resource, sys
from jobinfo_conformance._cli import main
status = main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
sys.exit(status)
"""


def main() -> int:
    """Run all of them; the exit status is 1 if one took 200 MB or more, or ended with 4."""
    ways = {**HEADS, **FRAMES, **TEXTS, **ENDLESS}
    worst = 0
    for name in sys.argv[1:] or MUCH:
        with TemporaryDirectory() as folder, hostile_endpoint(ways[name], b"Closed") as url:
            started = time.perf_counter()
            options = ["--timeout", "5", "--wait", "1", "--report", folder]
            command = [sys.executable, "-c", PROGRAM, "run", url, *options]
            environment = {**os.environ, "JOBINFO_SESSION_ID": SESSION}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        megabytes = int(done.stderr.split()[-1]) >> 10
        print(f"{name}: exit status {done.returncode}, {time.perf_counter() - started:.1f} s, {megabytes} MB", flush=True)
        worst |= megabytes >= 200 or done.returncode == 4
    return int(worst)


if __name__ == "__main__":
    sys.exit(main())
