"""One run over several versions of the API: a report of each, and what changed from one to the next."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from jobinfo_conformance._exchange import Request, Response
from tests.conftest import Command
from tests.endpoint import Endpoint

BOTH = ("--api-version", "36.0", "--api-version", "62.0")


def test_two_versions_are_run_and_compared_in_one_go(command: Command, tmp_path: Path) -> None:
    """Each has a report in a folder of its own; the comparison comes last."""
    done = command("run", "reference", *BOTH, "--serialization", "xml", "--report", tmp_path / "r")
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(folder.name for folder in (tmp_path / "r").iterdir()) == ["36.0", "62.0"]
    documents = [json.loads((tmp_path / "r" / name / "report.json").read_text("utf-8")) for name in ("36.0", "62.0")]
    assert [(one["apiVersion"], one["verdict"]) for one in documents] == [("36.0", "conformant"), ("62.0", "conformant")]
    heading, last = done.stdout.splitlines()[-2:]
    assert heading == "from 36.0 to 62.0:"
    assert last.startswith("0 breaking, 0 repaired, 0 additive, 0 cosmetic; ")


def test_the_status_is_the_worst_of_the_runs_and_the_comparison(live_endpoint: Endpoint, command: Command) -> None:
    """Here the later version adds an element, which no client in XML expects, and no report is kept."""
    answer = live_endpoint.answer

    def newer(request: Request) -> Response:
        given = answer(request)
        return replace(given, body=(given.body or b"").replace(b"</jobInfo>", b"<closedBy/></jobInfo>"))

    live_endpoint.answer = lambda request: (newer if "/62.0/" in request.url else answer)(request)  # type: ignore[method-assign]
    done = command("run", live_endpoint.url, *BOTH, "--serialization", "xml")
    assert done.returncode == 1
    assert "breaking  xml   closedBy: a new element: absent -> present, in create for query" in done.stdout
    assert "  script  " not in done.stdout  # there is none once the command has ended
    assert "with --report DIR for a page and scripts that reproduce the problems" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", *BOTH), "only a live target can be run in several versions"),
        (("run", "reference", *BOTH, "--api-version", "36.0"), "--api-version names a version twice"),
        (("run", "reference", "--api-version", "36.0", "--api-version", "new"), "'new' is not an API version"),
        (("run", "http://127.0.0.1:9", *BOTH), "http://127.0.0.1:9 does not answer"),
    ],
    ids=["a recording", "twice", "no version", "nobody there"],
)
def test_versions_that_cannot_be_run_get_one_line_and_status_2(command: Command, arguments: tuple[str, ...], said: str) -> None:
    """As for one version; where the first can't be run, the second is not tried."""
    done = command(*arguments)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert said in done.stderr
