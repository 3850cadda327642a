"""Problems: which requirement is the cause, what follows from it, and what is told of both."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._catalogue.catalogue import Catalogue, Extension
from jobinfo_conformance._catalogue.requirement import MUST, SHOULD, Level, documented, requirement
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.reader import read as read_body
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import DEFAULT, Version
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response
from jobinfo_conformance._finding import violation
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._reference.faults.fault import Fault, after, fault
from jobinfo_conformance._reference.jobs import Job
from jobinfo_conformance._reference.service import Refused, Service
from jobinfo_conformance._results.problem import Problem
from jobinfo_conformance._results.results import Results
from jobinfo_conformance._run import Run, run
from jobinfo_conformance._selftest import observed
from jobinfo_conformance._settings import Settings
from jobinfo_conformance._subjects.single_exchanges import accepted_close
from jobinfo_conformance._subjects.subject import Asked
from tests.endpoint import SESSION, Endpoint
from tests.exchanges import CLOSED, DONE, EMPTY, JSON, XML, close, create, post_state, read


def results_with(*faults: Fault) -> Results:
    """The results of a run on the reference with a fault; of several, all are in the first."""
    return results_of(faults[0].name, Extension("own", faults=faults).added_to(BUILT_IN))


def results_of(name: str, catalogue: Catalogue = BUILT_IN) -> Results:
    """The results of a run on the reference with a fault of the catalogue."""
    return concluded(observed(name, catalogue), catalogue)


def results_on(*histories: History, catalogue: Catalogue = BUILT_IN) -> Results:
    """The results on the histories of jobs."""
    forms = tuple(Serialization)
    return concluded(Observation("a.har", histories, sum(len(each.steps) for each in histories), forms), catalogue)


def concluded(observation: Observation, catalogue: Catalogue) -> Results:
    """The results of a run that saw this."""
    run = Run(None, Settings(catalogue))
    run.observation = observation
    return run.concluded([run.judge(place) for place in catalogue.places])


def causes(results: Results) -> list[str]:
    """The requirements at the causes, in the order in which they are told."""
    return [problem.requirement for problem in results.problems]


def following(problem: Problem) -> set[str]:
    """The requirements that follow from a problem."""
    return {each.requirement for each in problem.follows}


def whole(*exchanges: Exchange) -> History:
    """The history of a job of the suite's own."""
    return History.of(exchanges, whole=True)


# One fault is one problem


@pytest.mark.parametrize(
    ("name", "cause", "follows"),
    [
        ("close-answers-open", "state/closed", "accepts/documented"),
        ("third-close-answers-open", "state/closed", "state/every-time"),
        ("reopens", "state/final", "state/kept"),
        ("closes-every-job", "state/only-this-job", "state/every-time"),
        ("closes-the-newest-job", "state/only-this-job", "state/kept"),
        ("close-loses-batches", "counters/total-counts-batches", "lifecycle/accepted-batches-finish"),
        ("total-counts-what-is-left", "lifecycle/total-final", "times/zero-without-batches"),
        ("reads-drop-finished-batches", "state/read-is-safe", "lifecycle/total-final"),
        ("serial-jobs-stay-open", "accepts/documented", "state/closes-without-batches"),
        ("id-in-the-body-decides", "refuses/other-id", "state/every-time"),
        ("server-set-fields-are-set", "refuses/server-set-field", "counters/own-sum-equals-total"),
        ("session-is-the-object", "errors/no-secrets", "identity/settings-kept"),
        ("second-close-aborts", "state/second-close-harmless", "state/kept"),
        ("reads-count-as-retries", "state/read-is-safe", "counters/zero-without-batches"),
        ("closes-before-it-validates", "state/refused-close-changes-nothing", "refuses/unknown-state"),
        ("third-close-is-refused", "state/every-time", "accepts/documented"),
        ("empty-jobs-stay-open", "state/closes-without-batches", "accepts/combined"),
        ("unfinished-jobs-stay-open", "state/closes-with-unfinished-batches", "accepts/documented"),
        ("charset-is-asked-for", "accepts/documented", "accepts/utf-16"),
        ("gzip-is-not-read", "accepts/gzip", "accepts/combined"),
        ("faulty-closes-answer-500", "errors/status-4xx", "refuses/malformed"),
        ("gzip-answers-500", "accepts/gzip", "errors/status-4xx"),
        ("state-is-searched-for", "refuses/malformed", "refuses/doctype"),
        ("json-dates-in-daylight-time", "equivalence/same-job", "times/created-fixed"),
        ("operation-in-capitals", "schema/enumerations", "identity/settings-kept"),
        ("xml-close-redirects", "http/status-200", "accepts/utf-16"),
    ],
)
def test_one_fault_is_one_problem(name: str, cause: str, follows: str) -> None:
    """The requirement at the cause is told, and the others follow from it."""
    results = results_of(name)
    assert causes(results) == [cause]
    assert follows in following(results.problems[0])


@after(Service.info, breaks="counters/total-counts-batches")
def batches_are_never_counted(info: JobInfo) -> JobInfo:
    """No batch is counted."""
    return info.replace(**{name: 0 for name in vars(JobInfo) if name.startswith("number_batches")})


@after(Service.refusal, breaks="errors/status-4xx")
def every_error_has_status_500(answer: Response) -> Response:
    """Every refusal is answered with 500."""
    return replace(answer, status=500)


@after(Service.refusal, breaks="errors/status-4xx")
def every_error_has_status_200(answer: Response) -> Response:
    """Every refusal is answered with 200 and an error document."""
    return replace(answer, status=200)


@after(Service.info, breaks="counters/total-counts-batches", on=Operation.CLOSE)
def closes_count_no_batches(info: JobInfo) -> JobInfo:
    """The answer to a close counts no batch."""
    return info.replace(**{name: 0 for name in vars(JobInfo) if name.startswith("number_batches")})


@after(Service.info, breaks="times/created-fixed", on=Operation.CLOSE)
def closes_move_the_creation(info: JobInfo) -> JobInfo:
    """The answer to a close says that the job was created later."""
    return info.replace(created_date=info.created_date + timedelta(seconds=5))


@after(Service.refusal, breaks="errors/document")
def errors_are_pages(answer: Response) -> Response:
    """Every refusal is a page of the framework's own."""
    return replace(answer, status=404, headers=Headers.of([("Content-Type", "text/html")]), body=b"<html>Not Found</html>")


@after(Service.refusal, breaks="errors/document")
def errors_are_of_another_api(answer: Response) -> Response:
    """Every refusal has the keys of another API, and another status."""
    said = b'{"errorCode": "INVALID", "message": "No"}'
    return replace(answer, status=404, headers=Headers.of([("Content-Type", "application/json")]), body=said)


@after(Service.answer, breaks="accepts/documented", only=JSON)
def json_is_not_found(answer: Response) -> Response:
    """Whatever is asked in JSON is not found, in a form of the framework's own."""
    return Response(404, answer.headers, b'{"detail": "Not Found"}')


@after(Service.answer, breaks="accepts/documented", only=JSON)
def json_breaks_down(answer: Response) -> Response:
    """Whatever is asked in JSON is answered with 500 and a page."""
    return replace(answer, status=500, headers=Headers.of([("Content-Type", "text/html")]), body=b"<html>Oops</html>")


@pytest.mark.parametrize(
    ("departure", "follows"),
    [
        (batches_are_never_counted, "lifecycle/any-order"),
        (every_error_has_status_500, "refuses/unknown-state"),
        (every_error_has_status_200, "refuses/unknown-state"),
        (errors_are_pages, "errors/serialization"),
        (errors_are_pages, "refuses/status-400"),
        (closes_count_no_batches, "state/second-close-harmless"),
        (closes_move_the_creation, "times/modstamp-not-before-created"),
        (json_is_not_found, "errors/document"),
        (json_breaks_down, "state/kept"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_cause_of_a_fault_that_is_in_no_catalogue_is_found(departure: Fault, follows: str) -> None:
    """What explains what does not depend on the catalogue's own faults."""
    results = results_with(departure)
    assert causes(results)[0] == departure.breaks
    assert follows in following(results.problems[0])


def test_what_is_refused_for_reasons_of_its_own_is_a_problem_of_its_own(
    live_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three forms, each sent alone: none is refused because another is."""
    refuse(live_endpoint, lambda request, _: is_coded(request) or "charset" in str(request.content_type))
    monkeypatch.setenv("JOBINFO_SESSION_ID", SESSION)
    results = run(live_endpoint.url)
    assert causes(results) == ["accepts/charset-parameter", "accepts/chunked", "accepts/gzip"]
    assert following(results.problems[0]) == {"accepts/combined"}


def test_that_some_jobs_can_not_be_closed_explains_no_form_of_the_request(
    live_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are sent in gzip or in chunks are not Serial."""
    refuse(live_endpoint, lambda request, job: job.settings["concurrencyMode"] == "Serial" or is_coded(request))
    monkeypatch.setenv("JOBINFO_SESSION_ID", SESSION)
    assert causes(run(live_endpoint.url)) == ["accepts/documented", "accepts/chunked", "accepts/gzip"]


def test_forms_that_are_refused_together_follow_from_the_one_that_is_refused_alone(
    live_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not from jobs that can't be closed: none of those is sent several forms at once."""
    refuse(
        live_endpoint,
        lambda request, job: job.settings["concurrencyMode"] == "Serial" or "charset" in str(request.content_type),
    )
    monkeypatch.setenv("JOBINFO_SESSION_ID", SESSION)
    told = {problem.requirement: following(problem) for problem in run(live_endpoint.url).problems}
    assert told["accepts/charset-parameter"] == {"accepts/combined"}
    assert "accepts/combined" not in told["accepts/documented"]


def test_an_id_in_the_body_may_be_compared_as_text(live_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """With that in the URI: an endpoint need not know that 15 characters name the same job."""
    refuse(live_endpoint, lambda request, job: body_of(request).get("id") not in (None, job.id))
    monkeypatch.setenv("JOBINFO_SESSION_ID", SESSION)
    assert run(live_endpoint.url).problems == ()


def refuse(endpoint: Endpoint, is_refused: Callable[[Request, Job], bool]) -> None:
    """Have an endpoint refuse closes."""
    change = endpoint.change

    def picky(request: Request, job: Job) -> Response:
        if is_refused(request, job):
            raise Refused("InvalidJob", "no")
        return change(request, job)

    endpoint.change = picky  # type: ignore[method-assign]


def body_of(request: Request) -> Mapping[str, object]:
    """The fields in the body of a request."""
    return read_body(request.body, request.content_type).fields


def is_coded(request: Request) -> bool:
    """Whether a request was sent in gzip or in chunks."""
    return "Content-Encoding" in dict(request.headers) or "Transfer-Encoding" in dict(request.headers)


def test_a_status_does_not_follow_from_the_keys_of_a_document() -> None:
    """Whoever mends one has to mend the other, too."""
    assert {"errors/document", "refuses/status-400"} <= set(causes(results_with(errors_are_of_another_api)))


@pytest.mark.parametrize("departure", [json_is_not_found, json_breaks_down], ids=lambda fault: fault.name)
def test_a_serialization_that_is_not_spoken_is_one_problem(departure: Fault) -> None:
    """Whatever is wrong with how its requests are refused, and what a read in it does not show."""
    [problem] = results_with(departure).problems
    assert problem.serializations == (JSON,)


def test_a_serialization_that_is_spoken_has_the_errors_that_are_its_own() -> None:
    """If any request in it is accepted, what its refusals get wrong is a problem beside the close."""
    found = causes(results_of("json-is-no-close"))
    assert found[0] == "accepts/documented"


# Two faults are two problems


def _in_plain_text(status: int) -> Response:
    return Response(status, Headers.of([("Content-Type", "text/plain")]), b"no")


@fault(breaks="errors/document")
class OnlyXmlAndPlainErrors(Service):
    """JSON is not spoken, and in XML errors are plain text."""

    def answer(self, request: Request) -> Response:
        """Refuse JSON, and leave out error documents."""
        if "json" in (request.content_type or "").lower():
            return _in_plain_text(415)
        answer = super().answer(request)
        return _in_plain_text(answer.status) if answer.status >= 400 else answer


def test_a_serialization_that_is_not_spoken_hides_no_fault_of_the_other() -> None:
    """What follows in JSON is wrong by itself in XML."""
    found = causes(results_with(OnlyXmlAndPlainErrors))  # type: ignore[arg-type]  # a fault, by its decorator
    assert found[:2] == ["accepts/documented", "errors/document"]


@after(Service.info, breaks="state/closed", on=Operation.CLOSE)
def closes_answer_open_and_serial(info: JobInfo) -> JobInfo:
    """A close is answered Open, and with another mode than the job was created with."""
    return info.replace(state="Open", concurrency_mode="Serial")


def test_two_faults_in_one_answer_are_two_problems() -> None:
    """An answer that is wrong in two places does not hide one behind the other."""
    assert causes(results_with(closes_answer_open_and_serial)) == ["state/closed", "identity/settings-kept"]


class StatelessClosesAndAnyVersionAreAccepted(Service):
    """A close without a state is answered like a read, and a version that does not exist is served like any other."""

    def change(self, request: Request, job: Job) -> Response:
        """Show the job if nothing is asked of it."""
        stateless = (b"jobInfo" in request.body and b"state" not in request.body) or request.body.strip() == b"{}"
        return self.show(job, self.serialization(request)) if stateless else super().change(request, job)

    def version(self, text: str) -> Version:
        """The version, or the default one."""
        try:
            return super().version(text)
        except Refused:
            return DEFAULT


def test_a_body_that_was_accepted_and_changed_nothing_does_not_explain_that_a_version_was() -> None:
    """The job was seen in the same state before each of them, and what is wrong with them is in different places."""
    results = results_with(fault(breaks="refuses/missing-state")(StatelessClosesAndAnyVersionAreAccepted))
    assert causes(results) == ["refuses/missing-state", "refuses/unknown-version"]


def test_the_wrong_order_of_the_elements_hides_no_wrong_state() -> None:
    """Only the form of an answer is wrong then: what it says is judged by itself."""
    wrong = close(CLOSED.replace(state="Open"))
    lines = (wrong.response.body or b"").split(b"\n")
    place = next(number for number, line in enumerate(lines) if b"<state>" in line)
    lines[place - 1], lines[place] = lines[place], lines[place - 1]
    found = causes(results_on(History.of([wrong.answered(body=b"\n".join(lines))])))
    assert found == ["schema/element-order", "state/closed"]


def test_a_must_does_not_follow_from_a_should() -> None:
    """A second close may be accepted, but the job must stay closed."""
    results = results_on(whole(create(), close(), read(), close(), read(EMPTY)))
    [first, second] = results.problems
    assert (first.requirement, first.level) == ("state/kept", Level.MUST)
    assert (second.requirement, second.level) == ("state/second-close-refused", Level.SHOULD)
    assert "state/second-close-refused" not in following(first)


def test_what_an_answer_gets_wrong_does_not_follow_from_a_request_that_should_have_been_refused() -> None:
    """A second close may be accepted, but its answer must not show other settings."""
    results = results_on(whole(create(), close(), read(), close(CLOSED.replace(object="Contact"))))
    assert [(problem.requirement, problem.level) for problem in results.problems] == [
        ("identity/settings-kept", Level.MUST),
        ("state/second-close-refused", Level.SHOULD),
    ]


# What a problem shows


def test_a_problem_shows_the_request_that_did_the_harm() -> None:
    """A request to reopen that was accepted, between the close and the read that says Open."""
    results = results_on(whole(create(), close(), read(), post_state("Open", EMPTY), read(EMPTY)))
    [problem] = results.problems
    assert problem.requirement == "state/final"
    assert following(problem) == {"state/kept"}
    [kept] = [judgement for judgement in results.requirements if (judgement.id, judgement.serialization) == ("state/kept", XML)]
    asked = [exchange.request.method + " " + str(exchange.response.status) for exchange in kept.findings[0].exchanges]
    assert asked == ["POST 200", "POST 200", "GET 200"]
    assert kept.problem == 1


def test_xml_and_json_are_one_problem() -> None:
    """With all cases of both, and the smallest as evidence."""
    wrong = CLOSED.replace(state="Open")
    results = results_on(History.of([close(wrong)]), History.of([close(wrong, JSON), close(wrong, JSON)]))
    [problem] = results.problems
    assert problem.serializations == (XML, JSON)
    assert problem.cases == 3
    assert len(problem.finding.exchanges) == 1


def test_all_that_an_answer_lacks_is_one_line() -> None:
    """The names of the fields, in one place."""
    lacking = JobInfo({name: value for name, value in CLOSED.items() if not name.endswith("Time")})
    [problem] = results_on(History.of([close(lacking)])).problems
    assert problem.finding.where == "totalProcessingTime, apiActiveProcessingTime, apexProcessingTime"
    assert (problem.finding.expected, problem.finding.got, problem.cases) == ("these 3 fields", "none of them", 1)


def test_a_must_comes_before_a_should_and_the_catalogue_decides_the_rest() -> None:
    """The numbers say so."""
    wrong = DONE.replace(state="Open", id=CLOSED.id[:15] + "AAA", number_records_failed=11)
    problems = results_on(History.of([close(wrong)])).problems
    assert [(problem.number, problem.requirement, problem.level) for problem in problems] == [
        (1, "state/closed", Level.MUST),
        (2, "counters/failed-within-processed", Level.MUST),
        (3, "identity/id-checksum", Level.SHOULD),
    ]


def test_a_should_that_breaks_a_must_weighs_as_much() -> None:
    """A wrong checksum in XML alone makes XML and JSON differ, which is a MUST."""
    [problem] = results_of("user-without-checksum").problems
    assert (problem.requirement, problem.level) == ("identity/id-checksum", Level.MUST)
    assert following(problem) == {"equivalence/same-job"}


def test_outcomes_are_what_they_were() -> None:
    """Problems are a view: whatever follows from one does not hold all the same."""
    results = results_of("close-answers-open")
    [problem] = results.problems
    failing = {judgement.id for judgement in results.requirements if not judgement.outcome.holds}
    assert failing == {problem.requirement} | following(problem)
    assert {judgement.problem for judgement in results.requirements if judgement.outcome.holds} == {None}


# Requirements of extensions


@requirement("acme/prompt", MUST, on=accepted_close, source=documented("Acme"), presupposes=("state/closed",))
def prompt(asked: Asked) -> None:
    """A close says that the state is Closed, by Acme's count."""
    if asked.step.job.state != "Closed":
        raise violation("Closed", asked.step.job.state, "state")


@requirement("acme/quick", SHOULD, on=accepted_close, source=documented("Acme"), yields_to=("acme",))
def quick(asked: Asked) -> None:
    """A close is answered with the state first."""
    if asked.step.job.state:
        raise violation("a quick answer", "a slow one", "state")


def test_a_requirement_of_an_extension_says_what_it_follows_from() -> None:
    """By its own ids, or by the suite's."""
    catalogue = Extension("acme", requirements=(prompt, quick)).added_to(BUILT_IN)
    results = results_on(History.of([close(CLOSED.replace(state="Open"))]), catalogue=catalogue)
    [problem] = results.problems
    assert problem.requirement == "state/closed"
    assert following(problem) == {"acme/prompt", "acme/quick"}


# In report.json


def test_problems_are_saved_and_read_back(tmp_path: Path) -> None:
    """All that there is to tell, with the numbers of the requirements."""
    results = results_of("reopens")
    path = tmp_path / "report.json"
    path.write_text(results.to_json(), "utf-8")
    assert Results.read(path).problems == results.problems
    [problem] = json.loads(path.read_text("utf-8"))["problems"]
    assert (problem["number"], problem["requirement"], problem["level"]) == (1, "state/final", "MUST")
    assert problem["reproduce"].count("curl -i -X ") == len(problem["exchanges"])
    assert {each["requirement"] for each in problem["follows"]} == {"state/kept"}


def test_a_report_without_problems_is_read_as_one_for_each_requirement(tmp_path: Path) -> None:
    """As earlier versions wrote it."""
    document = json.loads(results_of("reopens").to_json())
    del document["problems"]
    path = tmp_path / "report.json"
    path.write_text(json.dumps(document), "utf-8")
    problems = Results.read(path).problems
    assert [problem.requirement for problem in problems] == ["state/kept", "state/final"]
    assert {problem.finding.where for problem in problems} == {"state", "status"}


def test_a_problem_of_another_form_is_bad_input(tmp_path: Path) -> None:
    """It is said in one line where."""
    document = json.loads(results_of("reopens").to_json())
    document["problems"][0]["number"] = 0
    path = tmp_path / "report.json"
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(BadInput, match=r"is not a report\.json"):
        Results.read(path)
