"""Whether another version of the suite finds the same: ``python bench/same_findings.py COMMAND``.

COMMAND is the ``jobinfo-conformance`` of the other version, in a virtual environment of its own. Records the reference with
each of its faults, then runs and checks every recording with both versions. Prints each difference in an outcome or a
finding; exits 1 if there is one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._evidence.har_writer import write_har
from jobinfo_conformance._run import Run
from jobinfo_conformance._settings import Settings

#: Without PYTHONPATH, so that each version imports itself.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
OWN = [sys.executable, "-m", "jobinfo_conformance"]


def found(command: list[str], recording: Path) -> Iterator[str]:
    """Yield a line for each outcome and finding of one version on a recording: of ``run``, then of ``check``."""
    with TemporaryDirectory() as folder:
        subprocess.run([*command, "run", recording, "--report", folder], capture_output=True, env=ENVIRONMENT, check=False)
        report = json.loads((Path(folder) / "report.json").read_text("utf-8"))
    for row in report["requirements"]:
        cases = [[case[name] for name in ("expected", "got", "where")] for case in row["evidence"]]
        yield f"{row['id']} {row['serialization']} {row['outcome']} {cases}"
    checked = subprocess.run(
        [*command, "check", recording, "--format", "json"], capture_output=True, text=True, env=ENVIRONMENT, check=False
    )
    for line in checked.stdout.splitlines():
        finding = json.loads(line)
        yield f"check: {[finding[name] for name in sorted(finding) if name != 'file']}"


def differences(other: str, name: str, folder: Path) -> list[str]:
    """Return what the two versions find differently in the recording of one fault."""
    recording = folder / f"{name}.har"
    own, others = (list(found(command, recording)) for command in (OWN, [other]))
    return [f"{name}: {line}" for line in sorted(set(own) ^ set(others))]


def main(other: str) -> int:
    """Compare the two versions; the exit status says whether anything differs."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in BUILT_IN.faults:
            exchanges = Run(f"reference:{name}", Settings.of(max_requests=2000)).observation.exchanges
            (folder / f"{name}.har").write_bytes(write_har(exchanges))
        with ThreadPoolExecutor(2) as pool:
            found_in_all = pool.map(lambda name: differences(other, name, folder), BUILT_IN.faults)
            lines = [line for several in found_in_all for line in several]
    print(*lines, f"{len(BUILT_IN.faults)} recordings, {len(lines)} differences", sep="\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
