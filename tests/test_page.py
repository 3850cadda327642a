"""report.html in a real browser: what it shows, to whom, and that it does nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._catalogue.catalogue import Extension
from jobinfo_conformance._catalogue.requirement import Level
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._exchange import Headers
from jobinfo_conformance._reference.faults.fault import fault
from jobinfo_conformance._reports.exchange_view import Part, views
from jobinfo_conformance._reports.html import as_html
from jobinfo_conformance._reports.reproduce import scripts
from jobinfo_conformance._results.results import Known, Outcome, Results
from tests.exchanges import CLOSED, JSON, close, create, error, exchange, post_state, read
from tests.pages import self_contained
from tests.reports import HOSTILE, faulty, report
from tests.test_problems import results_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: Faults of the reference that one server can have together, in the order in which they override each other.
HALF_RIGHT = [
    "dates-with-space",
    "close-aborts",
    "second-close-is-accepted",
    "closes-the-next-job-too",
    "reads-count-as-retries",
    "refused-batches-are-listed",
    "total-counts-from-zero",
    "created-is-now",
    "ids-end-in-aaa",
    "any-version-is-served",
    "session-is-not-asked-for",
    "codes-of-others",
    "errors-without-content-type",
    "ids-are-cut-to-15",
    "empty-jobs-take-time",
    "version-is-the-latest",
    "content-type-as-media-type",
    "messages-say-nothing",
    "headers-repeat-the-session",
    "jobs-with-prefix-of-batches",
    "unknown-jobs-are-made-up",
    "patch-closes",
]

Open = Callable[..., "Page"]


def half_right(folder: Path) -> Results:
    """The results of a run on a server that gets that much wrong, in which every requirement is a problem of its own."""

    class HalfRight(*[BUILT_IN.faults[name].departs for name in HALF_RIGHT]):  # type: ignore[misc]  # known when it runs
        """What a newcomer wrote."""

    made = fault(breaks="state/closed")(HalfRight)
    document = json.loads(results_of(made.name, Extension("own", faults=(made,)).added_to(BUILT_IN)).to_json())
    del document["problems"]  # as in a report of an earlier version
    (folder / "report.json").write_text(json.dumps(document), "utf-8")
    return Results.read(folder / "report.json")


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a report's page; at the end it must have asked for nothing but itself and complained of nothing."""
    with self_contained(browser, tmp_path / "report.html") as open_page:
        yield lambda results, **context: open_page(as_html(results, scripts(results)), **context)


def unfold(page: Page) -> None:
    """Open all that is folded."""
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")


def shown_in_grid(page: Page) -> list[str]:
    """The requirements whose cells have not faded."""
    names = page.locator(".grid li:not([inert]) .name").all_text_contents()
    return [name.split()[0] for name in names]


def focused(page: Page) -> str:
    """The value or the text of what has the keyboard."""
    return str(page.evaluate("document.activeElement.value || document.activeElement.textContent"))


def test_the_verdict_comes_first_then_the_problems_then_every_requirement_then_the_evidence(opened: Open) -> None:
    """An outline that a screen reader can walk along; what takes long to read is folded."""
    results = faulty()
    page = opened(results)
    assert page.locator("h1, h2").all_inner_texts() == [
        "Error",
        "Errors of the suite",
        f"{len(results.problems)} problems",
        "Requirements",
        "Evidence",
        "The requirements in words",
    ]
    assert page.locator(".problems tbody tr").count() == page.locator("article").count() == len(results.problems)
    assert shown_in_grid(page) == list(dict.fromkeys(judgement.id for judgement in results.requirements))
    assert page.locator("article pre:visible, .catalogue table:visible").count() == 0
    assert page.title().startswith("Error: a.har")


def test_a_problem_is_told_once_with_what_follows_from_it(opened: Open) -> None:
    """In the table with the number of its cases; in its evidence each requirement that follows is a link to what it says."""
    opened_again = CLOSED.replace(state="Open")
    page = opened(report(create(), close(), read(), post_state("Open", opened_again), read(opened_again)))
    [row] = page.locator(".problems tbody tr").all()
    assert row.locator("td, th").all_inner_texts() == [
        "fail",
        "state/final MUST\nA request for the state Open is refused for a closed job, which stays Closed.",
        "fail",
        "\u2013",
        "1",
        "1",
    ]
    row.get_by_role("link").click()
    article = page.locator("article:target")
    assert article.locator(".follows li").all_inner_texts() == ["state/kept MUST, 1 case in XML"]
    article.get_by_role("link", name="state/kept").click()
    assert page.locator("tr:target .sentence").inner_text().startswith("A GET after the close, in either serialization,")


def test_a_missing_field_in_many_answers_is_one_problem(opened: Open) -> None:
    """However many answers lack it."""
    lacking = JobInfo({name: value for name, value in CLOSED.items() if name != "numberRetries"})
    page = opened(report(*[read(lacking) for _ in range(88)]))
    [row] = page.locator(".problems tbody tr").all()
    assert row.locator(".number").first.inner_text() == "88"


def test_evidence_shows_what_was_expected_and_marks_the_place(opened: Open) -> None:
    """With the request, the response and what to run to see it again."""
    results = report(close(CLOSED.replace(state="Open"), JSON))
    page = opened(results)
    evidence = page.locator("article", has_text="state/closed")
    assert evidence.locator(".gist").inner_text() == "expected Closed, got Open"
    evidence.locator("summary").first.click()
    assert evidence.locator(".difference dd").all_inner_texts()[:3] == ["Closed", "Open", "state"]
    assert evidence.locator("mark").all_inner_texts() == ['"state": "Open"']
    assert evidence.locator(".message:visible").count() == 2
    assert evidence.locator(".command").inner_text() == "sh reproduce/01-state-closed.sh"
    evidence.get_by_text("the script", exact=True).click()
    assert evidence.locator(".script pre").inner_text() == scripts(results)[1].text


def test_a_requirement_that_was_not_tested_says_why(opened: Open) -> None:
    """Where a cell of the grid leads to."""
    page = opened(report(close()))
    page.locator(".grid li", has_text="state/kept").get_by_role("link").click()
    row = page.locator("tr:target")
    assert row.locator(".outcome").all_inner_texts() == ["not applicable"] * 2
    assert row.locator(".reason").first.inner_text().startswith("needs ")


def test_a_cell_says_in_words_what_its_shapes_show(opened: Open) -> None:
    """To a screen reader always, to all others under the pointer and the keyboard; each outcome has a shape of its own."""
    page = opened(faulty())
    cell = page.locator(".grid li", has_text="state/closed").get_by_role("link")
    assert cell.evaluate("(link) => link.textContent") == "state/closed fail"
    assert page.get_by_role("link", name="http/status-200 pass in XML, error in JSON").count() == 1
    name = cell.locator(".name")
    assert name.evaluate("(name) => getComputedStyle(name).clipPath") != "none"
    cell.hover()
    assert name.evaluate("(name) => getComputedStyle(name).clipPath") == "none"
    shapes = page.locator("symbol").evaluate_all("(symbols) => symbols.map((symbol) => symbol.innerHTML)")
    assert len(set(shapes)) == len(shapes) == len(Outcome) + 2


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1366)])
def test_the_page_is_accessible(opened: Open, scheme: str, width: int) -> None:
    """By axe, with contrast, in both themes, wide and narrow, folded and not; nothing has to be scrolled sideways."""
    page = opened(faulty(), color_scheme=scheme, viewport={"width": width, "height": 900})
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    for folded in (True, False):
        if not folded:
            unfold(page)
        violations = page.evaluate("axe.run()")["violations"]
        assert [(found["id"], found["nodes"][0]["html"]) for found in violations] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(background.removeprefix("rgb(").partition(",")[0]) > 128) is (scheme == "light")


def test_what_a_target_answered_is_text_and_nothing_else(opened: Open) -> None:
    """No markup of a stranger's becomes part of the page, and no script runs but the page's own."""
    page = opened(faulty())
    assert page.evaluate("window.hacked") is None
    assert page.locator("script").count() == 1
    assert page.locator("img, iframe, link, object").count() == 0
    assert HOSTILE.partition("```")[0] in page.locator("header .target").inner_text()
    assert "\\u202e\\x1b[31m" in page.locator("header .target").inner_text()
    assert "\x1b" not in page.content()
    assert "\u202e" not in page.content()


def test_the_policy_of_the_page_forbids_any_other_script(browser: Browser, tmp_path: Path) -> None:
    """A second line of defence, should something ever not be escaped."""
    (tmp_path / "report.html").write_text(as_html(faulty()).replace("</h1>", f"</h1>{HOSTILE}", 1), "utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "report.html").as_uri())
    assert page.locator("script").count() == 2
    assert page.evaluate("window.hacked") is None


def test_the_filters_work_by_keyboard(opened: Open) -> None:
    """The skip link leads to them, the space bar checks them, and what is left is said aloud."""
    from playwright.sync_api import expect

    results = faulty()
    page = opened(results)
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the requirements"
    page.keyboard.press("Enter")
    assert focused(page) == "Requirements"
    for expected in ("error", "fail"):
        page.keyboard.press("Tab")
        assert focused(page) == expected
    page.keyboard.press("Space")
    failed = {judgement.id for judgement in results.requirements if judgement.outcome is Outcome.FAIL}
    assert set(shown_in_grid(page)) == failed
    total = len({judgement.id for judgement in results.requirements})
    output = page.get_by_role("status")
    assert output.inner_text() == f"{len(failed)} of {total} requirements shown"
    assert page.get_by_label(f"fail {len(failed)}", exact=True).is_checked()
    page.get_by_role("button", name="Show all").press("Enter")
    expect(output).to_have_text(f"{total} of {total} requirements shown")  # the form is reset after the event
    assert page.locator("input:checked").count() == 0


def test_filters_of_several_kinds_narrow_each_other(opened: Open) -> None:
    """Boxes of a kind add up; kinds cut. A filter has the number of its requirements."""
    results = faulty()
    page = opened(results)
    for name in (r"^warn \d", r"^pass \d", r"^SHOULD \d"):
        page.get_by_label(re.compile(name)).check()
    wanted = {
        judgement.id
        for judgement in results.requirements
        if judgement.level is Level.SHOULD and judgement.outcome in (Outcome.WARN, Outcome.PASS)
    }
    assert set(shown_in_grid(page)) == wanted
    unfold(page)
    assert set(page.locator(".catalogue tr[data-level]:visible .id").all_inner_texts()) == wanted


def test_a_link_leads_into_what_is_folded_and_what_is_filtered_out(opened: Open) -> None:
    """And again after it was folded by hand."""
    opened_again = CLOSED.replace(state="Open")
    page = opened(report(create(), close(), read(), post_state("Open", opened_again), read(opened_again)))
    link = page.locator(".problems").get_by_role("link")
    for _ in range(2):
        link.click()
        assert page.locator("article:target .difference").is_visible()
        page.locator("article summary").first.click()
        assert not page.locator("article:target .difference").is_visible()
    page.get_by_label(re.compile("^pass")).check()
    page.locator("article summary").first.click()
    page.locator("article .follows").get_by_role("link").first.click()
    assert page.locator("tr:target").is_visible()


def test_without_scripts_everything_is_there_but_the_filters(opened: Open) -> None:
    """Some mail clients and CI servers show pages so."""
    results = faulty()
    page = opened(results, java_script_enabled=False)
    assert not page.locator("form").is_visible()
    assert len(shown_in_grid(page)) == len({judgement.id for judgement in results.requirements})
    page.locator("article summary").first.click()
    assert page.locator("article .difference").first.is_visible()


def test_fifteen_problems_print_on_eight_pages_at_most(opened: Open, tmp_path: Path) -> None:
    """What was expected and what came, and a line for each exchange; bodies and scripts stay on the screen."""
    results = half_right(tmp_path)
    assert len(results.problems) >= 15
    page = opened(results)
    printed = page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 8
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("article .difference:visible").count() == len(results.problems)
    assert page.locator("article .exchanges summary:visible").count() >= len(results.problems)
    assert page.locator("form:visible, .message:visible, .script:visible, .catalogue tr:visible").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("article > details[open]").count() == 0


def test_a_green_page_is_one_screen_and_prints_on_one_sheet(opened: Open, tmp_path: Path) -> None:
    """The verdict and the grid; there is nothing else to see."""
    page = opened(report(close()), viewport={"width": 1366, "height": 900})
    assert page.locator("h2").first.inner_text() == "No problem found"
    assert page.locator(".legend").bounding_box()["y"] < 900  # type: ignore[index]  # it is visible
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(path=tmp_path / "report.pdf", format="A4"))) == 1


def test_the_page_stays_small_whatever_a_target_answers(opened: Open) -> None:
    """Bodies, headers and scripts are cut, and of many exchanges the first and the last are shown."""
    long = "x" * 2_000_000
    odd = close(CLOSED.replace(state="Open", object=long))
    odd = odd.answered(headers=Headers.of([*odd.response.headers, ("X-Long", long)]))
    results = report(exchange("POST", "", long.encode(), status=201), odd)
    [problem, *others] = results.problems
    problem = replace(problem, finding=replace(problem.finding, exchanges=(odd,) * 300))
    page = opened(replace(results, problems=(problem, *others)))
    assert len(page.content()) < 1_000_000
    unfold(page)
    assert page.get_by_text("290 more are in report.json").count() == 1
    assert page.get_by_text("more characters are in report.json").count() == 10


def test_requests_that_got_no_answer_are_on_the_page(opened: Open) -> None:
    """The shortest, in lines that fit a telephone."""
    lines = tuple(f"curl -X PUT http://127.0.0.1/{'x' * length}" for length in (3_000_000, 400, 3, 20))
    page = opened(replace(report(close()), unanswered=lines), viewport={"width": 390, "height": 900})
    assert page.get_by_role("heading", name="No answer came to 4 requests, of which these are the shortest").count() == 1
    assert page.locator(".untested code").all_inner_texts() == [lines[2], lines[3], lines[1]]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_known_failure_is_shown_with_its_reason_and_an_objection_beside_the_verdict(opened: Open) -> None:
    """As known, and not as a failure, by axe too."""
    results = report(close(CLOSED.replace(state="Open")))
    known = Known(f"fixed in 4.2 {HOSTILE}", "https://example.test/7")
    judgements = [
        replace(judgement, known=known) if judgement.name == "state/closed (xml)" else judgement
        for judgement in results.requirements
    ]
    page = opened(replace(results, requirements=tuple(judgements), objections=("known failure a/b passes now",)))
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    assert page.evaluate("axe.run()")["violations"] == []
    assert page.locator("header .left-open").inner_text() == "known failure a/b passes now"
    assert page.locator("h2").first.inner_text() == "No problem found, 1 known"
    article = page.locator("article.known")
    article.locator("summary").first.click()
    assert article.locator(".outcome").first.inner_text() == "known"
    said = article.locator(".sentence").all_inner_texts()
    assert said[0] == "The answer to an accepted close says that the state is Closed."
    assert said[1].startswith("Known not to hold: fixed in 4.2 </pre><script>")


def test_a_job_that_was_left_open_stands_beside_the_verdict(opened: Open) -> None:
    """Somebody has to end it."""
    page = opened(report(close(), left_open=("750000000000001AAA",)))
    assert "left open: job 750000000000001AAA" in page.locator("header").inner_text()


def marked(where: str, answer: bytes, **more: Any) -> list[str]:
    """What is marked in the answer of an exchange for a place."""
    [view] = views([exchange("POST", "/x", answer=answer, **more)], [where])
    parts: list[Part] = [view.response.start, *view.response.headers, *view.response.body]
    return [part.text for part in parts if part.marked]


@pytest.mark.parametrize(
    ("where", "answer", "expected"),
    [
        ("state", b"<j><state>Open</state></j>", ["<state>Open</state>"]),
        ("state", b"<b:j><b:state>Open</b:state></b:j>", ["<b:state>Open</b:state>"]),
        ("state", b"<j><state/></j>", ["<state/>"]),
        ("state", b'{"state" : "a\\"b", "x": 1}', ['"state" : "a\\"b"']),
        ("numberRetries", b'{"numberRetries":007}', ['"numberRetries":007']),
        ("id and createdById", b'{"id": 1, "createdById": null}', ['"id": 1', '"createdById": null']),
        ("status and state", b'{"state": "Open"}', ["200 OK", '"state": "Open"']),
        ("status", b"{}", ["200 OK"]),
        ("Content-Type header", b"{}", ["Content-Type: application/xml"]),
        ("jobInfo", b"<jobInfo a='1'><id>1</id></jobInfo>", ["<jobInfo a='1'>"]),
        ("DOCTYPE", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", ["<!DOCTYPE a [<!ENTITY b 'c'>]>"]),
        ("line 2", b"<a>\n<b>\n</a>", ["<b>\n"]),
        ("line 2 column 1", b"{\n", []),
        ("line 9", b"{\n", []),
        ("body", b"[]", ["[]"]),
        ("state", b"[]", []),
        ("a (b", b'{"a (b": 1}', ['"a (b": 1']),
        ("state", "<state>Open</state>".encode("utf-16"), ["<state>Open</state>"]),
        ("state", b"\xff\xfe\x00", []),
    ],
)
def test_the_place_that_a_failure_names_is_marked(where: str, answer: bytes, expected: list[str]) -> None:
    """An element, a key, a header, the status, a line, or all of a body; nothing where it is missing."""
    assert marked(where, answer) == expected


def test_a_field_is_marked_in_each_answer_and_the_rest_in_the_last() -> None:
    """Two answers are held against each other by their fields."""
    exchanges = [close(form=JSON), close(None, JSON, answer=error(form=JSON))]
    first, last = views(exchanges, ["status and state", "Content-Type header"])
    assert [part.text for part in first.response.body if part.marked] == ['"state": "Closed"']
    assert not first.response.start.marked
    assert last.response.start.marked
    assert [part.text for part in last.response.headers if part.marked] == ["Content-Type: application/json"]
