"""Scripts that show a problem again: on the fault that it came from, in the wire form that it had, and on nothing else."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bench.reproduce import SESSION, Witness, done_by, objections, played
from jobinfo_conformance._catalogue.requirement import Level
from jobinfo_conformance._contract.ids import long_form
from jobinfo_conformance._contract.jobinfo import NAMESPACE
from jobinfo_conformance._evidence.secrets import MARK, header_mark
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response
from jobinfo_conformance._finding import Finding
from jobinfo_conformance._job_requests.legal_forms import VARIANTS
from jobinfo_conformance._job_requests.near_misses import NEAR_MISSES
from jobinfo_conformance._reference.server import serving
from jobinfo_conformance._reference.service import Service
from jobinfo_conformance._reports.files import write_report
from jobinfo_conformance._reports.reproduce import scripts
from jobinfo_conformance._reproduction.replay import Replay
from jobinfo_conformance._reproduction.script import Script
from jobinfo_conformance._reproduction.trail import Trail
from jobinfo_conformance._results.problem import Problem
from tests import endpoint
from tests.conftest import Command
from tests.endpoint import HANGING, Endpoint, answering
from tests.exchanges import CLOSED, JOB_ID, XML, close, create, exchange, post_state, read
from tests.reports import faulty, report
from tests.test_problems import results_of

#: One fault for each kind of request that scripts send: plain, with batches, of several jobs, cut ids, each wire form.
FAULTS = [
    "close-answers-open",
    "reopens",
    "every-job-has-one-id",
    "third-close-answers-open",
    "close-loses-batches",
    "reads-drop-finished-batches",
    "closes-every-job",
    "ids-are-cut-to-15",
    "session-is-not-asked-for",
    "any-session-will-do",
    "any-version-is-served",
    "errors-repeat-the-session",
    "body-cut-short",
]
SH, SHELLCHECK = shutil.which("sh") or "/bin/sh", shutil.which("shellcheck")
SHELLS = {"dash": ["dash"], "busybox": ["busybox", "sh"], "bash": ["bash", "--posix"]}


def script_of(*shown: Exchange, evidence: Sequence[Exchange] | None = None, requirement: str = "state/closed") -> Script:
    """The script of a problem that these exchanges show, among others."""
    finding = Finding(requirement, "Closed", "Open", "state", shown)
    problem = Problem(1, requirement, Level.MUST, (XML,), finding, 1)
    return Script(
        problem, f"{requirement} (MUST, xml): a sentence", Replay(problem, Trail.of(shown if evidence is None else evidence))
    )


def asked_by(script: Script, service: Service | None = None) -> list[Request]:
    """The requests that a script sends to the reference, less those that clean up."""
    witness = Witness(service or Service(session=SESSION))
    with serving(witness) as url:
        done = done_by(script, "--writes", JOBINFO_BASE_URL=url)
    assert (done.stderr, done.returncode) == ("", 0), done.stdout
    requests = [exchange.request for exchange in witness.seen]
    return [request for request in requests if b"Aborted" not in request.body]


# What a script shows


@pytest.mark.parametrize("fault", FAULTS)
def test_a_script_shows_its_problem_on_the_fault_and_none_on_the_reference(fault: str) -> None:
    """As the suite judges the exchanges that the server saw; ``python bench/reproduce.py`` tries every fault."""
    found = list(objections(fault, results_of(fault)))
    assert found
    assert [objection for objection in found if objection[1] is not None] == []


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_is_the_same_to_every_shell(shell: str) -> None:
    """Ids of 15 and 18 characters, batches that take time, a body in UTF-16, and a compressed one."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not here: apt-get install {shell}")
    script = scripts(results_of("ids-are-cut-to-15"))[1]
    results, printed = played(script, "ids-are-cut-to-15", shell=SHELLS[shell])
    assert "refuses/malformed-id" in {judgement.id for judgement in results.requirements if not judgement.outcome.holds}
    assert printed.splitlines()[0].startswith("refuses/malformed-id (MUST, xml and json): ")


def test_a_script_prints_the_answer_and_says_what_was_expected() -> None:
    """What does not belong to the problem is a line; its answer is shown whole."""
    script = script_of(close(), evidence=[create(), close()])
    with serving(Service(session=SESSION)) as url:
        printed = done_by(script, JOBINFO_BASE_URL=url).stdout
    title, _, created, closed, _, status, *rest = printed.splitlines()
    assert title == "state/closed (MUST, xml): a sentence"
    assert created == f"POST {url}/services/async/36.0/job answered 201"
    assert closed.endswith("AAA answered 200")
    assert status == "    HTTP/1.1 200 OK"
    assert "     <state>Closed</state>" in rest
    assert "expected  Closed" in rest
    assert "got       Open, in the run that this script comes from" in rest
    assert rest[-1].startswith("abort: POST ")


def test_an_answer_is_shown_without_the_session_and_without_control_characters() -> None:
    """It goes to a terminal, whoever answered."""
    body = f"<jobInfo><id>{JOB_ID}</id><object>{SESSION}\x1b[31m</object></jobInfo>".encode()
    with endpoint.endpoint() as served:
        served.session = SESSION
        served.spoil = lambda _asked, _answer: answering(200, body, "application/xml")
        done = done_by(script_of(close(), evidence=[create(), close()]), JOBINFO_BASE_URL=served.url)
    assert SESSION not in done.stdout + done.stderr
    assert f"<object>{MARK}^[[31m</object>" in done.stdout


# What a script sends


def closes(name: str) -> list[Exchange]:
    """The documented close as a variant of a legal form or a fault changes it, in each serialization that has it."""
    variant, miss = VARIANTS.get(name), NEAR_MISSES.get(name)
    forms = variant.form.serializations if variant else miss.serializations if miss else ()
    apply = variant.apply if variant else NEAR_MISSES[name].apply
    plain = [(form, replace(close(form=form).request, url=f"{close().request.url}")) for form in forms]
    return [replace(close(form=form), request=apply(request.with_header("Accept", form.media_type))) for form, request in plain]


@pytest.mark.parametrize("name", [*VARIANTS, *NEAR_MISSES])
def test_a_request_is_sent_again_as_it_was(name: str) -> None:
    """Its method, URI, headers and bytes, with another id in the place of each: all legal forms, and all single faults."""
    shown = closes(name)
    sent = asked_by(script_of(*shown, evidence=[create(), *shown]))[1:]
    assert len(sent) == len(shown)
    for request, original in zip(sent, [each.request for each in shown], strict=True):
        job = "750000000000001AAA"
        moved = original.url.replace(JOB_ID, job).replace(JOB_ID[:15], job[:15])
        assert (request.method, request.url.partition("/services")[2]) == (original.method, moved.partition("/services")[2])
        assert request.body == original.body.replace(JOB_ID.encode(), job.encode())
        for header, value in original.headers:
            assert request.headers.get(header) == value


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_an_id_is_replaced_in_a_body_in_utf_16(encoding: str) -> None:
    """In both byte orders, compressed or not."""
    text = f'\ufeff<jobInfo xmlns="{NAMESPACE}"><id>{JOB_ID}</id><state>Closed</state></jobInfo>'
    plain = replace(close().request, body=text.encode(encoding))
    shown = [replace(close(), request=request) for request in (plain, plain.with_header("Content-Encoding", "gzip"))]
    _, *sent = asked_by(script_of(*shown, evidence=[create(), *shown]))
    assert [request.body.decode(encoding) for request in sent] == [text.replace(JOB_ID, "750000000000001AAA")] * 2


def test_bytes_that_are_no_text_are_sent_as_they_are() -> None:
    """Every byte there is, and what a shell or printf would interpret."""
    body = bytes(range(256)) + b"%s%n \\101 $HOME `id` ${x} 'quoted' \"twice\" !"
    shown = exchange("POST", f"/{JOB_ID}", body)
    assert asked_by(script_of(shown, evidence=[create(), shown]))[1].body == body


def test_ids_of_other_lengths_are_made_from_the_new_one() -> None:
    """Also where an endpoint answers 15 characters: then the checksum is computed. A whole id is as it was answered."""

    class Short(Service):
        def create(self, request: Request, version: object) -> Response:
            answer = super().create(request, version)  # type: ignore[arg-type]
            return replace(answer, body=(answer.body or b"").replace(b"001AAA</id>", b"001</id>"))

    ids = [JOB_ID[:14], JOB_ID[:15], JOB_ID[:16], JOB_ID[:17], JOB_ID, f"{JOB_ID}A"]
    shown = [exchange("GET", f"/{job_id}") for job_id in ids]
    for service, whole in ((None, "750000000000001AAA"), (Short(session=SESSION), "750000000000001")):
        sent = [request.url.rpartition("/")[2] for request in asked_by(script_of(*shown, evidence=[create(), *shown]), service)]
        new = long_form("750000000000001")
        assert sent[1:] == [new[:14], new[:15], new[:16], new[:17], whole, f"{new}A"]


def test_a_job_whose_create_was_not_recorded_is_created_as_its_answers_show_it() -> None:
    """A recording may begin with the close."""
    serial = CLOSED.replace(concurrency_mode="Serial", operation="delete")
    created, closed = asked_by(script_of(close(serial)))
    assert b"<operation>delete</operation>" in created.body
    assert b"<concurrencyMode>Serial</concurrencyMode>" in created.body
    assert closed.url.endswith("/750000000000001AAA")


def test_what_the_case_does_not_need_is_not_sent() -> None:
    """Reads before it, requests that were refused, and what came later."""
    refused = post_state("Nonsense", None, status=400)
    evidence = [create(), read(), refused, close(), read(), post_state("Open", None, status=400)]
    sent = asked_by(script_of(evidence[3], evidence=evidence))
    assert [(request.method, b"Closed" in request.body) for request in sent] == [
        ("POST", False),
        ("POST", True),
        ("GET", False),
    ]


def test_records_are_only_added_if_the_caller_allows_it() -> None:
    """A stranger's recording may hold batches that delete."""
    batch = exchange("POST", f"/{JOB_ID}/batch", b"Id\n001000000000001AAA\n", status=201)
    evidence = [create(CLOSED.replace(operation="delete")), batch, close()]
    done = done_by(script_of(close(), evidence=evidence), JOBINFO_BASE_URL="http://127.0.0.1:9")
    assert done.returncode == 2
    assert done.stderr == "01-state-closed.sh: this adds batches of records to a job: give --writes to allow it\n"


# Whose session it is


def with_headers(*headers: tuple[str, str]) -> list[Exchange]:
    """A create and a close, both with these headers."""
    return [
        replace(each, request=replace(each.request, headers=Headers.of([*each.request.headers, *headers])))
        for each in (create(), close())
    ]


class Gateway(Service):
    """Wants a token and a key in headers of its own."""

    def authenticate(self, request: Request) -> None:
        """Look at these headers alone."""
        assert request.headers.get("Authorization") == f"Bearer {SESSION}"
        assert request.headers.get("X-Api-Key") == "k-1"
        assert request.headers.get("X-SFDC-Session") is None


def test_the_session_goes_where_it_went_in_the_run_and_so_do_headers_of_the_users_own() -> None:
    """The script has the names of the variables, and no value."""
    evidence = with_headers(("Authorization", f"Bearer {MARK}"), ("X-Api-Key", header_mark("GATEWAY_KEY")))
    script = script_of(evidence[1], evidence=evidence)
    with serving(Gateway(session=SESSION)) as url:
        assert done_by(script, JOBINFO_BASE_URL=url, GATEWAY_KEY="k-1").returncode == 0
        done = done_by(script, JOBINFO_BASE_URL=url)
    assert (done.returncode, done.stderr) == (2, "01-state-closed.sh: set GATEWAY_KEY, for the header X-Api-Key\n")


def test_the_caller_may_send_the_session_and_headers_in_another_way() -> None:
    """With the options of a run; a variable in a header is filled in from the environment."""
    script = script_of(close(), evidence=[create(), close()])
    options = ["--session-as", "Authorization: Bearer {}", "--header", "X-Api-Key: $KEY"]
    with serving(Gateway(session=SESSION)) as url:
        done = done_by(script, *options, JOBINFO_BASE_URL=url, KEY="k-1")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        ([], {}, "set JOBINFO_BASE_URL to the URL before /services/async, such as https://example.my.salesforce.com"),
        ([], {"JOBINFO_BASE_URL": "ftp://x"}, "set JOBINFO_BASE_URL to the URL before /services/async, such as https:"),
        ([], {"JOBINFO_BASE_URL": "http://x", "JOBINFO_SESSION_ID": ""}, "set JOBINFO_SESSION_ID to a session id or an OAuth"),
        ([], {"JOBINFO_BASE_URL": "http://x", "JOBINFO_SESSION_ID": "a\nb"}, "set JOBINFO_SESSION_ID to a session id or an"),
        (["--session-as", "Bearer"], {}, "--session-as: write it like 'Authorization: Bearer {}'"),
        (["--session-as"], {}, "--session-as: write it like 'Authorization: Bearer {}'"),
        (["--header", "X"], {}, "--header: write it like 'X-Api-Key: $MY_KEY'"),
        (["--header", "X: $"], {}, "--header: write it like 'X-Api-Key: $MY_KEY'"),
        (["--header", "X: $MISSING"], {}, "--header: the environment has no variable MISSING"),
        (["--times", "0"], {}, "--times: give a whole number above 0"),
        (["--help-me"], {}, "--help-me is no option: there are --session-as, --header, --times and --writes"),
    ],
)
def test_what_is_missing_or_wrong_gets_one_line_and_status_2(
    arguments: list[str], environment: dict[str, str], said: str
) -> None:
    """What, and what to do about it."""
    done = done_by(script_of(close(), evidence=[create(), close()]), *arguments, **environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"01-state-closed.sh: {said}")
    assert done.stderr.count("\n") == 1


# What a script leaves behind


def test_jobs_are_aborted_at_the_end_and_after_ctrl_c(tmp_path: Path, live_endpoint: Endpoint) -> None:
    """The close of the first is carried out and hangs; the user gives up."""
    live_endpoint.session = SESSION
    live_endpoint.spoil = lambda asked, answer: HANGING if "Closed" in asked else answer
    evidence = [create(), create(CLOSED.replace(id="7500K00000EVfY3QAL")), close()]
    file = tmp_path / "a.sh"
    file.write_text(script_of(*evidence[1:], evidence=evidence).text, "utf-8")
    environment = {"PATH": os.environ["PATH"], "JOBINFO_BASE_URL": live_endpoint.url, "JOBINFO_SESSION_ID": SESSION}
    with subprocess.Popen([SH, file], env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        while not any("Closed" in asked for asked in live_endpoint.asked):
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        printed = process.stdout.read()
    assert process.returncode == 130
    assert live_endpoint.states() == ["Closed", "Aborted"]
    assert printed.count("abort: POST ") == 2


def test_a_create_that_makes_no_job_ends_the_script_with_its_answer() -> None:
    """There is nothing to send the rest to."""
    script = script_of(close(), evidence=[create(), close()])
    with serving(Service(session="another")) as url:
        done = done_by(script, JOBINFO_BASE_URL=url)
    assert done.returncode == 1
    assert "InvalidSessionId" in done.stdout
    assert done.stderr == "no job was created\n"


# Where scripts are


def test_every_script_of_a_report_is_sound(tmp_path: Path) -> None:
    """By shellcheck, whatever a target answered."""
    if SHELLCHECK is None:
        pytest.skip("scripts are checked by shellcheck, which is not here: apt-get install shellcheck")
    hostile = replace(faulty(), exchanges=(create(), *faulty().exchanges))
    found = [*write_report(hostile, tmp_path).values(), *write_report(results_of("ids-are-cut-to-15"), tmp_path / "b").values()]
    assert len(found) > 3
    done = subprocess.run([SHELLCHECK, "--shell=sh", *found], capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""
    assert all(file.read_text("utf-8").isascii() and os.access(file, os.X_OK) for file in found)


def test_the_name_of_a_script_leads_nowhere_else() -> None:
    """A report.json may have been written by anybody."""
    assert script_of(close(), requirement="../../etc/passwd").name == "01-etc-passwd.sh"


def test_a_later_report_in_the_same_folder_leaves_no_script_of_an_earlier_one(tmp_path: Path) -> None:
    """A script without its problem would mislead; the user's own files stay."""
    write_report(report(close(CLOSED.replace(state="Open"))), tmp_path)
    (tmp_path / "reproduce" / "notes.sh").write_text("mine", "utf-8")
    assert (tmp_path / "reproduce" / "01-state-closed.sh").is_file()
    write_report(report(close()), tmp_path)
    assert [file.name for file in (tmp_path / "reproduce").iterdir()] == ["notes.sh"]


def test_a_run_with_a_report_names_the_script_of_each_problem(command: Command, tmp_path: Path) -> None:
    """On the terminal by its path, in summary.md by that from the folder of the report, in place of curl lines."""
    folder = tmp_path / "a report"
    done = command("run", "reference:close-answers-open", "--report", folder)
    assert f"  script    sh '{folder}/reproduce/01-state-closed.sh'" in done.stdout.splitlines()
    assert "  curl  " not in done.stdout
    summary = (folder / "summary.md").read_text("utf-8")
    assert "  script    sh reproduce/01-state-closed.sh" in summary.splitlines()
    assert summary.count("<details>") == 1


def test_a_problem_that_no_request_to_a_job_shows_has_no_script() -> None:
    """There is nothing to send."""
    script = script_of(Exchange(Request("GET", "https://example.test/"), Response(200)))
    assert script.replay.repeats == ()
