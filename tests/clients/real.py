"""The real clients that are driven, where each is looked for, and what is known not to hold of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path
from tempfile import TemporaryDirectory

FOLDER = Path(__file__).parent
#: A folder that pip filled with the one client whose modules have the names of another's, and one that npm filled.
ASYNC, NODE = "CLIENTS_ASYNC", "CLIENTS_NODE_MODULES"

UNDERSTANDS = "client/understands-every-conformant-response"
REFUSAL, DEPARTURE = "client/notices-a-refusal", "client/notices-a-departure"
#: The calls of a client: its ordinary one that loads records, and those under it that create and close a job.
CALLS = ("load", "close")


class Missing(Exception):
    """A client is not here; the message says what to install."""


@dataclass(frozen=True)
class RealClient:
    """A client: its name, the script that drives it, and the requirements that do not hold, for each of its calls."""

    name: str
    script: str
    broken: Mapping[str, frozenset[str]]

    def command(self, call: str) -> list[str]:
        """The command that makes a call. Raises Missing."""
        runner = "node" if self.script.endswith("cjs") else sys.executable
        return ["env", *self.variables, runner, str(FOLDER / self.script), call]

    @property
    def variables(self) -> list[str]:
        """Where the command finds the client. Raises Missing."""
        assert self.version
        if self.script.endswith("cjs"):
            return [f"JSFORCE={os.environ[NODE]}/{self._package}"]
        return [f"PYTHONPATH={os.environ[ASYNC]}"] if self._is_async else []

    @property
    def version(self) -> str:
        """Its version. Raises Missing."""
        try:
            if self.script.endswith("cjs"):
                package = Path(os.environ[NODE]) / self._package / "package.json"
                return str(json.loads(package.read_text("utf-8"))["version"])
            if self._is_async:
                return next(found.version for found in distributions(name=self.name, path=[os.environ[ASYNC]]))
            return version(self.name)
        except (KeyError, OSError, StopIteration, PackageNotFoundError) as error:
            raise Missing(f"{self.name} is not here: tox -e {self._environment} installs it") from error

    @property
    def _environment(self) -> str:
        return "clients-node" if self.script.endswith("cjs") else "clients"

    @property
    def _is_async(self) -> bool:
        return self.name.startswith("async-")

    @property
    def _package(self) -> str:
        return self.name.replace(" ", "")

    def report(self, call: str) -> str:
        """Run the command ``client`` on a call, and return its report.json. Raises Missing."""
        words = self.command(call)
        with TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, "-m", "jobinfo_conformance", "client", "-q", "--report", folder, "--", *words],
                check=False,
                capture_output=True,
                text=True,
            )
            assert done.returncode in (0, 1), done.stderr
            return (Path(folder) / "report.json").read_text("utf-8")

    def judged(self, call: str) -> frozenset[str]:
        """Run the command ``client`` on a call, and return the requirements that do not hold. Raises Missing."""
        rows = json.loads(self.report(call))["requirements"]
        return frozenset(row["id"] for row in rows if row["outcome"] in ("fail", "warn"))


def _alike(*broken: str) -> Mapping[str, frozenset[str]]:
    return dict.fromkeys(CALLS, frozenset(broken))


CLIENTS: Sequence[RealClient] = (
    RealClient("simple-salesforce", "simple_salesforce_client.py", _alike(REFUSAL, DEPARTURE)),
    RealClient("async-simple-salesforce", "async_simple_salesforce_client.py", _alike(REFUSAL, DEPARTURE)),
    RealClient("salesforce-bulk", "salesforce_bulk_client.py", _alike(REFUSAL, DEPARTURE)),
    RealClient("salesforce-bulk-api", "salesforce_bulk_api_client.py", _alike(DEPARTURE)),
    RealClient("salesforce-api", "salesforce_api_client.py", _alike(REFUSAL, DEPARTURE)),
    RealClient(
        "jsforce 1",
        "jsforce_client.cjs",
        {**_alike(UNDERSTANDS, DEPARTURE), "load": frozenset({UNDERSTANDS, REFUSAL, DEPARTURE})},
    ),
    RealClient("jsforce 3", "jsforce_client.cjs", _alike(UNDERSTANDS, DEPARTURE)),
)
