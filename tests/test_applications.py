"""Targets that are not a URL: an application in process, and an object of one's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import jobinfo_conformance
from jobinfo_conformance import Request, Response, TargetUnusable, Verdict
from jobinfo_conformance._reference.service import Service
from jobinfo_conformance._targets.app_server import serving_app
from jobinfo_conformance._targets.http_client import HttpClient
from tests import applications
from tests.conftest import ROOT, Command

APPLICATIONS: dict[str, Callable[[], Callable[..., Any]]] = {
    "flask": applications.flask_app,
    "starlette": applications.starlette_app,
}


@pytest.mark.parametrize("framework", APPLICATIONS)
def test_an_application_of_either_kind_is_a_target(framework: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over real connections, so that gzip and chunks are real: all requirements are tested."""
    monkeypatch.delenv("JOBINFO_SESSION_ID", raising=False)
    results = jobinfo_conformance.run(APPLICATIONS[framework](), strict=True)
    assert [judgement.name for judgement in results.requirements if not judgement.outcome.tested] == []
    assert results.verdict is Verdict.CONFORMANT


@pytest.mark.parametrize("framework", APPLICATIONS)
def test_the_command_line_takes_an_application_by_its_name(command: Command, framework: str) -> None:
    """With the session of the environment, as its tests may want."""
    done = command("run", f"app:tests.applications:{framework}_instance", PYTHONPATH=str(ROOT), session=None)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"target: app:tests.applications:{framework}_instance, API version 36.0" in done.stdout


def test_an_application_in_the_current_folder_is_found(command: Command, tmp_path: Path) -> None:
    """Where the console script is called; a fault of it is found like any other."""
    text = "from tests.applications import flask_app\napp = flask_app('close-answers-201')\n"
    (tmp_path / "elsewhere" / "mine.py").write_text(text, "utf-8")
    done = command("run", "app:mine:app", PYTHONPATH=str(ROOT), session=None)
    assert done.returncode == 1
    assert "FAIL http/status-200 (MUST, xml and json)" in done.stdout


@pytest.mark.parametrize("framework", APPLICATIONS)
def test_an_application_is_served_no_longer_than_it_is_asked(framework: str) -> None:
    """Then nobody listens any more."""
    with serving_app(APPLICATIONS[framework]()) as url, HttpClient(5) as client:
        assert client.send(Request("GET", f"{url}/services/async/36.0/job/750000000000001AAA")).response.status == 400
    with HttpClient(5) as client, pytest.raises(Exception, match="refused"):
        client.send(Request("GET", url))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("app:tests.applications", "write an application as app:package.module:attribute"),
        ("app:no_such_module:app", "app:no_such_module:app can't be imported: No module named 'no_such_module'"),
        ("app:tests.applications:nothing", "can't be imported: module 'tests.applications' has no attribute 'nothing'"),
    ],
)
def test_an_application_that_is_not_there_is_said_in_one_line(command: Command, name: str, said: str) -> None:
    """And nothing is run."""
    done = command("run", name, PYTHONPATH=str(ROOT))
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert said in done.stderr


class InProcess:
    """A target of one's own: the reference, without a network."""

    name = "in process"

    def __init__(self) -> None:
        self._service = Service(batch_seconds=0.2)

    def send(self, request: Request) -> Response:
        """Answer."""
        return self._service.answer(request)


class Silent:
    """A target that answers nothing."""

    name = "silent"

    def send(self, request: Request) -> Response:  # noqa: ARG002
        """Answer nothing."""
        raise ConnectionResetError("nobody is there")


def test_an_object_of_ones_own_is_a_target(monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers requests, and every scenario is played on it."""
    monkeypatch.delenv("JOBINFO_SESSION_ID", raising=False)
    results = jobinfo_conformance.run(InProcess(), strict=True)
    assert (results.verdict, results.target) == (Verdict.CONFORMANT, "in process")


def test_an_object_that_does_not_answer_can_not_be_used() -> None:
    """As a URL that does not."""
    with pytest.raises(TargetUnusable, match="silent does not answer: nobody is there"):
        jobinfo_conformance.run(Silent())


def test_what_is_no_target_is_said() -> None:
    """By its type."""
    with pytest.raises(TargetUnusable, match="int is not a target: neither a URL, a path, an application nor a Target"):
        jobinfo_conformance.run(3)  # type: ignore[arg-type]
