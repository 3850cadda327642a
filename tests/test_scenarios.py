"""What scenarios ask, what they notice, and what Hypothesis makes of an endpoint that departs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._contract.writer import write
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Request, Response
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._job_requests.legal_forms import FORMS
from jobinfo_conformance._judging import judge
from jobinfo_conformance._reference.jobs import Job
from jobinfo_conformance._reference.service import Refused
from jobinfo_conformance._results.results import Judgement, Outcome, Results
from jobinfo_conformance._scenarios.listed import _pauses
from jobinfo_conformance._subjects.attempts import near_miss
from jobinfo_conformance._targets.opening import open_target
from jobinfo_conformance._targets.target import Asking
from tests.conftest import Command
from tests.endpoint import DROPPED, HANGING, SESSION, Endpoint, answering

XML, JSON = Serialization.XML, Serialization.JSON


def observe(endpoint: Endpoint, *forms: Serialization, writes: bool = False, most: int | None = None) -> Observation:
    """What an endpoint is seen to do, with ``most`` requests."""
    asking = Asking(timeout=2, wait=1, writes=writes, max_requests=most)
    target = open_target(endpoint.url, asking, BUILT_IN, environment={"JOBINFO_SESSION_ID": SESSION})
    return target.observe(forms or tuple(Serialization), BUILT_IN)


def departures(seen: Observation) -> dict[str, Judgement]:
    """The requirements that do not hold, SHOULD included."""
    judgements = [judge(BUILT_IN.requirements[name], form, seen) for name, form in BUILT_IN.places]
    return {judgement.id: judgement for judgement in judgements if not judgement.outcome.holds}


def steps(seen: Observation) -> list[str]:
    """All that was asked, by its meaning."""
    return [step.operation.name for history in seen.histories for step in history.steps]


def test_every_legal_form_and_every_fault_is_asked(live_endpoint: Endpoint) -> None:
    """In each serialization that has it, by itself or with others."""
    seen = observe(live_endpoint)
    asked = [step for history in seen.histories for step in history.steps]
    forms = {(name, step.request.serialization) for step in asked for name in step.legal_forms}
    assert forms == {(name, form) for name, legal in FORMS.items() for form in legal.serializations}
    faults = {step.near_miss for step in asked} - {None}
    assert {f"refuses/{name}" for name in faults} == {
        name for name in BUILT_IN.requirements if name.startswith("refuses/") and name != "refuses/status-400"
    }


def test_the_same_is_asked_in_every_run(live_endpoint: Endpoint) -> None:
    """What is drawn does not depend on chance, nor on what was drawn before."""

    def asked() -> list[tuple[object, ...]]:
        seen = [step for history in observe(live_endpoint).histories for step in history.steps]
        return [(step.operation, step.request.fields.get("state"), *sorted(step.legal_forms)) for step in seen]

    assert asked() == asked()


def test_a_batch_that_takes_a_while_is_read_long_before_the_wait_is_over() -> None:
    """Not only at once and at the end: each pause is ten times as long as the one before."""
    assert list(_pauses(20)) == pytest.approx([0.2, 2, 17.8])


def test_malformed_ids_are_made_from_that_of_an_open_job() -> None:
    """Once a faulty close was accepted, the others are tried on another job."""
    asking = Asking(kinds=frozenset({near_miss("malformed-id")}))
    seen = open_target("reference:missing-state-means-closed", asking, BUILT_IN).observe((XML,), BUILT_IN)
    steps = list(filter(None, map(Step.of, seen.exchanges)))
    closed = [step.job_id for step in steps if step.near_miss == "missing-state" and step.accepted]
    tried = [step.exchange.request.url.rpartition("/")[2] for step in steps if step.near_miss == "malformed-id"]
    assert (len(closed), len(tried)) == (1, 6)
    assert [each for each in tried if each.startswith(str(closed[0])[:15])] == []


def test_a_drawn_form_that_is_refused_is_shortened_to_what_matters(live_endpoint: Endpoint) -> None:
    """gzip and chunks are taken each by itself and not together; the failure shows no other form."""
    change = live_endpoint.change

    def not_both(request: Request, job: Job) -> Response:
        if request.headers.get("Content-Encoding") and request.headers.get("Transfer-Encoding"):
            raise Refused("ClientInputError", "no")
        return change(request, job)

    live_endpoint.change = not_both  # type: ignore[method-assign]
    seen = observe(live_endpoint, JSON)
    found = departures(seen)
    assert set(found) == {"accepts/combined"}
    created, close = [Step.of(exchange) for exchange in found["accepts/combined"].findings[0].exchanges][:2]
    assert created is not None
    assert close is not None
    assert (created.operation, created.status, close.status) == (Operation.CREATE, 201, 400)
    assert close.legal_forms == {"gzip", "chunked"}
    assert seen.requests <= 260


def test_a_life_that_goes_wrong_is_shown_from_its_beginning(command: Command, live_endpoint: Endpoint) -> None:
    """Whoever reads an aborted job is told that it is open: no listed scenario sees that."""
    read = live_endpoint.read

    def never_aborted(request: Request, job: Job) -> Response:
        return read(request, replace(job, state="Open") if job.state == "Aborted" else job)

    live_endpoint.read = never_aborted  # type: ignore[method-assign]
    done = command("run", live_endpoint.url, "--max-requests", 300)
    assert done.returncode == 1
    told = r"^FAIL lifecycle/any-order .*?(?=\n\n(?:FAIL|WARN|not tested))"
    [failure] = re.findall(told, done.stdout, re.MULTILINE | re.DOTALL)
    shortest = failure.split("expected")[1]
    asked = re.findall(r"exchange  (\w+) \S+/job(/\w+)?(?: \(state \w+\))? answered (\d+)", shortest)
    [line] = re.findall(r"curl      (curl .*)", shortest)
    curls = line.split(" && ")
    assert [(method, bool(job), status) for method, job, status in asked] == [
        ("POST", False, "201"),
        ("POST", True, "200"),
        ("GET", True, "200"),
    ]
    assert len(curls) == len(asked)
    assert "Aborted" in curls[1]


def test_what_else_a_life_showed_is_kept_where_a_shorter_one_goes_wrong_too(live_endpoint: Endpoint) -> None:
    """Whoever reads an aborted job is told that it is open, and, where it has batches, of a time that can't be."""
    read = live_endpoint.read

    def wrong(request: Request, job: Job) -> Response:
        if job.state != "Aborted":
            return read(request, job)
        answer = read(request, replace(job, state="Open"))
        old, new = b"<apexProcessingTime>0", b"<apexProcessingTime>9" if job.batches else b"<apexProcessingTime>0"
        return replace(answer, body=(answer.body or b"").replace(old, new))

    live_endpoint.read = wrong  # type: ignore[method-assign]
    assert {"lifecycle/any-order", "times/apex-within-active"} <= set(departures(observe(live_endpoint, XML)))


def test_what_a_life_showed_is_kept_where_it_breaks_off(live_endpoint: Endpoint) -> None:
    """The abort of a job with batches is answered with a number in another form, and the request after it not at all."""
    aborted = [0]

    def spoil(asked: str, answer: Response) -> Response:
        if "Aborted" in asked and any(job.batches and job.state == "Aborted" for job in live_endpoint.jobs.values()):
            aborted[0] = aborted[0] or len(live_endpoint.asked)
        if aborted[0] and len(live_endpoint.asked) == aborted[0] + 1:
            return DROPPED
        at_abort = len(live_endpoint.asked) == aborted[0]
        return (
            replace(answer, body=(answer.body or b"").replace(b"<numberRetries>0", b"<numberRetries>00"))
            if at_abort
            else answer
        )

    live_endpoint.spoil = spoil
    assert set(departures(observe(live_endpoint, XML))) == {"schema/canonical-numbers"}


@pytest.mark.parametrize("form", list(Serialization), ids=str)
def test_an_endpoint_with_one_serialization_fails_to_close_in_the_other(live_endpoint: Endpoint, form: Serialization) -> None:
    """Jobs are created in the one that it has. No legal form is blamed, and nothing that it has fails."""
    understand = live_endpoint.understand

    def only(request: Request, body: Body, version: Version) -> dict[str, str]:
        if Serialization.of_media_type(request.content_type) is not form:
            raise Refused("UnsupportedContentType", "no")
        return understand(request, body, version)

    live_endpoint.understand = only  # type: ignore[method-assign]
    seen = observe(live_endpoint)
    failing = {name: judgement for name, judgement in departures(seen).items() if judgement.outcome is Outcome.FAIL}
    assert {judgement.serialization for judgement in failing.values()} == {form.other}
    assert "accepts/documented" in failing
    assert not {f"accepts/{name}" for name in FORMS} & set(failing)
    assert judge(BUILT_IN.requirements["state/closed"], form, seen).outcome is Outcome.PASS
    assert "the documented close is refused too: 400: UnsupportedContentType: no" in seen.obstacles.values()


def test_a_departure_that_does_not_recur_is_the_endpoints_failure(live_endpoint: Endpoint) -> None:
    """Hypothesis calls it flaky; the first evidence stands."""
    odd = [0]

    def once(asked: str, answer: Response) -> Response:
        if asked.startswith("POST") and "content-encoding" in live_endpoint.headers[-1] and not odd[0]:
            odd[0] += 1
            return replace(answer, body=(answer.body or b"").replace(b"Closed", b"Open"))
        return answer

    live_endpoint.spoil = once
    found = departures(observe(live_endpoint, JSON))
    assert odd == [1]
    assert set(found) == {"state/closed", "lifecycle/any-order"}
    assert [finding.got for finding in found["state/closed"].findings] == ["Open"]


def test_a_fault_that_closes_in_silence_is_found_among_those_that_were_sent_with_it(live_endpoint: Endpoint) -> None:
    """It is refused, and the job is closed all the same."""
    change = live_endpoint.change

    def silent(request: Request, job: Job) -> Response:
        if b"closedBy" in request.body:
            live_endpoint.jobs[job.id] = job.closed()
        return change(request, job)

    live_endpoint.change = silent  # type: ignore[method-assign]
    found = departures(observe(live_endpoint, XML))
    assert {name for name in found if name.startswith("refuses/")} == {"refuses/unknown-field"}
    assert "state/refused-close-changes-nothing" in found


def test_a_fault_that_is_accepted_leaves_the_others_tested(live_endpoint: Endpoint) -> None:
    """What the job refused before it was closed is sent again to another."""
    change = live_endpoint.change

    def lenient(request: Request, job: Job) -> Response:
        if b"closedBy" in request.body:
            closed = live_endpoint.jobs[job.id] = job.closed()
            return live_endpoint.show(closed, XML)
        return change(request, job)

    live_endpoint.change = lenient  # type: ignore[method-assign]
    seen = observe(live_endpoint, XML)
    refuses = [BUILT_IN.requirements[name] for name, form in BUILT_IN.places if name.startswith("refuses/") and form is XML]
    outcomes = {requirement.id: judge(requirement, XML, seen).outcome for requirement in refuses}
    assert {name for name, outcome in outcomes.items() if outcome is not Outcome.PASS} == {"refuses/unknown-field"}


def test_a_close_that_closes_other_jobs_is_noticed(live_endpoint: Endpoint) -> None:
    """Those that were opened before it."""
    close = live_endpoint.close

    def all_of_them(job: Job) -> Job:
        for other in live_endpoint.jobs.values():
            live_endpoint.jobs[other.id] = other.closed()
        return close(job)

    live_endpoint.close = all_of_them  # type: ignore[method-assign]
    judgement = departures(observe(live_endpoint, XML))["state/only-this-job"]
    assert [(finding.expected, finding.got) for finding in judgement.findings] == [("Open", "Closed")] * 2


@pytest.mark.parametrize("answer", [DROPPED, HANGING], ids=["dropped", "hanging"])
def test_a_form_that_is_not_answered_leaves_the_others_tested(live_endpoint: Endpoint, answer: Response) -> None:
    """No answer is no verdict on it, and the reason says so."""
    live_endpoint.spoil = lambda _, own: answer if "transfer-encoding" in live_endpoint.headers[-1] else own
    seen = observe(live_endpoint, JSON)
    assert departures(seen) == {}
    accepts = [requirement for requirement in BUILT_IN.requirements.values() if requirement.family == "accepts"]
    judgements = [judge(requirement, JSON, seen) for requirement in accepts]
    [untested] = [judgement for judgement in judgements if judgement.outcome is Outcome.INCONCLUSIVE]
    assert untested.id == "accepts/chunked"
    assert ": no answer came: " in untested.reason


def test_a_form_that_is_not_answered_is_not_the_reason_for_those_that_were_not_sent(live_endpoint: Endpoint) -> None:
    """Each is told its own, so that the user knows whether more requests would do."""
    coded = {"transfer-encoding", "content-encoding"}
    live_endpoint.spoil = lambda _, own: DROPPED if coded & set(live_endpoint.headers[-1]) else own
    seen = observe(live_endpoint, JSON, most=112)  # enough to see which of the first forms is not answered, not for the last
    chunked, escaped = (judge(BUILT_IN.requirements[f"accepts/{name}"], JSON, seen) for name in ("chunked", "json-escapes"))
    assert "no answer came: " in chunked.reason
    assert "the 112 requests of this run are used up; --max-requests" in escaped.reason


def test_requests_that_got_no_answer_are_shown_to_be_sent_again(
    live_endpoint: Endpoint, command: Command, tmp_path: Path
) -> None:
    """Whoever wrote the endpoint sees what it trips over, in report.json all of it. No session is shown."""
    live_endpoint.spoil = lambda asked, own: DROPPED if asked.startswith("PUT") else own
    done = command("run", live_endpoint.url, "--serialization", "json", "--report", tmp_path / "r")
    told = done.stdout.partition("no answer came to 1 request:\n")[2].partition("\n\n")[0]
    assert told.startswith(f"  curl -i -X PUT {live_endpoint.url}/services/async/36.0/job/750"), done.stdout
    assert '-H "X-SFDC-Session: $JOBINFO_SESSION_ID"' in told
    results = Results.read(tmp_path / "r" / "report.json")
    assert [f"  {line}" for line in results.unanswered] == [told]
    assert SESSION not in done.stdout + results.to_json()


def test_an_endpoint_that_stops_answering_is_not_asked_for_long(live_endpoint: Endpoint) -> None:
    """After three requests in a row the run ends, but for the clean-up."""
    live_endpoint.spoil = lambda _, answer: DROPPED if len(live_endpoint.asked) > 12 else answer
    seen = observe(live_endpoint)
    assert "Aborted" not in live_endpoint.asked[14]
    assert all("Aborted" in asked for asked in live_endpoint.asked[15:])
    assert "3 requests in a row were not answered" in seen.obstacles.values()
    assert seen.left_open != ()


def test_creates_whose_answers_name_no_job_are_not_repeated(live_endpoint: Endpoint) -> None:
    """Each of them may leave a job behind that nobody can name."""
    live_endpoint.spoil = lambda asked, answer: answering(201, b"done", "text/plain") if "operation" in asked else answer
    seen = observe(live_endpoint)
    assert len(live_endpoint.jobs) == seen.unanswered_creates == 2 * 3


def test_records_are_inserted_only_where_the_user_says_so(live_endpoint: Endpoint) -> None:
    """With --writes into one job per serialization; without it every job that gets a batch is a query."""
    observe(live_endpoint)
    assert {job.settings["operation"] for job in live_endpoint.jobs.values() if job.batches} == {"query"}
    before = len(live_endpoint.jobs)
    seen = observe(live_endpoint, writes=True)
    inserts = [job for job in list(live_endpoint.jobs.values())[before:] if job.settings["operation"] == "insert"]
    assert [[batch.records for batch in job.batches] for job in inserts if job.batches] == [[2, 2, 2], [2, 2, 2]]
    assert departures(seen) == {}


@pytest.mark.parametrize("form", list(Serialization), ids=str)
def test_an_endpoint_with_one_serialization_is_asked_all_in_it(live_endpoint: Endpoint, form: Serialization) -> None:
    """The lives of jobs too."""
    seen = observe(live_endpoint, form)
    other = form.other.media_type
    assert [asked for asked in live_endpoint.asked if other.removeprefix("application/") in asked.split()[1]] == []
    assert any(history.drawn and Operation.ADD_BATCH.name in steps(seen) for history in seen.histories)
    assert departures(seen) == {}


#: An extension whose requirement breaks wherever a close in several forms is judged.
BREAKS_ALWAYS = """
from jobinfo_conformance._subjects.attempts import combined_close
from jobinfo_conformance.extending import MUST, documented, requirement

@requirement("broken/always", MUST, on=combined_close, source=documented("nowhere"))
def breaks(subject):
    "It breaks."
    raise KeyError("broken")
"""


@pytest.mark.parametrize("more", [[], ["--"]], ids=["directly", "by pytest"])
def test_an_error_of_the_suite_while_hypothesis_asks_is_no_departure(
    command: Command, live_endpoint: Endpoint, tmp_path: Path, more: list[str]
) -> None:
    """The run ends with it, and the jobs are cleaned up."""
    (tmp_path / "broken.py").write_text(BREAKS_ALWAYS, "utf-8")
    done = command("run", live_endpoint.url, "--extension", "broken", *more, PYTHONPATH=str(tmp_path))
    assert "KeyError: 'broken'" in done.stdout + done.stderr
    assert done.returncode == 4
    assert "Open" not in live_endpoint.states()


Wrong = Callable[[Endpoint], None]


def _says_closed_and_is_not(endpoint: Endpoint) -> None:
    change = endpoint.change

    def lying(request: Request, job: Job) -> Response:
        if request.headers.get("Content-Encoding") == "gzip" and b"Closed" in request.body:
            return endpoint.show(job.closed(), endpoint.serialization(request))
        return change(request, job)

    endpoint.change = lying  # type: ignore[method-assign]


def _reopens_the_job_before(endpoint: Endpoint) -> None:
    close = endpoint.close

    def reopening(job: Job) -> Job:
        closed = [other for other in endpoint.jobs.values() if other.state == "Closed"]
        for other in closed[-1:]:
            endpoint.jobs[other.id] = replace(other, state="Open")
        return close(job)

    endpoint.close = reopening  # type: ignore[method-assign]


def _closes_what_is_read_twice(endpoint: Endpoint) -> None:
    read, seen = endpoint.read, set[str]()

    def closing(request: Request, job: Job) -> Response:
        if job.id in seen and job.state == "Open":
            job = endpoint.jobs[job.id] = job.closed()
        seen.add(job.id)
        return read(request, job)

    endpoint.read = closing  # type: ignore[method-assign]


def _loses_the_second_batch(endpoint: Endpoint) -> None:
    endpoint.batch_time = timedelta(seconds=0.1)
    close = endpoint.close
    endpoint.close = lambda job: replace(close(job), batches=job.batches[:1])  # type: ignore[method-assign]


def _forgets_closed_jobs_in_json(endpoint: Endpoint) -> None:
    read = endpoint.read

    def forgetting(request: Request, job: Job) -> Response:
        if job.state == "Closed" and endpoint.serialization(request) is JSON:
            raise Refused("InvalidJob", "no such job")
        return read(request, job)

    endpoint.read = forgetting  # type: ignore[method-assign]


def _reopens_on_a_third_close(endpoint: Endpoint) -> None:
    close, asked = endpoint.close, Counter[str]()

    def counting(job: Job) -> Job:
        asked[job.id] += 1
        if asked[job.id] == 3:
            endpoint.jobs[job.id] = replace(job, state="Open")
        return close(job)

    endpoint.close = counting  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("spoil", "broken"),
    [
        (_says_closed_and_is_not, "state/kept"),
        (_reopens_the_job_before, "state/kept"),
        (_closes_what_is_read_twice, "state/read-is-safe"),
        (_loses_the_second_batch, "lifecycle/any-order"),
        (_forgets_closed_jobs_in_json, "state/kept"),
        (_reopens_on_a_third_close, "lifecycle/any-order"),
    ],
)
def test_what_a_close_does_is_seen_and_not_only_what_it_answers(live_endpoint: Endpoint, spoil: Wrong, broken: str) -> None:
    """Each of these answers every close as it should."""
    spoil(live_endpoint)
    judgement = departures(observe(live_endpoint)).get(broken)
    assert judgement is not None
    assert judgement.outcome is Outcome.FAIL


def test_a_get_in_xml_alone_is_no_failure(live_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the other serialization comes, whether both say the same is not applicable."""
    monkeypatch.setattr(live_endpoint, "read", lambda _, job: live_endpoint.show(job, XML))
    monkeypatch.setattr(live_endpoint, "own_form", lambda _: XML)
    seen = observe(live_endpoint)
    assert departures(seen) == {}
    asked = [(BUILT_IN.requirements[name], form) for name, form in BUILT_IN.places if form is not XML]
    outcomes = {requirement.id: judge(requirement, form, seen).outcome for requirement, form in asked}
    assert outcomes["equivalence/same-job"] is Outcome.NOT_APPLICABLE
    assert [name for name, outcome in outcomes.items() if outcome is Outcome.INCONCLUSIVE] == []


def test_a_timestamp_that_is_written_later_is_no_failure(live_endpoint: Endpoint) -> None:
    """A server may write when a job was closed after it has answered the close."""
    show, shown = live_endpoint.show, Counter[str]()

    def stamping(job: Job, form: Serialization) -> Response:
        shown[job.id] += 1
        info = job.info(live_endpoint.now())
        late = info.replace(system_modstamp=info.created_date + timedelta(seconds=5))
        answer = show(job, form)
        return replace(answer, body=write(late, form)) if shown[job.id] > 3 else answer

    live_endpoint.show = stamping  # type: ignore[method-assign]
    assert departures(observe(live_endpoint)) == {}
