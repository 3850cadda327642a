"""The journal of open jobs: what a run that is killed leaves open is ended by the next one, or by `clean-up`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._exchange import Response
from jobinfo_conformance._targets.journal import Journal, is_at, leftovers
from tests.conftest import Command
from tests.endpoint import HANGING, SESSION, Endpoint, endpoint

JOB = "750000000000001AAA"


@pytest.fixture
def folder(state: Path) -> Path:
    """Where journals are kept."""
    return state / "jobinfo-conformance"


#: A close that is refused, so that its job is open.
FAULTY = ">closed<"


def stopped_at(server: Endpoint, request: str, *signals: signal.Signals) -> subprocess.Popen[str]:
    """A run that was sent these signals while it waited for the answer to the first request that says this."""
    came = threading.Event()

    def spoil(asked: str, answer: Response) -> Response:
        if request not in asked or came.is_set():
            return answer
        came.set()
        return HANGING

    server.spoil = spoil
    run = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jobinfo_conformance",
            "run",
            server.url,
            "--timeout",
            "3",
            "--serialization",
            "xml",
            "--no-queries",
        ],
        env={**os.environ, "JOBINFO_SESSION_ID": SESSION},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert came.wait(110)
    for number in signals:
        run.send_signal(number)
        time.sleep(0.2)
    return run


@pytest.fixture
def killed(live_endpoint: Endpoint) -> Endpoint:
    """An endpoint on which a run was killed that had a job open."""
    run = stopped_at(live_endpoint, FAULTY, signal.SIGKILL)
    run.communicate()
    live_endpoint.spoil = lambda _asked, answer: answer
    assert "Open" in live_endpoint.states()
    return live_endpoint


def test_the_next_run_ends_what_a_killed_one_left_open(command: Command, killed: Endpoint, folder: Path) -> None:
    """It says so, and leaves no file itself."""
    assert len(list(folder.iterdir())) == 1
    done = command("run", killed.url)
    assert done.returncode == 0
    assert "left open by an earlier run, and ended now: job 750" in done.stdout
    assert "Open" not in killed.states()
    assert list(folder.iterdir()) == []


def test_a_journal_holds_no_secret_and_is_nobody_elses(killed: Endpoint, folder: Path) -> None:
    """It names the endpoint and ids."""
    [file] = folder.iterdir()
    assert SESSION not in file.read_text("utf-8")
    assert killed.url in file.read_text("utf-8")
    assert (file.stat().st_mode & 0o077, folder.stat().st_mode & 0o077) == (0, 0)


def test_clean_up_ends_what_a_killed_run_left_open(command: Command, killed: Endpoint, folder: Path) -> None:
    """Then there is nothing left to do."""
    done = command("clean-up")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ended: job 750")
    assert "Open" not in killed.states()
    assert list(folder.iterdir()) == []
    assert command("clean-up").stdout == "nothing was left open\n"


def test_clean_up_says_what_it_can_not_end(command: Command, killed: Endpoint, folder: Path) -> None:
    """The journal stays for another time."""
    killed.session = "another"
    done = command("clean-up")
    assert done.returncode == 2
    assert "could not be aborted; close or abort it by hand" in done.stdout
    assert len(list(folder.iterdir())) == 1


def test_clean_up_sends_the_session_to_no_endpoint_that_is_not_meant(command: Command, killed: Endpoint, folder: Path) -> None:
    """If several are left, the user names one."""
    with endpoint() as other:
        journal = Journal(folder, f"{other.url}/services/async/36.0/job")
        journal.created(JOB, Serialization.XML)
        journal.close()
        before = len(killed.asked)
        done = command("clean-up")
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
        assert "name the one to clean up" in done.stderr
        assert command("clean-up", killed.url).returncode == 0
        assert len(killed.asked) > before
        assert other.asked == []


@pytest.mark.parametrize(
    "spelled",
    [
        lambda url: url.replace("http", "HTTP"),
        lambda url: f"{url}/",
        lambda url: f"{url}/services/async/36.0/job",
    ],
    ids=["letter case", "a slash", "a path"],
)
def test_clean_up_finds_an_endpoint_however_it_is_spelled(
    command: Command, killed: Endpoint, spelled: Callable[[str], str]
) -> None:
    """As whoever reads a URL does."""
    done = command("clean-up", spelled(killed.url))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ended: job 750")
    assert "Open" not in killed.states()


@pytest.mark.parametrize(
    ("url", "other", "same"),
    [
        ("https://Host.Test", "HTTPS://host.test:443/", True),
        ("http://host.test:80", "http://host.test", True),
        ("http://[::1]:80", "http://[::1]", True),
        ("https://host.test/base", "https://host.test/base/", True),
        ("https://host.test/base", "https://host.test/Base", False),
        ("https://host.test:80", "http://host.test", False),
        ("https://host.test", "https://other.test", False),
    ],
)
def test_an_endpoint_has_many_spellings(url: str, other: str, *, same: bool) -> None:
    """Letter case in scheme and host, and the default port; never in the path."""
    assert is_at(f"{url}/services/async/36.0/job", other) is same


def test_clean_up_names_where_jobs_were_left_open(command: Command, live_endpoint: Endpoint, folder: Path) -> None:
    """If it is not where the user says."""
    journal = Journal(folder, "https://x.test/services/async/36.0/job")
    journal.created(JOB, Serialization.XML)
    journal.close()
    done = command("clean-up", live_endpoint.url)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert f"nothing was left open on {live_endpoint.url}, but on https://x.test" in done.stderr


def test_clean_up_says_so_if_a_journal_names_no_open_job(command: Command, live_endpoint: Endpoint, folder: Path) -> None:
    """Its run was killed after it had ended them all."""
    folder.mkdir(parents=True)
    (folder / "a.ndjson").write_text(f'{{"resource": "{live_endpoint.url}/services/async/36.0/job"}}\n', "utf-8")
    assert command("clean-up").stdout == "nothing was left open\n"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "--only", "state/closed"), "left open by an earlier run, and no longer there: job "),
        (("clean-up",), "no longer there: job "),
    ],
    ids=["run", "clean-up"],
)
def test_a_job_that_the_endpoint_does_not_know_any_more_was_not_ended_now(
    command: Command, live_endpoint: Endpoint, folder: Path, words: tuple[str, ...], said: str
) -> None:
    """It is told as what it is, and not tried again."""
    journal = Journal(folder, f"{live_endpoint.url}/services/async/36.0/job")
    journal.created(JOB, Serialization.XML)
    journal.close()
    done = command(words[0], live_endpoint.url, *words[1:])
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{said}{JOB}" in done.stdout
    assert "ended now" not in done.stdout
    assert list(folder.iterdir()) == []


def test_a_run_that_ends_well_leaves_no_file(command: Command, live_endpoint: Endpoint, folder: Path) -> None:
    """Neither does one that finds failures."""
    live_endpoint.spoil = lambda asked, answer: Response(500) if "Closed" in asked else answer
    assert command("run", live_endpoint.url, "--serialization", "xml").returncode == 1
    assert list(folder.iterdir()) == []


def test_a_journal_is_left_alone_while_its_run_goes_on(folder: Path) -> None:
    """Its jobs are that run's."""
    journal = Journal(folder, "https://x.test/services/async/36.0/job")
    journal.creating(Serialization.XML)
    journal.created(JOB, Serialization.XML)
    assert list(leftovers(folder)) == []
    journal.close()
    assert [found.jobs for found in leftovers(folder)] == [{JOB: Serialization.XML}]


def test_a_journal_that_a_power_cut_damaged_is_read_as_far_as_it_goes(folder: Path) -> None:
    """And what was never an id is not used for one."""
    journal = Journal(folder, "https://x.test/services/async/36.0/job")
    journal.created(JOB, Serialization.XML)
    journal.created("../../secret", Serialization.XML)
    journal.creating(Serialization.JSON)
    journal.close()
    [file] = folder.iterdir()
    file.write_bytes(file.read_bytes() + b'{"answered":"js')
    (folder / "empty.ndjson").touch()
    (folder / "other.ndjson").write_text("no journal\n", "utf-8")
    [found] = leftovers(folder)
    assert found.jobs == {JOB: Serialization.XML}
    assert not (folder / "empty.ndjson").exists()


def test_a_run_goes_on_without_a_journal_where_none_can_be_kept(command: Command, live_endpoint: Endpoint, state: Path) -> None:
    """And says what that means."""
    state.write_text("no folder", "utf-8")
    done = command("run", live_endpoint.url, "--serialization", "xml")
    assert done.returncode == 0
    assert "no journal of open jobs can be kept in" in done.stdout


@pytest.mark.parametrize("asked", [FAULTY, "operation"], ids=["at a close", "at a create"])
@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_second_interrupt_does_no_harm(live_endpoint: Endpoint, folder: Path, first: signal.Signals, asked: str) -> None:
    """What is on its way is waited for, and every job that is known is ended."""
    run = stopped_at(live_endpoint, asked, first, signal.SIGINT)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 2
    assert "interrupted" in said
    assert "left open: job" not in said
    assert "Open" not in live_endpoint.states() or "perhaps left open: 1 job" in said
    assert list(folder.iterdir()) == []


def test_a_run_ends_when_its_time_is_over(command: Command, live_endpoint: Endpoint) -> None:
    """What was not asked has that for a reason, and every job is ended."""

    def slowly(_asked: str, answer: Response) -> Response:
        time.sleep(0.2)
        return answer

    live_endpoint.spoil = slowly
    done = command("run", live_endpoint.url, "--time-limit", "8")
    assert done.returncode == 3
    assert "the 8 seconds of this run are over" in done.stdout
    assert "left open" not in done.stdout
    assert len(live_endpoint.asked) <= 40
    assert set(live_endpoint.states()) <= {"Closed", "Aborted"}
