"""The tools that are compared: how each is started, as somebody would who knows it well."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from jobinfo_conformance._reference.service import ANY_SESSION

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Tool:
    """A tool: the distribution that it comes from, and the arguments that try it on a URL."""

    name: str
    arguments: Sequence[str]

    @property
    def version(self) -> str:
        """The version that is installed. Raises PackageNotFoundError."""
        return version(self.name)

    def status(self, url: str, limit: float) -> int:
        """Try the tool on a server, and return its exit status. Raises TimeoutExpired after so many seconds."""
        words = [sys.executable, *(word.format(url=url) for word in self.arguments)]
        return subprocess.run(
            words, cwd=FOLDER, env=self._environment, capture_output=True, check=False, timeout=limit
        ).returncode

    @property
    def _environment(self) -> Mapping[str, str]:
        return {**os.environ, "JOBINFO_SESSION_ID": ANY_SESSION}


SUITE = Tool("jobinfo-conformance", ("-m", "jobinfo_conformance", "run", "{url}", "--strict", "--quiet"))
#: It ends with the first failure: only whether there is one is asked. schemathesis.toml says the rest.
SCHEMATHESIS = Tool(
    "schemathesis",
    (
        *("-m", "schemathesis.cli", "run", "openapi.yaml", "--url", "{url}"),
        *("--max-failures", "1", "--no-shrink", "--seed", "1", "--generation-database", "none"),
    ),
)
TOOLS = (SUITE, SCHEMATHESIS)
