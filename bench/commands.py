"""How long commands take, compared with another version: ``python bench/commands.py COMMAND [RUNS]``.

COMMAND is the ``jobinfo-conformance`` of the other version, in a virtual environment of its own; this version's is the one
beside this Python. Runs both in turn, RUNS times each (default: 5), and prints the least wall time of each in seconds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from jobinfo_conformance._contract.ids import long_form
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._resources import resource

#: How many closes, each of a different job, are checked.
CLOSES = 4_000
#: Without PYTHONPATH, so that each version imports itself.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def closes(form: Serialization) -> str:
    """Return the documented close for each of many jobs, with one HAR entry on each line."""
    [entry] = json.loads(resource("fixtures", f"documented-{form}.har").read_text("utf-8"))["log"]["entries"]
    line = json.dumps(entry)
    own = entry["request"]["url"].rpartition("/")[2]
    return "".join(line.replace(own, long_form(f"750{number:012}")) + "\n" for number in range(CLOSES))


def seconds(command: list[str], folder: Path) -> float:
    """Run a command, and return its wall time in seconds."""
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - started


def main(other: str, runs: int) -> None:
    """Time the commands of both versions in turn, and print a table row for each."""
    versions = (str(Path(other).resolve()), str(Path(sys.executable).with_name("jobinfo-conformance")))
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for form in Serialization:
            (folder / f"{form}.ndjson").write_text(closes(form), "utf-8")
        print("| command | the other | this | ratio |\n|---|---|---|---|")
        for arguments in ("run", "run reference", *(f"check {form}.ndjson" for form in Serialization)):
            taken = [[seconds([version, *arguments.split()], folder) for version in versions] for _ in range(runs)]
            theirs, ours = map(min, zip(*taken, strict=True))
            print(f"| `{arguments}` | {theirs:.2f} | {ours:.2f} | {theirs / ours:.1f} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if sys.argv[2:] else 5)
