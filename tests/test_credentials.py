"""Own ways to a target: further headers, another header for the session, and a command that prints one."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from jobinfo_conformance import BadInput, Verdict, run
from jobinfo_conformance._evidence.secrets import HEADER_MARK, MARK, header_mark
from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._reference.service import Service
from jobinfo_conformance._reports.files import write_report
from jobinfo_conformance._targets import credentials
from jobinfo_conformance._targets.credentials import Credentials, without_known_secrets
from jobinfo_conformance._targets.own_headers import DOCUMENTED_HEADER, own_headers
from tests.conftest import ROOT, Command
from tests.endpoint import SESSION, Endpoint, refusing

KEY = "k3y-0f-th3-gat3way"


@pytest.fixture
def guarded(live_endpoint: Endpoint) -> Endpoint:
    """An endpoint that takes the session as a bearer token, together with a key."""

    def authenticated(request: Request) -> Request:
        headers = dict(request.headers)
        session = headers.pop("Authorization", "").removeprefix("Bearer ")
        return replace(request, headers=Headers.of([*headers.items(), ("X-SFDC-Session", session)]))

    answer = live_endpoint.answer

    def answered(request: Request) -> Response:
        if request.headers.get("X-Api-Key") != KEY:
            return refusing("InvalidSessionId", f"{request.headers.get('X-Api-Key')} is no key", status=401)
        return answer(authenticated(request))

    live_endpoint.answer = answered  # type: ignore[method-assign]
    return live_endpoint


def test_headers_and_the_sessions_own_are_sent_with_each_request(command: Command, guarded: Endpoint, tmp_path: Path) -> None:
    """Their values are nowhere in what is printed and saved."""
    own_ways = ["--header", "X-Api-Key: $GATEWAY_KEY", "--session-as", "Authorization: Bearer {}"]
    done = command("run", guarded.url, *own_ways, "--report", tmp_path / "r", GATEWAY_KEY=KEY)
    assert done.returncode == 0, done.stdout
    for text in (done.stdout, done.stderr, *(file.read_text("utf-8") for file in (tmp_path / "r").rglob("*.*"))):
        assert KEY not in text
        assert SESSION not in text
    saved = (tmp_path / "r" / "exchanges.har").read_text("utf-8")
    assert f'"value": "Bearer {MARK}"' in saved
    assert header_mark("GATEWAY_KEY") in saved


def test_a_recording_of_such_a_run_gives_the_same_verdict(command: Command, guarded: Endpoint, tmp_path: Path) -> None:
    """Requests without a session, and with one that nobody has, are known again whatever header carries it."""
    own_ways = ["--header", f"X-Api-Key: {KEY}", "--session-as", "Authorization: Bearer {}"]
    command("run", guarded.url, *own_ways, "--report", tmp_path / "r")
    done = command("run", tmp_path / "r" / "exchanges.har", "-v")
    assert done.returncode == 0
    for name in ("refuses/no-session", "refuses/wrong-session"):
        assert [line.split() for line in done.stdout.splitlines() if line.startswith(name)] == [[name, "MUST", "pass", "pass"]]


def test_a_key_that_is_repeated_in_a_refusal_is_not_printed(command: Command, guarded: Endpoint) -> None:
    """Not even where the first answer ends the run."""
    done = command("run", guarded.url, "--header", "X-Api-Key: not-the-key-of-anybody")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{HEADER_MARK} is no key" in done.stderr
    assert "not-the-key-of-anybody" not in done.stderr


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--header", "X-Api-Key", "--header: write it like 'X-Api-Key: $MY_KEY'"),
        ("--header", "X-Api-Key: $NO_SUCH_VARIABLE", "--header X-Api-Key: the environment has no variable NO_SUCH_VARIABLE"),
        ("--header", "X-Api-Key: 5$", "--header X-Api-Key: write $$ for a $ that is not before the name of a variable"),
        ("--header", "X-Api-Key: s3cr\u00e9t", "--header X-Api-Key: its value contains characters that a header can't have"),
        ("--session-as", "Bearer {}", "write it like 'Authorization: Bearer {}'"),
        ("--session-as", "Authorization: Bearer", "write it like 'Authorization: Bearer {}'"),
        ("--session-as", "Content-Length: {}", "--session-as Content-Length: the suite sets this header itself"),
        ("--header", "Host: s3cr.test", "--header Host: the suite sets this header itself; leave it out"),
        ("--header", "content-length: 3", "--header content-length: the suite sets this header itself; leave it out"),
        ("--header", "X-SFDC-Session: s3cr3t", "--header X-SFDC-Session: this header carries the session"),
    ],
)
def test_what_makes_no_header_is_said_in_one_line(
    command: Command, live_endpoint: Endpoint, option: str, value: str, said: str
) -> None:
    """Without the value, which is a secret."""
    done = command("run", live_endpoint.url, option, value)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "s3cr" not in done.stderr
    assert live_endpoint.asked == []


@pytest.mark.parametrize("target", [None, "reference", "app:tests.applications:flask_instance"])
@pytest.mark.parametrize("option", ["--header", "--session-as"])
def test_what_makes_no_header_is_said_whatever_the_target_is(command: Command, target: str | None, option: str) -> None:
    """Also if nothing would be sent, or no session is in the environment."""
    named = [] if target is None else [target]
    done = command("run", *named, option, "bad", session=None, PYTHONPATH=str(ROOT))
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert f"{option}" in done.stderr


def test_a_header_that_is_given_twice_is_refused(command: Command) -> None:
    """In any letter case; only one of them would be sent."""
    done = command("run", "--header", "X-Api-Key: a", "--header", "x-api-key: b")
    assert done.returncode == 2
    assert "--header x-api-key: given twice" in done.stderr


class Noting:
    """A target of one's own that notes the headers of what it is asked."""

    name = "noting"

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self._service = Service(batch_seconds=0.2)

    def send(self, request: Request) -> Response:
        """Answer as the reference does, to which any session will do."""
        self.asked.append(request)
        session = (request.headers.get("Authorization") or "").removeprefix("Bearer ")
        headers = request.headers.without("X-SFDC-Session", "Authorization")
        carried = [("X-SFDC-Session", session)] if session else []
        return self._service.answer(replace(request, headers=Headers.of([*headers, *carried])))


def test_headers_are_sent_if_the_environment_names_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target of one's own needs none; with each request goes each header, once."""
    monkeypatch.delenv("JOBINFO_SESSION_ID", raising=False)
    target = Noting()
    own_ways: dict[str, Any] = {"header": ["Accept: text/plain"], "session_as": "Authorization: Bearer {}"}
    assert run(target, serialization="xml", **own_ways).verdict is Verdict.CONFORMANT
    for request in target.asked:
        assert [value for name, value in request.headers if name.lower() == "accept"] == ["text/plain"]
    assert sum("Authorization" in dict(request.headers) for request in target.asked) > len(target.asked) / 2


@pytest.mark.parametrize(("header", "secret"), [("X-Api-Key: s3cret", "s3cret"), ("X-Pin: 1234 567", "1234 567")])
def test_a_short_value_is_not_shown_either(tmp_path: Path, header: str, secret: str) -> None:
    """In no file of a report: at least the header's own line is removed."""
    results = run("reference:close-answers-open", header=[header])
    write_report(results, tmp_path)
    for file in tmp_path.rglob("*.*"):
        assert secret not in file.read_text("utf-8"), file.name
    assert header_mark() in results.to_json()


@pytest.mark.parametrize(
    "value", ["application/json", "dataload", "Parallel", "InvalidJobState", "https://instance.salesforce.com"]
)
@pytest.mark.parametrize("given", ["{}", "$GIVEN"])
def test_ordinary_text_in_a_header_changes_no_verdict(monkeypatch: pytest.MonkeyPatch, value: str, given: str) -> None:
    """It is removed from the header's own line alone, and not from bodies that happen to say it."""
    monkeypatch.setenv("GIVEN", value)
    results = run("reference", header=[f"X-Tenant: {given.format(value)}"])
    assert [judgement.name for judgement in results.requirements if not judgement.outcome.tested] == []
    assert results.verdict is Verdict.CONFORMANT


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("X-Api-Key: $GATEWAY_KEY", '-H "X-Api-Key: $GATEWAY_KEY"'),
        ("Authorization: Bearer ${GATEWAY_KEY}", '-H "Authorization: Bearer $GATEWAY_KEY"'),
        ("Authorization: Bearer an0ther-k3y", '-H "Authorization: Bearer $JOBINFO_HEADER_AUTHORIZATION"'),
        ("X-Api-Key: an0ther-k3y", '-H "X-Api-Key: $JOBINFO_HEADER_X_API_KEY"'),
    ],
)
def test_a_curl_line_names_the_variable_that_fills_a_header_in(
    command: Command, tmp_path: Path, header: str, shown: str
) -> None:
    """So that it can be sent again, from the terminal and from the recording alike."""
    asking = ("run", "reference:close-answers-open", "--only", "state/closed", "--header", header)
    assert shown in command(*asking, GATEWAY_KEY=KEY).stdout
    command(*asking, "--report", tmp_path, GATEWAY_KEY=KEY)
    assert shown in command("run", tmp_path / "exchanges.har").stdout


def test_a_session_command_that_fails_in_the_middle_ends_the_asking_and_not_the_report(
    command: Command, live_endpoint: Endpoint, tmp_path: Path
) -> None:
    """What was seen until then is judged, and the jobs that could not be ended are named."""
    requests = 0
    authenticate = live_endpoint.authenticate

    def expiring(request: Request) -> None:
        nonlocal requests
        requests += 1
        live_endpoint.session = SESSION if requests < 40 else "another"
        authenticate(request)

    live_endpoint.authenticate = expiring  # type: ignore[method-assign]
    once = f"test -e {tmp_path}/asked && exit 4; touch {tmp_path}/asked; echo '{SESSION}'"
    done = command("run", live_endpoint.url, "--report", tmp_path / "r", session=None, JOBINFO_SESSION_COMMAND=once)
    assert done.returncode == 3, done.stdout
    assert "JOBINFO_SESSION_COMMAND ended with status 4: run it by hand to see why" in done.stdout
    assert "left open: job " in done.stdout
    assert json.loads((tmp_path / "r" / "report.json").read_text("utf-8"))["leftOpen"]


def printing(folder: Path, *sessions: str) -> str:
    """A command that prints these sessions, another one each time, and the last one again and again."""
    (folder / "sessions.txt").write_text("\n".join(sessions), "utf-8")
    program = (
        "import pathlib; file = pathlib.Path('sessions.txt'); first, *rest = file.read_text().split(); "
        "file.write_text(chr(10).join(rest or [first])); print(first)"
    )
    return f"cd {shlex.quote(str(folder))} && {shlex.quote(sys.executable)} -c {shlex.quote(program)}"


def test_a_session_comes_from_a_command_where_the_environment_names_none(
    command: Command, live_endpoint: Endpoint, tmp_path: Path
) -> None:
    """One that prints it on its standard output."""
    done = command("run", live_endpoint.url, session=None, JOBINFO_SESSION_COMMAND=printing(tmp_path, SESSION))
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_session_that_expires_in_the_middle_is_asked_for_again_once(
    command: Command, live_endpoint: Endpoint, tmp_path: Path
) -> None:
    """The request that it was refused for is sent again, and the refusal is no evidence."""
    valid = ["00D000000000001!the.first.session", "00D000000000001!the.second.session"]
    requests = 0
    authenticate = live_endpoint.authenticate

    def expiring(request: Request) -> None:
        nonlocal requests
        requests += 1
        live_endpoint.session = valid[0] if requests < 40 else valid[1]
        authenticate(request)

    live_endpoint.authenticate = expiring  # type: ignore[method-assign]
    done = command("run", live_endpoint.url, session=None, JOBINFO_SESSION_COMMAND=printing(tmp_path, *valid))
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "sessions.txt").read_text("utf-8") == valid[1]
    for session in valid:
        assert session not in done.stdout + done.stderr


def test_a_session_that_is_never_accepted_is_not_asked_for_again_and_again(
    command: Command, live_endpoint: Endpoint, tmp_path: Path
) -> None:
    """The first answer ends the run."""
    sessions = [f"00D000000000001!session.{number}" for number in range(9)]
    done = command("run", live_endpoint.url, session=None, JOBINFO_SESSION_COMMAND=printing(tmp_path, *sessions))
    assert done.returncode == 2
    assert "set JOBINFO_SESSION_ID to a session" in done.stderr
    assert len(live_endpoint.asked) == 1


@pytest.mark.parametrize("program", ["sleep 100", "sleep 100; echo secret", "sleep 100 & wait", "echo secret; sleep 100"])
def test_a_command_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """In two minutes, and here in less."""
    monkeypatch.setattr(credentials, "_PATIENCE", 0.2)
    with pytest.raises(BadInput, match=r"^JOBINFO_SESSION_COMMAND printed no session within 0\.2 seconds$"):
        Credentials.of({"JOBINFO_SESSION_COMMAND": program}, session_as=DOCUMENTED_HEADER, headers=[])
    left = [process for process in psutil.Process().children() if process.status() != psutil.STATUS_ZOMBIE]
    assert "sleep" not in {process.name() for process in left}


def test_what_a_command_leaves_running_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An agent keeps the pipe open, and goes on."""
    monkeypatch.setattr(credentials, "_PATIENCE", 3600)
    agent = tmp_path / "agent"
    program = f"sleep 3600 & echo $! > {agent}; echo {SESSION}"
    found = Credentials.of({"JOBINFO_SESSION_COMMAND": program}, session_as=DOCUMENTED_HEADER, headers=[])
    left = psutil.Process(int(agent.read_text()))
    assert (found.number, left.name()) == (1, "sleep")
    left.kill()


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("exit 7", "JOBINFO_SESSION_COMMAND ended with status 7: run it by hand to see why"),
        ("echo secret.on.stderr >&2; exit 1", "ended with status 1"),
        ("true", "the output of JOBINFO_SESSION_COMMAND is empty"),
        ("printf '\\377\\376secret'", "the output of JOBINFO_SESSION_COMMAND contains characters that a session can't have"),
        ("yes secret", "JOBINFO_SESSION_COMMAND printed more than 64 kB: have it print the session alone"),
        ("echo two words.of.a.secret", "the output of JOBINFO_SESSION_COMMAND contains characters that a session can't have"),
    ],
)
def test_a_command_that_prints_no_session_is_said_in_one_line(
    command: Command, live_endpoint: Endpoint, program: str, said: str
) -> None:
    """Without what it printed."""
    done = command("run", live_endpoint.url, session=None, JOBINFO_SESSION_COMMAND=program)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert said in done.stderr
    assert "secret" not in done.stderr


def test_the_words_of_an_error_hold_no_part_of_a_header_however_short() -> None:
    """As evidence does."""
    headers = own_headers(["X-Pin: ab12cd"], DOCUMENTED_HEADER, {})
    said = without_known_secrets(f"ab12cd of {SESSION}", {"JOBINFO_SESSION_ID": SESSION}, headers)
    assert said == f"{HEADER_MARK} of {MARK}"
