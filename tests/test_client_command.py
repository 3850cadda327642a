"""The command ``client``: a client as a command of its own, from its environment to the exit status."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jobinfo_conformance._cli import main
from jobinfo_conformance._clients.places import VARIABLES, Place, environment_for, with_values
from jobinfo_conformance._contract.versions import Version
from tests.conftest import Command
from tests.exchanges import CLOSED, create, post_state
from tests.figures import OF_A_CLIENT, conformant
from tests.recordings import recorded

#: A client that closes a job in JSON and looks at the answer; what comes before the close can be put in.
CLIENT = """
import json, os, sys
from urllib.request import Request, urlopen

def ask(path, value, url=os.environ["JOBINFO_ASYNC_URL"]):
    headers = {{"X-SFDC-Session": os.environ["JOBINFO_SESSION_ID"], "Content-Type": "application/json"}}
    with urlopen(Request(url + path, json.dumps(value).encode(), headers), timeout=20) as answer:
        return json.load(answer)

job = ask("job", {{"operation": "insert", "object": "Account", "contentType": "JSON"}})["id"]
{before}
closed = ask("job/" + job, {{"state": "{state}"}})
{after}
"""
CHECKED = 'sys.exit(closed["id"] != job or closed["state"] != "Closed")'
WITH_TLS = pytest.mark.skipif(
    subprocess.run([sys.executable, "-c", "import trustme"], check=False, capture_output=True).returncode != 0,
    reason="trustme is not here: pip install 'jobinfo-conformance[client]'",
)


def client(tmp_path: Path, *, before: str = "", state: str = "Closed", after: str = CHECKED) -> list[str]:
    """The command that runs a client."""
    path = tmp_path / "client.py"
    path.write_text(CLIENT.format(before=before, state=state, after=after), "utf-8")
    return [sys.executable, str(path)]


def test_a_client_that_does_all_right_is_conformant(command: Command, tmp_path: Path) -> None:
    """With exit status 0, and a line for each run that was refused."""
    done = command("client", "--strict", "--variation", "chunked", "--variation", "still-open", "--", *client(tmp_path))
    assert done.returncode == 0, done.stdout
    # one is about what only another variation shows
    assert done.stdout.splitlines()[-1] == conformant(OF_A_CLIENT - 1, OF_A_CLIENT)
    assert "noticed, exit 1, nothing on standard error; jobs: 1 Open" in done.stdout


def test_a_client_that_sends_the_wrong_state_fails(command: Command, tmp_path: Path) -> None:
    """By one problem, which names what it sent."""
    done = command("client", "--", *client(tmp_path, state="closed"))
    assert done.returncode == 1
    heads = [line.split()[1] for line in done.stdout.splitlines() if line.startswith(("FAIL ", "WARN "))]
    assert heads == ["client/state-closed"]
    assert "got       closed" in done.stdout


@pytest.mark.parametrize("values", ['(*value, "another")', '("another", *value)'], ids=["own first", "own last"])
def test_a_client_that_sends_two_sessions_fails(command: Command, tmp_path: Path, values: str) -> None:
    """Which of them an endpoint goes by, no source says."""
    before = f"""from http.client import HTTPConnection
put = HTTPConnection.putheader
def twice(to, name, *value):
    for each in {values} if name.lower() == "x-sfdc-session" else value:
        put(to, name, each)
HTTPConnection.putheader = twice"""
    done = command("client", "--variation", "chunked", "--", *client(tmp_path, before=before))
    assert done.returncode == 1
    assert "FAIL client/session-header" in done.stdout
    assert "expected  a single one\n  got       2 of them\n  where     X-SFDC-Session of the request" in done.stdout


def test_a_client_that_looks_at_nothing_fails_by_silence(command: Command, tmp_path: Path) -> None:
    """The answers that passed are named, to be replayed."""
    silent = client(tmp_path, after="")
    done = command("client", "--variation", "created-nothing", "--variation", "still-open", "--", *silent)
    assert done.returncode == 1
    assert "FAIL client/notices-a-refusal" in done.stdout
    assert "where     --variation created-nothing" in done.stdout
    assert "WARN client/notices-a-departure" in done.stdout
    assert "got       exit 0, nothing on standard error, 1 job left Open" in done.stdout


def test_the_last_words_of_a_client_that_fails_on_the_usual_answers_are_shown(command: Command, tmp_path: Path) -> None:
    """Whoever wrote it need not run it again to see them."""
    broken = client(tmp_path, after='raise SystemExit("no module\\x1b[2J named loader")')
    done = command("client", "--variation", "chunked", "--", *broken)
    assert "its last line: no module\\x1b[2J named loader\n" in done.stdout


def test_a_variation_that_was_named_has_its_line_also_where_it_changed_nothing(command: Command, tmp_path: Path) -> None:
    """Whoever asks for it wants to know; of all others only those that show trouble are told."""
    done = command("client", "--variation", "chunked", "--", *client(tmp_path))
    told = done.stdout.partition("runs of the client:\n")[2].partition("\n\n")[0]
    assert [line.split()[0] for line in told.splitlines()] == ["usual", "chunked"], done.stdout


def test_a_message_can_show_what_the_exit_status_does_not(command: Command, tmp_path: Path) -> None:
    """A pattern of the user's own finds it."""
    prints = client(tmp_path, after='print("all well" if closed["state"] == "Closed" else "the job is still open")')
    arguments = ["client", "-q", "--strict", "--variation", "still-open"]
    assert command(*arguments, "--", *prints).returncode == 1
    assert command(*arguments, "--noticed-by", "still open", "--", *prints).returncode == 0


def test_a_message_is_found_however_much_a_client_writes_after_it(command: Command, tmp_path: Path) -> None:
    """On a line of its own, as Windows ends it."""
    says = 'sys.stdout.write("begins\\r\\n" + ("" if closed["state"] == "Closed" else "STILL OPEN\\r\\n") + "x" * 100_000)'
    arguments = ["client", "-q", "--strict", "--variation", "still-open"]
    done = command(*arguments, "--noticed-by", "^STILL OPEN$", "--", *client(tmp_path, after=says))
    assert done.returncode == 0, done.stdout


def test_placeholders_stand_for_what_a_client_is_told(command: Command, tmp_path: Path) -> None:
    """All of them, and the environment says the same."""
    shown = tmp_path / "shown.json"
    words = [f"{{{name}}}" for name in VARIABLES if name not in ("https_url", "ca_file")]
    script = f"import json, os, sys; json.dump([sys.argv[1:], dict(os.environ)], open({str(shown)!r}, 'w'))"
    command("client", "--api-version", "58.0", "--", sys.executable, "-c", script, *words)
    told, environment = json.loads(shown.read_text("utf-8"))
    assert told == [environment[VARIABLES[word.strip("{}")]] for word in words]
    base, async_url, host, session, version = told
    assert (base, async_url) == (f"http://{host}", f"http://{host}/services/async/58.0/")
    assert (version, "!" in session) == ("58.0", True)


def test_a_client_that_never_connects_is_told_where_to(command: Command) -> None:
    """One line, with the end of what it said, and exit status 2."""
    done = command("client", "--", sys.executable, "-c", "raise SystemExit('no such host')")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "never connected: it ended with exit status 1 and said: no such host. Have it connect to {base_url}" in done.stderr


@WITH_TLS
def test_a_client_that_does_not_use_its_proxy_is_told_of_it(command: Command) -> None:
    """It need not know where the reference is."""
    done = command("client", "--proxy", "--", sys.executable, "-c", "raise SystemExit('no such host')")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "It did not use the proxy that HTTPS_PROXY names; set that in the client" in done.stderr
    assert "{base_url}" not in done.stderr


@pytest.mark.parametrize("limit", ["0", "-1", "inf", "soon"])
def test_a_time_limit_that_leaves_no_time_is_one_line(capsys: pytest.CaptureFixture[str], limit: str) -> None:
    """No client would end in it."""
    assert main(["client", "--time-limit", limit, "--", "true"]) == 2
    assert f"argument --time-limit: give a number above 0, not '{limit}'" in capsys.readouterr().err


def test_a_client_that_never_closes_anything_is_inconclusive(command: Command) -> None:
    """With exit status 3."""
    script = "import os, urllib.request as u; u.urlopen(os.environ['JOBINFO_BASE_URL'] + '/services/data')"
    done = command("client", "--", sys.executable, "-c", script)
    assert done.returncode == 3
    assert "the client connected and never closed a job" in done.stdout


def test_a_client_that_does_not_end_is_ended(command: Command, tmp_path: Path) -> None:
    """With what it started; the time that it had is named."""
    child = tmp_path / "child"
    starts = f"import subprocess; p = subprocess.Popen(['sleep', '600']); open({str(child)!r}, 'w').write(str(p.pid)); p.wait()"
    done = command("client", "--time-limit", "3", "--", *client(tmp_path, after=starts))
    assert "no end within 3 s" in done.stdout
    process = Path("/proc") / child.read_text("utf-8")
    for _ in range(100):
        if not process.exists() or " Z " in (process / "stat").read_text("utf-8"):
            return
        time.sleep(0.05)
    pytest.fail("what the client started is still running")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["client"], "name the command after --"),
        (["client", "--", "no-such-command"], "no-such-command can't be started: No such file or directory"),
        (["client", "--noticed-by", "(", "--", "true"], "--noticed-by '(' is no regular expression, nor exit, nor stderr"),
        (["client", "--variation", "chunkd", "--", "true"], "there is no variation chunkd"),
        (
            ["client", "--only", "state", "--", "true"],
            "--only state: neither a requirement on clients nor their family, client; of a client nothing else is judged",
        ),
        (
            ["run", "--only", "client/method"],
            "--only client/method: neither a requirement on endpoints nor a family of them; jobinfo-conformance client judges",
        ),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else None,
)
def test_wrong_usage_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    """And exit status 2."""
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith(f"jobinfo-conformance: {said}")
    assert (printed.out, printed.err.count("\n")) == ("", 1)


def test_variations_are_listed_with_a_sentence_each(capsys: pytest.CaptureFixture[str]) -> None:
    """Unusual ones, refusals and lies."""
    assert main(["client", "--list-variations"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {"chunked", "utf-16", "reset", "still-open"} <= {line.split()[0] for line in lines}
    assert all(line.endswith(".") for line in lines)


def test_a_report_a_baseline_and_known_failures_are_those_of_a_run(command: Command, tmp_path: Path) -> None:
    """The silence is known, and then a regression."""
    silent, known = client(tmp_path, after=""), tmp_path / "known.toml"
    known.write_text('[[known]]\nrequirement = "client/notices-a-refusal"\nreason = "tracked"\n', "utf-8")
    arguments = ["client", "-q", "--variation", "created-nothing"]
    good, bad = tmp_path / "good", tmp_path / "bad"
    assert command(*arguments, "--report", good, "--", *client(tmp_path)).returncode == 0
    silent = client(tmp_path, after="")
    assert command(*arguments, "--report", bad, "--", *silent).returncode == 1
    assert command(*arguments, "--known-failures", known, "--", *silent).returncode == 0
    assert command(*arguments, "--baseline", bad / "report.json", "--", *silent).returncode == 0
    assert command(*arguments, "--baseline", good / "report.json", "--", *silent).returncode == 1
    assert (bad / "report.html").exists()


@WITH_TLS
def test_a_certificate_that_is_refused_is_told_with_the_variables(command: Command) -> None:
    """One line: which file, and where clients look for it."""
    script = "import os, urllib.request as u; u.urlopen(os.environ['JOBINFO_HTTPS_URL'])"
    done = command("client", "--", sys.executable, "-c", script)
    assert done.returncode == 2
    assert "refused the certificate of 127.0.0.1" in done.stderr
    assert "Name the file in JOBINFO_CA_FILE where the client looks for it: REQUESTS_CA_BUNDLE for requests" in done.stderr


@WITH_TLS
def test_a_client_whose_host_is_wired_in_is_led_through_a_proxy(command: Command, tmp_path: Path) -> None:
    """It speaks https with a host that does not exist."""
    wired = 'job = ask("job", {"operation": "insert", "object": "Account"}, "https://no.such.host.example/services/async/62.0/")["id"]'
    before = f"{wired}\nask_here = ask\nask = lambda p, v: ask_here(p, v, 'https://no.such.host.example/services/async/62.0/')"
    done = command("client", "--proxy", "--variation", "chunked", "--", *client(tmp_path, before=before))
    assert "exit 0, nothing on standard error; jobs: 1 Open, 1 Closed" in done.stdout
    assert "FAIL client/closes-what-it-opened" in done.stdout


@WITH_TLS
def test_the_usual_clients_find_the_proxy_and_the_certificate_in_their_variables(tmp_path: Path) -> None:
    """And no exception from the proxy that the user has set."""
    place = Place(
        "http://127.0.0.1:1", "s", Version(62), "https://127.0.0.1:2", "/ca.pem", "http://127.0.0.1:1", str(tmp_path / "ca.p12")
    )
    own = {"NO_PROXY": "*", "CURL_CA_BUNDLE": "/own.pem", "SSL_CERT_DIR": "/own", "JOBINFO_SESSION_ID": "a real one"}
    told = environment_for(place, {**own, "PATH": "/bin"})
    assert {told[name] for name in ("HTTPS_PROXY", "https_proxy")} == {"http://127.0.0.1:1"}
    files = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
    assert {told[name] for name in files} == {"/ca.pem"}
    assert "SSL_CERT_DIR" not in told
    assert "-Dhttps.proxyPort=1" in told["JAVA_TOOL_OPTIONS"]
    assert (told["PATH"], told["JOBINFO_SESSION_ID"], "NO_PROXY" in told) == ("/bin", "s", False)
    assert with_values(["--url={base_url}/x", "{other}"], place) == ["--url=http://127.0.0.1:1/x", "{other}"]


def test_a_proxy_of_the_users_own_has_no_business_with_loopback() -> None:
    """Whatever else it is not for."""
    place = Place("http://127.0.0.1:1", "s", Version(62))
    told = environment_for(place, {"HTTP_PROXY": "http://proxy.example:3128", "NO_PROXY": "example.com"})
    assert told["HTTP_PROXY"] == "http://proxy.example:3128"
    assert (told["NO_PROXY"], told["no_proxy"]) == ("example.com,127.0.0.1,localhost", "127.0.0.1,localhost")


# In a client's own tests, and in a recording


def test_a_clients_own_test_gets_a_place_and_a_judgement(run_pytest: Command, tmp_path: Path) -> None:
    """The test that closes passes; the one that forgets the close fails at its end, by the requirement."""
    (tmp_path / "test_own.py").write_text(
        """
import json
from urllib.request import Request, urlopen

def ask(place, path, value):
    headers = {"X-SFDC-Session": place.session, "Content-Type": "application/json"}
    with urlopen(Request(place.async_url + path, json.dumps(value).encode(), headers)) as answer:
        return json.load(answer)

def test_closes(jobinfo_client):
    job = ask(jobinfo_client, "job", {"operation": "insert", "object": "Account"})["id"]
    assert ask(jobinfo_client, "job/" + job, {"state": "Closed"})["state"] == "Closed"

def test_forgets(jobinfo_client):
    ask(jobinfo_client, "job", {"operation": "insert", "object": "Account"})

def test_asks_nothing(jobinfo_client):
    pass
""",
        "utf-8",
    )
    done = run_pytest("-q", "-p", "no:cacheprovider", tmp_path)
    assert "3 passed, 2 errors" in done.stdout
    assert "FAIL client/closes-what-it-opened" in done.stdout
    assert "ERROR at teardown of test_asks_nothing ____________________\nno request came to http://127.0.0.1:" in done.stdout
    assert "Stand(" not in done.stdout


def test_a_clients_own_test_that_skips_or_fails_is_not_judged(run_pytest: Command, tmp_path: Path) -> None:
    """Neither for asking nothing nor for what it left open: it did not come to its end."""
    (tmp_path / "test_own.py").write_text(
        """
import pytest
from urllib.request import Request, urlopen

def opens(place):
    headers = {"X-SFDC-Session": place.session, "Content-Type": "application/json"}
    urlopen(Request(place.async_url + "job", b'{"operation": "insert", "object": "Account"}', headers)).close()

def test_skips(jobinfo_client):
    pytest.skip("not here")

def test_fails(jobinfo_client):
    opens(jobinfo_client)
    assert not "what the test itself is about"

@pytest.mark.xfail
def test_is_known_to_fail(jobinfo_client):
    opens(jobinfo_client)
    raise ConnectionError

@pytest.fixture
def broken(jobinfo_client):
    opens(jobinfo_client)
    raise ConnectionError

def test_never_begins(broken):
    pass
""",
        "utf-8",
    )
    done = run_pytest("-q", "-p", "no:cacheprovider", tmp_path)
    assert "1 failed, 1 skipped, 1 xfailed, 1 error in" in done.stdout
    assert "ClientFails" not in done.stdout


def test_the_report_on_a_client_can_be_read_although_a_close_was_never_answered(command: Command, tmp_path: Path) -> None:
    """What was not answered is no exchange; the other files are made from the report again."""
    report = tmp_path / "report"
    command("client", "-q", "--variation", "reset", "--report", report, "--", *client(tmp_path))
    entries = json.loads((report / "report.json").read_text("utf-8"))["exchanges"]
    assert 0 in {entry["response"]["status"] for entry in entries}
    done = command("report", report / "report.json", tmp_path / "again")
    assert (done.stderr, done.returncode) == ("", 0)


def test_a_recording_of_a_clients_traffic_judges_the_client(command: Command, tmp_path: Path) -> None:
    """A wrong close is a finding, and what it was answered is none."""
    report = tmp_path / "report"
    wrong = client(tmp_path, state="closed")
    command("client", "-q", "--report", report, "--", *wrong)
    done = command("check", "--as-client", report / "exchanges.har")
    assert done.returncode == 1
    assert "close-request: fail client/state-closed (MUST) state: expected Closed, got closed" in done.stdout
    assert "create-request: nothing found" in done.stdout or "create-request: fail client/closes-what-it-opened" in done.stdout


def test_a_job_whose_close_stands_before_its_create_in_a_recording_is_closed(command: Command, tmp_path: Path) -> None:
    """Entries of one time may be in any order, and one that was saved with others may come first."""
    path = recorded(tmp_path / "a.har", post_state("Closed", CLOSED), create(CLOSED))
    done = command("check", "--as-client", path)
    assert "client/closes-what-it-opened" not in done.stdout
    assert "client/closes-what-it-opened" in command("check", "--as-client", recorded(path, create(CLOSED))).stdout


def test_a_browsers_preflight_in_a_recording_is_no_request_of_the_clients(command: Command, tmp_path: Path) -> None:
    """It carries no session, and its method is none that the client chose."""
    report = tmp_path / "report"
    command("client", "-q", "--variation", "chunked", "--report", report, "--", *client(tmp_path))
    recording = json.loads((report / "exchanges.har").read_text("utf-8"))
    entries = recording["log"]["entries"]
    preflight = json.loads(json.dumps(entries[0]))
    preflight["request"].update(method="OPTIONS", headers=[{"name": "Access-Control-Request-Method", "value": "POST"}])
    preflight["request"].pop("postData")
    entries.insert(0, preflight)
    path = tmp_path / "browser.har"
    path.write_text(json.dumps(recording), "utf-8")
    done = command("check", "--as-client", path)
    assert (done.returncode, "fail" in done.stdout) == (0, False), done.stdout
    assert "close-request: nothing found" in done.stdout


@WITH_TLS
def test_serve_speaks_https_and_names_its_certificate(tmp_path: Path) -> None:
    """A client that trusts it gets an answer."""
    words = [sys.executable, "-m", "jobinfo_conformance", "serve", "--tls"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        url = lines[0].split()[1].rstrip(";")
        ca_file = next(line for line in lines if line.startswith("certificate: ")).split()[1].rstrip(",")
        script = f"import urllib.request as u, ssl; u.urlopen('{url}', context=ssl.create_default_context(cafile='{ca_file}'))"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
        process.terminate()
    assert "HTTP Error 400" in done.stderr  # no session
