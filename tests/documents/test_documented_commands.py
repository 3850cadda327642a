"""Every command in README.md and docs/ runs as it stands, or documented_commands.toml says why it is not run."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import jobinfo_conformance
from jobinfo_conformance._contract.session import SESSION_HEADER
from jobinfo_conformance._evidence.har_writer import write_har
from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._reference.server import serving
from jobinfo_conformance._reference.service import Service
from jobinfo_conformance._resources import resource
from tests.conftest import ROOT
from tests.documents.documented_commands import KNOWN, PAGES, commands_of
from tests.exchanges import CLOSED, EMPTY, JSON, close, create, read
from tests.warm import Order, WarmPython

EXAMPLES = ROOT / "docs" / "examples"
#: The session that the emulator among the examples takes, and here everything else as well.
SESSION = "an-emulator-takes-this-session"
SHELL = ["/usr/bin/env", "bash", "-c"]
OPEN = CLOSED.replace(state="Open")
NEEDS_A_SHELL = re.compile(r"[|&;<>$`*?]")
#: Programs that a reader is told to call.
PROGRAMS = {"jobinfo-conformance", "pip", "pytest", "export", "git", "cosmic-ray", "cr-filter-operators", "cr-report"}
PROGRAMS |= {"docker", "spark-submit", "xmllint"}

#: A client of the reader's, which reads the address from its arguments or from the environment.
CLIENT = """
import os
import sys

import requests

base = sys.argv[1] if len(sys.argv) > 1 else os.environ["JOBINFO_BASE_URL"]
headers = {"X-SFDC-Session": os.environ["JOBINFO_SESSION_ID"], "Content-Type": "application/json"}
jobs = f"{base}/services/async/62.0/job"
job = requests.post(jobs, json={"operation": "insert", "object": "Account"}, headers=headers)
answer = requests.post(f"{jobs}/{job.json()['id']}", json={"state": "Closed"}, headers=headers)
sys.exit(answer.status_code != 200 or answer.json()["state"] != "Closed")
"""


class Gateway(Service):
    """The reference behind a gateway, which also takes the session as a bearer token, and confirms priorities."""

    def answer(self, request: Request) -> Response:
        """Answer as the reference does."""
        bearer, priority = request.headers.get("Authorization"), request.headers.get("X-Acme-Priority")
        if bearer is not None:
            request = request.with_header(SESSION_HEADER, bearer.removeprefix("Bearer "))
        answer = super().answer(request)
        return (
            answer
            if priority is None
            else replace(answer, headers=Headers.of([*answer.headers, ("X-Acme-Priority", priority)]))
        )


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """An endpoint on loopback, which takes the session of the example."""
    with serving(Gateway(session=SESSION)) as url:
        yield url


@pytest.fixture(scope="module")
def port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fill(folder: Path, page: str) -> None:
    """Put the files into a folder that the documents speak of."""
    answered = OPEN if any(entry["page"] == page for entry in KNOWN["records_a_failure"]) else CLOSED
    exchanges = [create(EMPTY, JSON), close(answered, JSON), read(CLOSED, JSON)]
    recording = folder / "recording.har"
    recording.write_bytes(write_har(exchanges))
    report = jobinfo_conformance.run(recording).to_json()
    for name in ("report.json", "old/report.json", "new/report.json"):
        written(folder / name, report)
    entries = json.loads(write_har(exchanges))["log"]["entries"]
    for name in ("entries.ndjson", "logs/2026-11/monday.ndjson"):
        written(folder / name, "".join(json.dumps(entry) + "\n" for entry in entries))
    for form in ("xml", "json"):
        documented = json.loads(resource("fixtures", f"documented-{form}.har").read_text("utf-8"))
        written(folder / f"answer.{form}", documented["log"]["entries"][0]["response"]["content"]["text"])
    written(folder / "request.json", '{"state": "Closed"}')
    written(folder / "my_client.py", CLIENT)
    written(folder / "my_package" / "server.py", "from emulator import app\n")
    shutil.copy(EXAMPLES / "emulator" / "emulator.py", folder)
    shutil.copy(EXAMPLES / "acme-gateway" / "acme_gateway.py", folder)
    if not any(entry["page"] == page for entry in KNOWN["makes_known_failures"]):
        written(folder / "known-failures.toml", "")


def written(path: Path, text: str) -> None:
    """Write a file, and the folders that it is in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What a reader's shell has: this Python, the command, and a session."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": str(ROOT),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "JOBINFO_SESSION_ID": SESSION,
        "GATEWAY_KEY": "a-key-of-the-gateway",
    }


@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(not command.known_as("not_run") for command in commands_of(page))]
)
def test_the_commands_of_a_page_run(
    page: str, tmp_path: Path, environment: dict[str, str], server: str, port: int, warm_suite: WarmPython
) -> None:
    """One after the other, in a folder with the files that they name; each with the exit status that a reader expects."""
    folder = tmp_path / "home"
    folder.mkdir()
    fill(folder, page)
    for command in commands_of(page):
        if command.known_as("not_run"):
            continue
        line = command.at_hand(endpoint=server, port=port, session=SESSION)
        if line.startswith("export "):
            environment |= dict([assigned.split("=", 1) for assigned in shlex.split(line)[1:]])
        elif command.known_as("serves"):
            assert "http://127.0.0.1:" in first_line(line, folder, environment), line
        else:
            done = ran(line, folder, environment, warm_suite)
            expected = 1 if command.known_as("finds_something") else 0
            assert done.returncode == expected, f"{line}\n{done.stdout}\n{done.stderr}"


def ran(line: str, folder: Path, environment: dict[str, str], suite: WarmPython) -> subprocess.CompletedProcess[str]:
    """A line that has been run: by a shell, if that has more to do than to find the suite."""
    program, *words = shlex.split(line)
    if program == "jobinfo-conformance" and not NEEDS_A_SHELL.search(line):
        return suite.run(Order("jobinfo_conformance", words, str(folder), environment))
    return subprocess.run([*SHELL, line], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


def first_line(line: str, folder: Path, environment: dict[str, str]) -> str:
    """What a command says first that goes on until it is interrupted, as it then is."""
    with subprocess.Popen([*SHELL, f"exec {line}"], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        said = running.stdout.readline()
        running.send_signal(signal.SIGINT)
        running.communicate()
    return said


def test_every_page_with_commands_is_read() -> None:
    """Blocks are found however they are set, and what is no command is none."""
    assert commands_of("README.md")[0].text == "pip install . && jobinfo-conformance run"
    assert "jobinfo-conformance run app:emulator:app" in [command.text for command in commands_of("docs/emulator.md")]
    words = {command.text.split()[0] for page in PAGES for command in commands_of(page)}
    assert words <= PROGRAMS | {word for word in words if re.fullmatch(r"[A-Z_]+=.*", word)}


@pytest.mark.parametrize(
    "entry", [entry for what in ("not_run", "finds_something", "serves") for entry in KNOWN[what]], ids=str
)
def test_what_is_known_of_commands_is_about_one_that_is_documented(entry: dict[str, str]) -> None:
    """An entry that outlives its command is out of date."""
    pages = [entry["page"]] if "page" in entry else PAGES
    assert any(re.search(entry["pattern"], command.text) for page in pages for command in commands_of(page))
