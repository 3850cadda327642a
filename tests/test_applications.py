"""Targets that are not a URL: an application in process, and an object of one's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import jobinfo_conformance
from jobinfo_conformance import Request, Response, TargetUnusable, Verdict
from jobinfo_conformance._reference.service import Service
from jobinfo_conformance._targets.app_server import Interface, interface_of, serving_app
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
        ("app:no_such_module:app", "the module no_such_module can't be imported: No module named 'no_such_module'"),
        ("app:tests.applications:nothing", "the module tests.applications has no nothing"),
        ("app:.relative:app", "'.relative' is not the name of a module: write it like package.module"),
        ("app:tests.applications:flask_app", "is not an application, which takes (environ, start_response) or"),
        ("app:tests.applications:Flask", "the class Flask is not an application: name an instance of it"),
        ("app:tests.applications:_BATCH_SECONDS", "an object of type float is not an application: it can't be called"),
    ],
)
def test_an_application_that_is_not_there_is_said_in_one_line(command: Command, name: str, said: str) -> None:
    """And nothing is run."""
    done = command("run", name, PYTHONPATH=str(ROOT))
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert said in done.stderr


BROKEN_MODULES = {
    "raises": ("value = 1\n1 / 0\n", "mine.py, line 2: ZeroDivisionError: division by zero"),
    "is no Python": ("def (\n", "mine.py, line 1: invalid syntax"),
    "ends the process": ("raise SystemExit(7)\n", "mine.py, line 1: SystemExit: 7"),
    "imports what is not there": ("import nothing_of_the_kind\n", "No module named 'nothing_of_the_kind'"),
}


@pytest.mark.parametrize("name", BROKEN_MODULES)
@pytest.mark.parametrize("option", ["app:mine:app", "--extension=mine"])
def test_a_module_that_breaks_is_the_users_to_mend(command: Command, tmp_path: Path, name: str, option: str) -> None:
    """One line says what broke, and where; it is no error of the suite."""
    text, said = BROKEN_MODULES[name]
    (tmp_path / "elsewhere" / "mine.py").write_text(text, "utf-8")
    done = command("run", option)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1), done.stderr
    assert f"the module mine can't be imported: {said}" in done.stderr


def test_modules_of_the_current_folder_do_not_take_the_place_of_others(command: Command, tmp_path: Path) -> None:
    """They come after all that is installed."""
    (tmp_path / "elsewhere" / "jinja2.py").write_text("raise SystemExit('the wrong one')\n", "utf-8")
    (tmp_path / "elsewhere" / "mine.py").write_text("from tests.applications import flask_instance as app\n", "utf-8")
    folder = tmp_path / "r"
    done = command("run", "app:mine:app", "--report", folder, PYTHONPATH=str(ROOT), PYTHONSAFEPATH="1", session=None)
    assert done.returncode == 0, done.stderr


def test_a_function_that_returns_what_an_asgi_application_does_is_one() -> None:
    """It takes the same arguments, though it is not asynchronous itself."""
    inner = applications.starlette_app()

    def wrapped(scope: Any, receive: Any, send: Any) -> Any:
        return inner(scope, receive, send)

    assert interface_of(wrapped) is Interface.ASGI
    with serving_app(wrapped) as url, HttpClient(5) as client:
        assert client.send(Request("GET", f"{url}/services/async/36.0/job/750000000000001AAA")).response.status == 400


def test_an_application_that_does_not_start_can_not_be_used() -> None:
    """The run ends once its patience does."""

    async def starting(_scope: Any, _receive: Any, _send: Any) -> None:
        await asyncio.Event().wait()

    with pytest.raises(TargetUnusable, match=r"could not be started: its lifespan took more than 0\.2 seconds"):
        jobinfo_conformance.run(starting, timeout=0.2)


@pytest.mark.parametrize("framework", ["wsgi", "asgi"])
def test_what_breaks_in_an_application_is_evidence_and_is_not_printed(
    capfd: pytest.CaptureFixture[str], framework: str
) -> None:
    """The servers would log it, and Python would print what they log."""

    def wsgi(_environ: Any, _start_response: Any) -> Any:
        raise ValueError("broken")

    async def asgi(_scope: Any, _receive: Any, _send: Any) -> None:
        raise ValueError("broken")

    results = jobinfo_conformance.run(wsgi if framework == "wsgi" else asgi, serialization="xml")
    assert results.verdict is Verdict.NOT_CONFORMANT
    assert {exchange.response.status for exchange in results.exchanges} == {500}
    assert tuple(capfd.readouterr()) == ("", "")


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


class Returning:
    """A target that returns anything."""

    name = "odd"

    def __init__(self, returned: Any) -> None:
        self._returned = returned

    def send(self, request: Request) -> Response:
        """Return it, or raise it."""
        assert request.url
        if isinstance(self._returned, Exception):
            raise self._returned
        answer: Response = self._returned
        return answer


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (ValueError("oops"), "odd does not answer: its method send raised ValueError: oops"),
        (None, "odd does not answer: its method send returned None, not a Response"),
        ({"status": 200}, "odd does not answer: its method send returned of type dict, not a Response"),
        (Response("200"), "odd does not answer: its Response has a status of type str"),  # type: ignore[arg-type]
        (Response(200, {"A": "b"}), "its Response has a headers of type dict"),  # type: ignore[arg-type]
        (Response(200, body="text"), "its Response has a body of type str"),  # type: ignore[arg-type]
    ],
)
def test_an_object_that_breaks_or_returns_no_response_does_not_answer(returned: Any, said: str) -> None:
    """As if the connection had failed; later in a run the evidence until then is judged."""
    with pytest.raises(TargetUnusable) as refused:
        jobinfo_conformance.run(Returning(returned))
    assert said in str(refused.value)


def test_what_is_no_target_is_said() -> None:
    """By its type."""
    with pytest.raises(TargetUnusable, match="int is not a target: neither a URL, a path, an application nor a Target"):
        jobinfo_conformance.run(3)  # type: ignore[arg-type]
