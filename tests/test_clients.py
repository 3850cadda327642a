"""Clients under test: what is wrong with one is noticed by the requirement that it is about, and legal forms alarm nobody."""

from __future__ import annotations

import gzip
import json
import re
import sys
from dataclasses import replace

import pytest

from jobinfo_conformance import BadInput
from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._catalogue.of_clients import OF_CLIENTS, with_clients
from jobinfo_conformance._clients.answers import DEPARTURES, REFUSALS, grouped, named_answers, together, variations
from jobinfo_conformance._clients.command import NoticedBy
from jobinfo_conformance._clients.conforming import ClientFault, ConformingClient, Failed, InProcess, InXml, exchanged
from jobinfo_conformance._clients.under_test import ClientUnderTest, Trying
from jobinfo_conformance._contract.jobinfo import NAMESPACE, JobInfo
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.client_run import Answered, Ending
from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._job_requests import plain
from jobinfo_conformance._results.results import Judgement, Outcome, Results
from jobinfo_conformance._run import Run
from jobinfo_conformance._selftest import trial
from jobinfo_conformance._settings import Settings
from tests.conftest import Command

CATALOGUE = with_clients(BUILT_IN)
FAULTY = list(CATALOGUE.faulty_clients.values())


def judged(client: type[ConformingClient], *only: str, strict: bool = True) -> Results:
    """The results of a client, on the usual answers and on these."""
    source = ClientUnderTest(client.__name__, InProcess(client), Trying(only=only))
    return Run(source, Settings.for_client(strict=strict)).results()


def judgement(results: Results, name: str) -> Judgement:
    """One of them."""
    return next(found for found in results.requirements if found.id == name)


def failing(results: Results) -> list[str]:
    """The requirements that do not hold."""
    return [found.id for found in results.requirements if not found.outcome.holds]


# Faulty clients


@pytest.mark.parametrize("fault", FAULTY, ids=lambda fault: fault.name)
def test_a_faulty_client_is_noticed_by_its_own_requirement(fault: ClientFault) -> None:
    """And the problem that is told is that requirement, unless the endpoint had no choice but to leave the job open."""
    found = trial(fault.name, CATALOGUE)
    assert found.is_right(CATALOGUE), found
    assert fault.breaks in found.problems
    assert set(found.problems) <= {fault.breaks, "client/closes-what-it-opened"}


def test_no_faulty_client_has_the_name_of_a_fault() -> None:
    """The self-test and the kill map name both."""
    assert set(CATALOGUE.faulty_clients).isdisjoint(CATALOGUE.faults)


def test_every_requirement_on_clients_has_a_faulty_client() -> None:
    """So none is there that can't fail."""
    assert {fault.breaks for fault in FAULTY} == set(OF_CLIENTS.requirements)
    assert len(FAULTY) >= 25


# Legal forms


class Compressed(InXml):
    """Sends its close in gzip, and names that coding on reads as well."""

    def closing(self, job_id: str) -> Request:
        """In gzip."""
        request = super().closing(job_id)
        return replace(request, body=gzip.compress(request.body, mtime=0)).with_header("Content-Encoding", "gzip")

    def add_batch(self, job_id: str) -> None:
        """And read the batches."""
        super().add_batch(job_id)
        headers = Headers.of([("Content-Encoding", "gzip"), ("Content-Type", "application/xml")])
        self.accepted(self.send(Request("GET", f"{self.resource}/{job_id}/batch", headers)))


class NamesEveryKey(ConformingClient):
    """Sends every key, null or 0 but for two."""

    def closing(self, job_id: str) -> Request:
        """With all keys."""
        unset = {**dict.fromkeys(JobInfo.FIELDS), "numberRetries": 0, "fastPathEnabled": False}
        return replace(super().closing(job_id), body=json.dumps({**unset, "id": job_id, "state": "Closed"}).encode())


class IdBeforeState(InXml):
    """Sends its id, without a declaration, in one line, with a slash at the end of the URL and a charset."""

    def closing(self, job_id: str) -> Request:
        """In its own form."""
        body = f'<jobInfo xmlns="{NAMESPACE}"><id>{job_id}</id><state>Closed</state></jobInfo>'.encode()
        request = super().closing(job_id)
        typed = request.with_header("Content-Type", "application/xml; charset=UTF-8")
        return replace(typed, url=f"{request.url}/", body=body)


class ModeAsNumber(ConformingClient):
    """Creates a job whose concurrencyMode is a number, as the most used client of Python does."""

    def create(self) -> str:
        """With 0."""
        body = {"operation": "insert", "object": "Account", "concurrencyMode": 0, "contentType": "JSON"}
        headers = Headers.of([("Content-Type", "application/json")])
        created = self.send(Request("POST", self.resource, headers, json.dumps(body).encode()))
        return self.text(self.accepted(created), "id")


class ReadsResults(ConformingClient):
    """Reads what came of its batch before the close, and what it sent."""

    def add_batch(self, job_id: str) -> None:
        """And read all of it."""
        added = self.accepted(self.send(self.batch(job_id)))
        url = f"{self.resource}/{job_id}/batch/{self.text(added, 'id')}"
        assert self.accepted(self.send(Request("GET", f"{url}/request"))).body == self.batch(job_id).body
        results = json.loads(self.accepted(self.send(Request("GET", f"{url}/result"))).body or b"")
        assert [result["success"] for result in results] == [True, True]


class Aborts(ConformingClient):
    """Closes one job, and aborts another."""

    def run(self) -> None:
        """With two jobs."""
        other = self.create()
        super().run()
        self.accepted(self.send(self.closing(other).with_text("Closed", "Aborted")))


class PageInABrowser(ConformingClient):
    """A page of another origin: the browser asks first what may be sent, and hides answers that are for no page."""

    origin = "https://page.example"

    def send(self, request: Request) -> Response:
        """Ask first, without the session."""
        asks = [("Origin", self.origin), ("Access-Control-Request-Method", request.method)]
        asks.append(("Access-Control-Request-Headers", "content-type,x-sfdc-session"))
        allowed = exchanged(Request("OPTIONS", request.url, Headers.of(asks)))
        assert allowed.status == 204
        assert allowed.headers.get("Access-Control-Allow-Headers") == "content-type,x-sfdc-session"
        answer = super().send(request.with_header("Origin", self.origin))
        assert answer.headers.get("Access-Control-Allow-Origin") == self.origin
        return answer


class GetsWithABody(ConformingClient):
    """Sends a body with each GET, which says nothing of a state."""

    def close(self, job_id: str) -> None:
        """Read the job first."""
        self.accepted(self.send(replace(plain.read(self, job_id, self.form), body=b"{}")))
        super().close(job_id)


LEGAL = [
    ConformingClient,
    InXml,
    Compressed,
    NamesEveryKey,
    IdBeforeState,
    ModeAsNumber,
    ReadsResults,
    Aborts,
    PageInABrowser,
    GetsWithABody,
]


@pytest.mark.parametrize("client", LEGAL, ids=lambda client: client.__name__)
def test_what_is_legal_alarms_nobody(client: type[ConformingClient]) -> None:
    """Not even strictly, on usual answers and on some others."""
    results = judged(client, "chunked + lower-case-headers", "invalid-job-state", "still-open")
    assert failing(results) == []
    assert results.verdict.value == "conformant"


@pytest.mark.parametrize("client", [ConformingClient, InXml])
def test_a_conforming_client_understands_all_that_conforms(client: type[ConformingClient]) -> None:
    """All variations, those together that go together."""
    source = ClientUnderTest("client", InProcess(client), Trying(natures=frozenset({Answered.UNUSUALLY})))
    results = Run(source, Settings.for_client(strict=True)).results()
    assert judgement(results, "client/understands-every-conformant-response").outcome is Outcome.PASS


def test_a_conforming_client_notices_every_refusal_and_every_lie() -> None:
    """Whatever it is."""
    results = judged(ConformingClient, *(answers.name for answers in (*REFUSALS, *DEPARTURES) if answers.name != "no-results"))
    assert failing(results) == []
    assert judgement(results, "client/notices-a-refusal").outcome is Outcome.PASS


class DoesWithoutResults(ConformingClient):
    """Asks for the results of its batch, whatever is answered."""

    def add_batch(self, job_id: str) -> None:
        """And ask what came of it."""
        added = self.accepted(self.send(self.batch(job_id)))
        self.results = self.send(Request("GET", f"{self.resource}/{job_id}/batch/{self.text(added, 'id')}/result"))


class LeavesJobsWithoutResults(DoesWithoutResults):
    """Closes its job only if there are results, and says nothing otherwise."""

    def close(self, job_id: str) -> None:
        """Perhaps."""
        if self.results.status == 200:
            super().close(job_id)


def test_a_client_may_do_without_results_that_are_refused() -> None:
    """If it closes its job all the same; nothing is told from such a run alone."""
    assert failing(judged(DoesWithoutResults, "no-results", "invalid-job-state")) == []
    alone = judgement(judged(DoesWithoutResults, "no-results"), "client/notices-a-refusal")
    assert alone.outcome is Outcome.INCONCLUSIVE


def test_a_client_may_not_leave_its_job_open_in_silence_where_results_are_refused() -> None:
    """That the job stayed open is told."""
    found = judgement(judged(LeavesJobsWithoutResults, "no-results"), "client/notices-a-refusal")
    assert [finding.got for finding in found.findings] == ["exit 0, nothing on standard error, 1 job left Open"]


class ReadsTheJob(ConformingClient):
    """Looks at nothing that a close is answered, and reads the job instead."""

    def check(self, _response: Response, job_id: str) -> None:
        """By a read."""
        read_again = self.accepted(self.send(plain.read(self, job_id, self.form)))
        if self.text(read_again, "state") != "Closed":
            raise Failed("the job is not closed")


class ReadsTheJobForNothing(ReadsTheJob):
    """Reads the job, and makes nothing of what it says."""

    def accepted(self, response: Response) -> Response:
        """Whatever it says."""
        return Response(200, response.headers, (response.body or b"").replace(b"Open", b"Closed"))


class ClosesBy(ConformingClient):
    """Closes with another method, and then with POST."""

    used = "GET"

    def close(self, job_id: str) -> None:
        """Twice."""
        self.send(replace(self.closing(job_id), method=self.used))
        super().close(job_id)


@pytest.mark.parametrize("form", list(Serialization))
@pytest.mark.parametrize("used", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"])
def test_a_close_by_another_method_is_told_even_if_the_job_is_closed_later(used: str, form: Serialization) -> None:
    """In XML and in JSON; no method changes a job but POST."""
    client = type("Client", (ClosesBy,), {"used": used, "form": form})
    found = judgement(judged(client), "client/method")
    said = "GET, whose body would change the state of a job" if used == "GET" else used
    assert [finding.got for finding in found.findings] == [said]


def test_a_client_that_sends_nothing_but_a_preflight_has_connected_all_the_same() -> None:
    """What it did not do is told, and not that it never came."""

    class OnlyAsks(ConformingClient):
        """Asks what may be sent."""

        def run(self) -> None:
            """And no more."""
            exchanged(Request("OPTIONS", self.resource))

    found = judgement(judged(OnlyAsks), "client/state-closed")
    assert found.obstacle == "the client connected and never closed a job"


class ClosesAnother(ConformingClient):
    """Closes a job that it did not open besides its own, which it also closes by its short id."""

    def close(self, job_id: str) -> None:
        """And the other."""
        self.accepted(self.send(self.closing(job_id[:15])))
        self.send(self.closing("750000000000999AAA"))


def test_a_close_of_a_job_that_the_client_did_not_open_is_told() -> None:
    """With its id; the short id of its own job is no other."""
    found = judgement(judged(ClosesAnother), "client/closes-what-it-opened")
    assert [(finding.expected, finding.got) for finding in found.findings] == [
        ("a job that the client opened", "750000000000999AAA")
    ]


class ClosesWithAnotherId(InXml):
    """Opens two jobs, and names the second in the body of the first one's close, and a job of nobody's in the second's."""

    def run(self) -> None:
        """And then closes both, by its short id and by none."""
        first, second = self.create(), self.create()
        self.send(self.with_id(first, second))
        self.send(self.with_id(second, "750000000000999AAA"))
        self.accepted(self.send(self.with_id(first, first[:15])))
        self.close(second)

    def with_id(self, job_id: str, inside: str) -> Request:
        """A close with an id in its body."""
        return self.closing(job_id).with_text("<state>", f"<id>{inside}</id><state>")


def test_a_close_whose_body_names_another_job_than_its_path_is_told() -> None:
    """Also one of the client's own; the short form of the same id is no other."""
    found = judgement(judged(ClosesWithAnotherId), "client/closes-what-it-opened").findings
    assert [(finding.expected, finding.got, finding.where) for finding in found] == [
        ("the id in the path, or none", "750000000000002AAA", "id"),
        ("the id in the path, or none", "750000000000999AAA", "id"),
    ]


def test_a_client_that_reads_that_its_job_is_closed_need_not_notice_the_answer_to_its_close() -> None:
    """But it has to notice that the job is open, or another state than Closed."""
    assert failing(judged(ReadsTheJob, "other-serialization", "still-open", "aborted", "redirect")) == []
    found = judgement(judged(ReadsTheJobForNothing, "other-serialization", "still-open"), "client/notices-a-departure")
    assert [finding.where for finding in found.findings] == ["--variation still-open"]


# What can't be told


def test_nothing_is_said_of_a_client_that_fails_on_usual_answers_because_it_was_refused() -> None:
    """The wrong close is told; what the client makes of other answers is not known."""

    class NoSession(ConformingClient):
        """Closes without a session."""

        def carrying(self, request: Request) -> Request:
            """None on a close."""
            return request if b"Closed" in request.body else super().carrying(request)

    results = judged(NoSession, "chunked")
    found = judgement(results, "client/understands-every-conformant-response")
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.obstacle == "the client ended with exit status 1 although it was answered as usual"
    assert [problem.requirement for problem in results.problems] == ["client/session-header"]


def test_a_client_that_fails_on_the_usual_answers_is_told_so() -> None:
    """There is no variation to try it on again."""

    class ClosesAndFails(ConformingClient):
        """Fails once all is done."""

        def close(self, job_id: str) -> None:
            """And fail."""
            super().close(job_id)
            raise ConnectionError("of no reason")

    found = judgement(judged(ClosesAndFails), "client/understands-every-conformant-response")
    assert [finding.where for finding in found.findings] == ["on the usual answers"]


def test_a_client_that_asks_for_what_is_not_served_is_not_blamed() -> None:
    """The first such request is named."""

    class AsksForMore(ConformingClient):
        """Wants another API first."""

        def run(self) -> None:
            """Ask for it."""
            self.accepted(self.send(Request("GET", f"{self.place.base_url}/services/apexrest/x?secret=1")))

    results = judged(AsksForMore)
    assert results.verdict.value == "inconclusive"
    found = judgement(results, "client/state-closed")
    assert found.obstacle is not None
    assert found.obstacle.startswith("the client asked for what the reference does not serve, GET http://127.0.0.1:")
    assert found.obstacle.endswith("/services/apexrest/x")


class AsksAnotherApiFirst(ConformingClient):
    """Tries another API, which is not served, and does without it."""

    def run(self) -> None:
        """Ask for it."""
        assert self.send(Request("GET", f"{self.place.base_url}/services/apexrest/x")).status == 404
        super().run()


class AsksForResultsTooEarly(ConformingClient):
    """Asks for results that are not there yet, and then waits for the batch."""

    def add_batch(self, job_id: str) -> None:
        """And ask for results of a batch that nobody added."""
        super().add_batch(job_id)
        assert self.send(Request("GET", f"{self.resource}/{job_id}/batch/751000000000999AAA/result")).status == 400


class ClosesTwice(ConformingClient):
    """Closes its job again, whatever is answered."""

    def close(self, job_id: str) -> None:
        """Twice."""
        super().close(job_id)
        self.send(self.closing(job_id))


@pytest.mark.parametrize("client", [AsksAnotherApiFirst, AsksForResultsTooEarly, ClosesTwice])
def test_a_refusal_that_a_client_copes_with_hides_nothing_of_it(client: type[ConformingClient]) -> None:
    """What it makes of unusual answers is told, whether it understands them or not."""

    class WantsLength(client):  # type: ignore[valid-type,misc]
        """Does not understand chunks."""

        def check(self, response: Response, job_id: str) -> None:
            """Without chunks."""
            if response.headers.get("Transfer-Encoding"):
                raise ConnectionError("chunks")
            super().check(response, job_id)

    name = "client/understands-every-conformant-response"
    assert judgement(judged(client, "chunked"), name).outcome is Outcome.PASS
    found = judgement(judged(WantsLength, "chunked"), name)
    assert [finding.where for finding in found.findings] == ["--variation chunked"]


def test_no_session_of_the_clients_own_is_kept() -> None:
    """Nor a password in what is no request to the API."""

    class TellsSecrets(ConformingClient):
        """Says them everywhere."""

        def run(self) -> None:
            """In a header and in a body."""
            headers = Headers.of([("X-SFDC-Session", "00Dreal!secret.of.somebody"), ("Content-Type", "application/json")])
            self.send(Request("GET", self.resource, headers))
            self.send(Request("POST", f"{self.place.base_url}/login", headers, b'{"password": "hunter2-of-somebody"}'))
            super().run()

        def carrying(self, request: Request) -> Request:
            """Its own first."""
            return request if request.headers.get("X-SFDC-Session") else super().carrying(request)

    kept = judged(TellsSecrets).to_json()
    assert "secret.of.somebody" not in kept
    assert "hunter2" not in kept


def test_a_session_that_follows_a_redirect_elsewhere_is_told() -> None:
    """With the lie that passed in silence."""
    [fault] = [fault for fault in FAULTY if fault.name == "follows-redirects"]
    found = judgement(judged(fault.client, "redirect-elsewhere"), "client/notices-a-departure")
    assert [finding.got for finding in found.findings] == [
        "exit 0, nothing on standard error, the session sent to another origin"
    ]


def test_a_session_that_follows_a_redirect_elsewhere_is_told_of_a_client_that_ends_badly(
    command: Command,
) -> None:
    """That it ends with another status takes nothing back; its line says so too."""
    script = """
import json, os, sys, urllib.error, urllib.request as u
def ask(url, body):
    headers = {"X-SFDC-Session": os.environ["JOBINFO_SESSION_ID"], "Content-Type": "application/json"}
    return u.urlopen(u.Request(url, body, headers))
jobs = os.environ["JOBINFO_ASYNC_URL"] + "job"
job = json.load(ask(jobs, b'{"operation": "insert", "object": "Account"}'))["id"]
try:
    ask(f"{jobs}/{job}", b'{"state": "Closed"}')
except urllib.error.HTTPError as error:
    ask(error.headers["Location"], b'{"state": "Closed"}')
    sys.exit(1)
"""
    done = command("client", "--variation", "redirect-elsewhere", "--", sys.executable, "-c", script)
    assert "WARN client/notices-a-departure" in done.stdout
    assert done.stdout.count("exit 1, nothing on standard error, the session sent to another origin") == 2


# Ways to answer


def test_variations_that_go_together_are_tried_together() -> None:
    """In a few groups, none of which settles a question twice."""
    groups = grouped(variations(OF_CLIENTS), OF_CLIENTS)
    assert len(groups) <= 5
    assert sum(map(len, groups)) == len(variations(OF_CLIENTS))
    for group in groups:
        OF_CLIENTS.in_manners(together(group).manners)


def test_a_group_that_troubles_a_client_is_split_until_the_variation_is_named() -> None:
    """And that can be replayed by its name."""

    class WantsLength(ConformingClient):
        """Does not understand chunks."""

        def check(self, response: Response, job_id: str) -> None:
            """Without chunks."""
            assert response.headers.get("Transfer-Encoding") is None or self.gives_up()
            super().check(response, job_id)

        def gives_up(self) -> bool:
            """As a client does."""
            raise ConnectionError("chunks")

    source = ClientUnderTest("client", InProcess(WantsLength), Trying(natures=frozenset({Answered.UNUSUALLY})))
    results = Run(source, Settings.for_client()).results()
    [finding, other] = judgement(results, "client/understands-every-conformant-response").findings
    assert {finding.where, other.where} == {"--variation chunked", "--variation odd-chunks"}
    assert finding.got == "exit 1, something on standard error"


def test_what_a_client_sends_because_it_did_not_understand_an_answer_is_no_problem_of_its_own() -> None:
    """Here a batch for a job without an id; that the answer was not understood is the cause."""

    class ReadsBytes(InXml):
        """Finds the id in UTF-8 alone."""

        def text(self, response: Response, name: str) -> str:
            """Nothing otherwise."""
            found = re.search(rf"<{name}>(.*?)</{name}>".encode(), response.body or b"")
            return found[1].decode() if found else ""

    results = judged(ReadsBytes, "utf-16")
    assert [problem.requirement for problem in results.problems] == ["client/understands-every-conformant-response"]
    assert judgement(results, "client/uri").outcome is Outcome.PASS


def test_a_variation_that_does_not_exist_is_named_with_one_that_does() -> None:
    """On one line."""
    with pytest.raises(BadInput, match="there is no variation chunkd: did you mean chunked"):
        named_answers(["chunkd"], OF_CLIENTS)


def test_a_refusal_can_be_combined_with_an_unusual_way_to_answer() -> None:
    """But not with another refusal, since each answers the close."""
    [answers] = named_answers(["exceeded-quota + chunked"], OF_CLIENTS)
    assert (answers.answered, answers.manners) == (Answered.BY_REFUSALS, ("chunked",))
    for names in ("exceeded-quota + reset", "chunked + odd-chunks"):
        with pytest.raises(BadInput, match="don't go together"):
            named_answers([names], OF_CLIENTS)


@pytest.mark.parametrize(
    ("how", "ending", "usual", "shows"),
    [
        (None, Ending(1, 0), Ending(0, 0), True),
        (None, Ending(0, 0, complaint="refused"), Ending(0, 0), True),
        (None, Ending(0, 0, complaint="hello"), Ending(0, 0, complaint="hello"), False),
        (None, Ending(0, 0), Ending(0, 0), False),
        (None, Ending(None, 9), Ending(0, 0), False),
        ("exit", Ending(0, 0, complaint="refused"), Ending(0, 0), False),
        ("exit", Ending(3, 0), Ending(0, 0), True),
        ("stderr", Ending(1, 0), Ending(0, 0), False),
        ("stderr", Ending(0, 0, complaint="refused"), Ending(0, 0), True),
        ("not clos", Ending(0, 0, output="was not closed"), Ending(0, 0, output="closed"), True),
        ("clos", Ending(0, 0, output="was not closed"), Ending(0, 0, output="closed"), False),
        ("^FAILED: .+$", Ending(0, 0, output="begins\nFAILED: a close\nends"), Ending(0, 0, output="begins\nends"), True),
        ("^FAILED", Ending(0, 0, output="begins", complaint="FAILED"), Ending(0, 0, output="begins"), True),
        ("in.two", Ending(0, 0, output="in ", complaint="two"), Ending(0, 0), False),
        (r"in\stwo", Ending(0, 0, output="in\n", complaint="two"), Ending(0, 0), False),
    ],
)
def test_a_client_notices_by_its_exit_by_a_message_or_by_what_the_user_says(
    how: str | None, ending: Ending, usual: Ending, shows: bool
) -> None:
    """Compared with how it usually ends."""
    noticed_by = NoticedBy.of(how)
    assert bool(noticed_by.signs(ending) - noticed_by.signs(usual)) is shows
