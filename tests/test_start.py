"""``--start``: a command that serves the target is started, waited for, and ended with all that it started."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile

import psutil
import pytest

import jobinfo_conformance
from jobinfo_conformance import BadInput, TargetUnusable
from jobinfo_conformance._process.commands import Running, end_of
from jobinfo_conformance._targets.started import Address, started, why_refused
from tests.conftest import Command
from tests.endpoint import SESSION, Endpoint
from tests.exchanges import create

#: Longer than any test.
FOREVER = 600
#: A server that answers some requests with a refusal, and dies of the next one.
DIES = """
import http.server, os, sys
class Refusing(http.server.BaseHTTPRequestHandler):
    count = 0
    def do_POST(self):
        Refusing.count += 1
        if Refusing.count > int(sys.argv[2]):
            os._exit(7)
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Refusing).serve_forever()
"""

#: A port that accepts three connections, and ends each at once: some by a reset.
COMES_LATE = """
import socket, struct, sys
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listening:
    for resets in (True, False, True):
        connection, _ = listening.accept()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", resets, 0))
        connection.close()
"""

#: A server that creates a job, and dies of the next request.
LEAVES_A_JOB = """
import http.server, os, sys
from pathlib import Path
class Creating(http.server.BaseHTTPRequestHandler):
    count = 0
    def do_POST(self):
        Creating.count += 1
        if Creating.count > 1:
            os._exit(7)
        body = Path(sys.argv[2]).read_bytes()
        self.send_response(201)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Creating).serve_forever()
"""

#: What is said of it.
ENDED = "--start: the command ended with exit status 7 during the run"


def python(*arguments: object) -> str:
    """A command of the shell that runs Python."""
    return shlex.join([sys.executable, *map(str, arguments)])


def serving(port: int) -> str:
    """A command of the shell that serves the reference."""
    return python("-m", "jobinfo_conformance", "serve", "--port", port)


def is_served(port: int) -> bool:
    """Whether something accepts connections."""
    return why_refused(Address("127.0.0.1", port), 1) is None


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(file: Path) -> bool:
    """Whether the process whose id is in a file has not ended."""
    number = int(file.read_text("utf-8"))
    return psutil.pid_exists(number) and psutil.Process(number).status() != psutil.STATUS_ZOMBIE


# An endpoint that comes up


def test_an_endpoint_is_started_and_tested_and_ended(command: Command, port: int) -> None:
    """And what it prints is not in the output."""
    done = command("run", f"http://127.0.0.1:{port}", "--start", serving(port))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("conformant: ")
    assert "serving" not in done.stdout + done.stderr
    assert not is_served(port)


def test_each_of_several_versions_has_an_endpoint_of_its_own(command: Command, port: int) -> None:
    """The second is started when the first has ended."""
    versions = ["--api-version", "36.0", "--api-version", "62.0"]
    done = command("run", f"http://127.0.0.1:{port}", "--start", serving(port), "--only", "state/closed", *versions)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "from 36.0 to 62.0" in done.stdout


def test_an_endpoint_is_started_to_be_recorded(command: Command, port: int, tmp_path: Path) -> None:
    """The recording can be run without it."""
    file = tmp_path / "made.har"
    done = command("record", f"http://127.0.0.1:{port}", file, "--start", serving(port))
    assert done.returncode == 0, done.stderr
    assert not is_served(port)
    assert command("run", file).returncode == 0


def test_pytest_starts_an_endpoint_too(run_pytest: Command, port: int) -> None:
    """By an option of the same name."""
    named = [f"--jobinfo-target=http://127.0.0.1:{port}", "--jobinfo-start", serving(port)]
    done = run_pytest(
        "-q", "-p", "no:cacheprovider", "--pyargs", "jobinfo_conformance.suite", *named, "--jobinfo-only=state/closed"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not is_served(port)


def test_python_starts_an_endpoint_too(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a keyword of the same name."""
    monkeypatch.setenv("JOBINFO_SESSION_ID", SESSION)
    results = jobinfo_conformance.run(f"http://127.0.0.1:{port}", start=serving(port), only=["state/closed"])
    assert results.exit_status == 0
    assert results.requests > 0
    assert not is_served(port)


def test_a_command_that_goes_on_in_the_background_is_waited_for_and_ended(command: Command, port: int) -> None:
    """Though the shell that started it has ended."""
    done = command("run", f"http://127.0.0.1:{port}", "--only", "state/closed", "--start", f"setsid {serving(port)} & exit 0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not is_served(port)


def test_a_port_that_accepts_before_the_server_behind_it_is_up_is_waited_for(
    command: Command, port: int, tmp_path: Path
) -> None:
    """As that of a proxy: it ends the first connections at once, and the run begins with the server."""
    script = tmp_path / "late.py"
    script.write_text(COMES_LATE, "utf-8")
    start = f"{python(script, port)} && {serving(port)}"
    done = command("run", f"http://127.0.0.1:{port}", "--only", "state/closed", "--start", start)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("conformant: ")


def test_a_plan_starts_nothing(command: Command, port: int, tmp_path: Path) -> None:
    """``--collect-only`` asks nothing."""
    touched = tmp_path / "touched"
    done = command("run", f"http://127.0.0.1:{port}", "--collect-only", "--start", f"touch {touched}")
    assert (done.returncode, touched.exists()) == (0, False)


# One that does not


@pytest.mark.parametrize(
    ("start", "said", "quoted"),
    [
        (
            "no-such-server --port 1",
            "ended with exit status 127 before {place} accepted connections: the shell can't find it",
            "no-such-server",
        ),
        ("/", "ended with exit status 126 before {place} accepted connections: the shell can't execute it", "/"),
        ("true", "ended with exit status 0 before {place} accepted connections: give one that stays in the foreground", ""),
        (
            "echo one; echo two >&2; exit 3",
            "ended with exit status 3 before {place} accepted connections",
            "    one\n    two\n",
        ),
        ("kill -KILL $$", "was ended by a signal (Killed) before {place} accepted connections", ""),
    ],
    ids=["not found", "not executable", "in the background", "failed", "killed"],
)
def test_a_command_that_ends_too_early_is_told_with_its_last_lines(
    command: Command, port: int, start: str, said: str, quoted: str
) -> None:
    """Exit status 2, and a line that says how it ended."""
    done = command("run", f"http://127.0.0.1:{port}", "--start", start)
    first, _, rest = done.stderr.partition("\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert first == f"jobinfo-conformance: --start: the command {said.format(place=f'127.0.0.1:{port}')}"
    assert quoted in rest
    assert bool(quoted) == bool(rest)


TARGET = """
import pytest

@pytest.fixture(scope="session")
def jobinfo_target():
    return "http://127.0.0.1:{}"
"""


def test_a_command_that_ends_too_early_is_told_with_its_last_lines_under_xdist(
    run_pytest: Command, port: int, tmp_path: Path
) -> None:
    """By the worker that started it for a fixture, and by those that waited for it."""
    (tmp_path / "conftest.py").write_text(TARGET.format(port), "utf-8")
    (tmp_path / "test_own.py").write_text("from jobinfo_conformance.suite import *", "utf-8")
    done = run_pytest("-n", "2", "--jobinfo-start=echo the reason; exit 3", "test_own.py")
    assert "    the reason" in done.stdout + done.stderr


def test_the_words_of_a_command_move_no_cursor_and_show_no_session(command: Command, port: int) -> None:
    """And no more than the last lines of them are shown."""
    start = "for n in 1 2 3 4 5 6 7 8 9 10; do echo line $n; done; printf 'red \\033[31m %s\\n' $JOBINFO_SESSION_ID; exit 1"
    done = command("run", f"http://127.0.0.1:{port}", "--start", start)
    assert "\x1b" not in done.stderr
    assert done.stderr.splitlines()[1:] == [*(f"    line {n}" for n in range(2, 11)), r"    red \x1b[31m [JOBINFO-SESSION]"]


def test_the_words_of_a_command_show_no_session_that_another_command_printed(command: Command, port: int) -> None:
    """The session is known before the command is started."""
    start = "echo started with $OWN_TOKEN; exit 1"
    own = {"JOBINFO_SESSION_ID": "", "JOBINFO_SESSION_COMMAND": f"echo {SESSION}", "OWN_TOKEN": SESSION}
    done = command("run", f"http://127.0.0.1:{port}", "--start", start, **own)
    assert done.returncode == 2
    assert done.stderr.splitlines()[1:] == ["    started with [JOBINFO-SESSION]"]


def test_a_port_that_never_opens_is_told_with_the_last_lines(command: Command, port: int) -> None:
    """And the command is ended."""
    started_at = time.monotonic()
    start = f"echo still loading; sleep {FOREVER}"
    done = command("run", f"http://127.0.0.1:{port}", "--timeout", "0.5", "--start", start)
    assert done.returncode == 2
    said, quoted = done.stderr.splitlines()
    assert said == (
        f"jobinfo-conformance: --start: 127.0.0.1:{port} accepted no connection within 0.5 s (Connection refused): "
        "give it longer with --timeout"
    )
    assert quoted == "    still loading"
    assert time.monotonic() - started_at < FOREVER


def test_what_a_command_wrote_is_read_without_disturbing_what_it_writes() -> None:
    """Both have the offset of the file in common, and a move of it would leave a hole or overwrite."""
    with TemporaryFile() as output:
        output.write(b"one\r\ntwo\n")
        output.flush()
        os.lseek(output.fileno(), 5, os.SEEK_SET)
        assert (end_of(output, 100), end_of(output, 4)) == ("one\ntwo\n", "two\n")
        assert os.lseek(output.fileno(), 0, os.SEEK_CUR) == 5


def test_a_command_that_listens_on_another_port_is_told_which(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slip of the pen needs no search."""
    monkeypatch.setenv("JOBINFO_SESSION_ID", SESSION)
    listens = "import socket, time; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True)"
    start = python("-c", f"{listens}; time.sleep({FOREVER})")
    with pytest.raises(TargetUnusable, match=r"accepted no connection .*; the command listens on port \d+$") as raised:
        jobinfo_conformance.run(f"http://127.0.0.1:{port}", start=start, timeout=2)
    assert str(raised.value).endswith(f"port {raised.value.quoted[-1]}")


def test_what_is_served_already_is_not_taken_for_what_is_started(
    command: Command, live_endpoint: Endpoint, tmp_path: Path
) -> None:
    """Nothing is asked of it, and the command is not run."""
    touched = tmp_path / "touched"
    done = command("run", live_endpoint.url, "--start", f"touch {touched}")
    place = live_endpoint.url.removeprefix("http://")
    assert (done.returncode, live_endpoint.asked, touched.exists()) == (2, [], False)
    assert done.stderr == (
        f"jobinfo-conformance: --start: {place} accepts connections already: end what serves it, "
        "or leave out --start to test that\n"
    )


@pytest.mark.parametrize("target", ["recording.har", "reference", "reference:reopens", "app:module:app", None])
def test_a_target_without_a_port_has_nothing_to_wait_for(command: Command, tmp_path: Path, target: str | None) -> None:
    """One line, and the command is not run."""
    touched = tmp_path / "touched"
    done = command("run", *([target] if target else []), "--start", f"touch {touched}")
    assert (done.returncode, done.stdout, touched.exists()) == (2, "", False)
    assert done.stderr == (
        "jobinfo-conformance: --start needs a URL as the target, whose port it waits for: http://127.0.0.1:8080\n"
    )


@pytest.mark.parametrize("start", ["", " ", "a\0b", 3])
def test_what_is_no_command_is_refused(start: object) -> None:
    """Also from Python."""
    with pytest.raises(BadInput, match=r"^start is .*: give a command for the shell, such as 'python server.py'$"):
        jobinfo_conformance.run("http://127.0.0.1:1", start=start)  # type: ignore[arg-type]  # what users may write


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://localhost", "localhost:80"),
        ("https://localhost/base", "localhost:443"),
        ("http://[::1]:8080", "[::1]:8080"),
        ("http://127.0.0.1:5000/services", "127.0.0.1:5000"),
    ],
)
def test_the_port_of_a_url_may_be_that_of_its_scheme(url: str, place: str) -> None:
    """Whatever path comes after it."""
    assert str(Address.of(url)) == place


# The end


def test_an_endpoint_that_ends_during_the_run_is_told(command: Command, port: int, tmp_path: Path) -> None:
    """Beside what was found, and in the report."""
    script, report = tmp_path / "dies.py", tmp_path / "report"
    script.write_text(DIES, "utf-8")
    done = command("run", f"http://127.0.0.1:{port}", "--report", report, "--start", python(script, port, 3))
    assert ENDED in done.stdout
    assert ENDED in (report / "report.json").read_text("utf-8")


def test_the_jobs_of_an_endpoint_that_ended_are_nobodys_to_end(
    command: Command, port: int, tmp_path: Path, state: Path
) -> None:
    """They are gone with it: neither the user is told to end them, nor the next run tries."""
    script, answer = tmp_path / "dies.py", tmp_path / "created.xml"
    script.write_text(LEAVES_A_JOB, "utf-8")
    answer.write_bytes(create().response.body or b"")
    done = command("run", f"http://127.0.0.1:{port}", "--start", python(script, port, answer))
    assert ENDED in done.stdout
    assert "left open" not in done.stdout
    assert list((state / "jobinfo-conformance").iterdir()) == []


def test_an_endpoint_that_dies_of_the_first_request_is_told_beside_the_request(
    command: Command, port: int, tmp_path: Path
) -> None:
    """One line that says both, and exit status 2."""
    script = tmp_path / "dies.py"
    script.write_text(DIES, "utf-8")
    done = command("run", f"http://127.0.0.1:{port}", "--start", python(script, port, 0))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"127.0.0.1:{port} does not answer" in done.stderr
    assert ENDED in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=["Ctrl-C", "cancelled", "hung up"])
@pytest.mark.parametrize("front", ["run", "pytest"])
def test_a_run_that_is_interrupted_ends_the_command(port: int, tmp_path: Path, front: str, number: signal.Signals) -> None:
    """While it waits for the port, by each front; exit status 2 and no traceback."""
    child = tmp_path / "child"
    start, url = f"sleep {FOREVER} & echo $! > {child}; wait", f"http://127.0.0.1:{port}"
    words = {
        "run": ["jobinfo_conformance", "run", url, "--start", start],
        "pytest": [
            *("pytest", "-p", "no:cacheprovider", "--pyargs", "jobinfo_conformance.suite"),
            *("--jobinfo-target", url, "--jobinfo-start", start),
        ],
    }
    run = subprocess.Popen(
        [sys.executable, "-m", *words[front]],
        env={**os.environ, "JOBINFO_SESSION_ID": SESSION},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
    )
    until(lambda: child.exists() and child.read_text("utf-8").endswith("\n"))
    run.send_signal(number)
    printed, _ = run.communicate(timeout=60)
    assert run.returncode == 2, printed
    assert "Traceback" not in printed
    assert not is_running(child)


def test_a_second_interrupt_leaves_no_command_running(port: int, tmp_path: Path) -> None:
    """Not even one that ignores SIGTERM: it is killed when its time to end is over."""
    child, asked = tmp_path / "child", tmp_path / "asked"
    start = f"trap 'touch {asked}' TERM; echo $$ > {child}; while :; do sleep 0.1; done"
    run = subprocess.Popen(
        [sys.executable, "-m", "jobinfo_conformance", "run", f"http://127.0.0.1:{port}", "--start", start],
        env={**os.environ, "JOBINFO_SESSION_ID": SESSION},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    until(lambda: child.exists() and child.read_text("utf-8").endswith("\n"))
    run.send_signal(signal.SIGINT)
    until(asked.exists)
    run.send_signal(signal.SIGINT)
    printed, _ = run.communicate(timeout=60)
    assert run.returncode == 2, printed
    assert not is_running(child)


@pytest.mark.parametrize("how", ["in the group", "in a session of its own", "without its environment"])
def test_all_that_a_command_started_is_ended_though_it_does_not_listen(tmp_path: Path, how: str) -> None:
    """What ignores SIGTERM, and what left its process group."""
    child = tmp_path / "child"
    stubborn = f"trap '' TERM; echo $$ > {child}; while :; do sleep 0.1; done"
    before = {
        "in the group": [],
        "in a session of its own": ["setsid"],
        "without its environment": ["env", "-i", "PATH=/usr/bin:/bin"],
    }
    words = [*before[how], "sh", "-c", stubborn]
    with TemporaryFile() as output:
        with Running(0.2) as running:
            running.start(f"{shlex.join(words)} & wait", output=output, complaint=output, environment=os.environ)
            until(lambda: child.exists() and child.read_text("utf-8").endswith("\n"))
        assert running.status is not None
    assert not is_running(child)


def break_while_served(port: int) -> None:
    """Break down while a command serves."""
    with started(serving(port), Address("127.0.0.1", port), 60, str):
        assert is_served(port)
        raise ZeroDivisionError


def test_an_error_ends_the_command_too(port: int) -> None:
    """Whatever breaks while it serves."""
    with pytest.raises(ZeroDivisionError):
        break_while_served(port)
    assert not is_served(port)
