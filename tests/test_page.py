"""report.html in a real browser: what it shows, to whom, and that it does nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobinfo_conformance._catalogue.requirement import Level
from jobinfo_conformance._reports.exchange_view import Part, views
from jobinfo_conformance._reports.html import as_html
from jobinfo_conformance._results.results import Known, Outcome, Results
from tests.exchanges import CLOSED, JSON, close, error, exchange
from tests.reports import HOSTILE, faulty, report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
#: The first is for containers; the others keep the browser from looking for its maker's servers.
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

Open = Callable[..., "Page"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="the browser is driven by playwright: pip install playwright"
    )
    if CHROMIUM is None:
        pytest.skip("the page is tested in Chromium, which is not here: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a report's page; at the end it must have asked for nothing but itself and complained of nothing."""
    asked: list[str] = []
    said: list[str] = []
    file = tmp_path / "report.html"

    def open_page(results: Results, **context: Any) -> Page:
        file.write_text(as_html(results), "utf-8")
        page = browser.new_context(**context).new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(file.as_uri())
        return page

    yield open_page
    assert set(asked) == {file.as_uri()}
    assert said == []


def visible_rows(page: Page) -> list[str]:
    """The requirements that the matrix shows."""
    return page.locator("tr[data-family]:visible .id").all_inner_texts()


def focused(page: Page) -> str:
    """The value or the text of what has the keyboard."""
    return str(page.evaluate("document.activeElement.value || document.activeElement.textContent"))


def test_the_verdict_comes_first_then_the_failures_then_every_requirement(opened: Open) -> None:
    """An outline that a screen reader can walk along."""
    results = faulty()
    page = opened(results)
    headings = page.locator("h1, h2").all_inner_texts()
    assert headings == ["Error", "What does not hold", "Requirements"]
    assert page.locator("article").count() == sum(
        judgement.outcome in (Outcome.FAIL, Outcome.WARN, Outcome.ERROR) for judgement in results.requirements
    )
    assert visible_rows(page) == list(dict.fromkeys(judgement.id for judgement in results.requirements))
    assert page.title().startswith("Error: a.har")


def test_a_failure_shows_what_was_expected_and_marks_the_place(opened: Open) -> None:
    """With the request, the response and a line to send it again."""
    page = opened(report(close(CLOSED.replace(state="Open"), JSON)))
    failure = page.locator("article", has_text="state/closed")
    assert failure.locator("dd").all_inner_texts() == ["Closed", "Open", "state"]
    assert failure.locator("mark").all_inner_texts() == ['"state": "Open"']
    assert failure.locator(".message").count() == 2
    assert failure.locator(".curl").inner_text().startswith("curl -i -X POST https://")


def test_a_requirement_that_was_not_tested_says_why(opened: Open) -> None:
    """In its place in the matrix."""
    page = opened(report(close()))
    row = page.locator("tr", has_text="state/kept")
    assert row.locator(".outcome").all_inner_texts() == ["not applicable"] * 2
    assert row.locator(".reason").first.inner_text().startswith("needs ")


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(opened: Open, scheme: str, width: int) -> None:
    """By axe, with contrast, in both themes, wide and narrow; nothing has to be scrolled sideways."""
    page = opened(faulty(), color_scheme=scheme, viewport={"width": width, "height": 900})
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    violations = page.evaluate("axe.run()")["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []
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
    """Tab reaches them in their order, the space bar checks them, and what is left is said aloud."""
    from playwright.sync_api import expect

    results = faulty()
    page = opened(results)
    for expected in ("Skip to the requirements", "error", "fail"):
        page.keyboard.press("Tab")
        assert focused(page) == expected
    page.keyboard.press("Space")
    failed = {judgement.id for judgement in results.requirements if judgement.outcome is Outcome.FAIL}
    assert set(visible_rows(page)) == failed
    assert page.locator("article:visible .outcome").first.inner_text() == "fail"
    total = len({judgement.id for judgement in results.requirements})
    output = page.get_by_role("status")
    assert output.inner_text() == f"{len(failed)} of {total} requirements shown"
    page.get_by_role("button", name="Show all").press("Enter")
    expect(output).to_have_text(f"{total} of {total} requirements shown")  # the form is reset after the event
    assert page.locator("input:checked").count() == 0


def test_filters_of_several_kinds_narrow_each_other(opened: Open) -> None:
    """Boxes of a kind add up; kinds cut."""
    results = faulty()
    page = opened(results)
    for name in ("schema", "state", "SHOULD"):
        page.get_by_label(name, exact=True).check()
    wanted = {
        judgement.id
        for judgement in results.requirements
        if judgement.level is Level.SHOULD and judgement.family in ("schema", "state")
    }
    assert set(visible_rows(page)) == wanted
    assert {name.partition(" ")[0] for name in page.locator(".family:visible").all_inner_texts()} == {"schema", "state"}


def test_the_skip_link_leads_past_the_failures(opened: Open) -> None:
    """With the keyboard, to the heading of the matrix."""
    page = opened(faulty())
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert focused(page) == "Requirements"


def test_an_outcome_leads_to_its_failure(opened: Open) -> None:
    """A link in the matrix, to the article of that requirement in that serialization."""
    page = opened(report(close(CLOSED.replace(state="Open"), JSON)))
    page.locator("tr", has_text="state/closed").get_by_role("link", name="fail").click()
    assert page.evaluate("location.hash") == "#state/closed/json"
    assert "state/closed" in page.locator(":target h3").inner_text()


def test_without_scripts_everything_is_there_but_the_filters(opened: Open) -> None:
    """Some mail clients and CI servers show pages so."""
    results = faulty()
    page = opened(results, java_script_enabled=False)
    assert not page.locator("form").is_visible()
    assert len(visible_rows(page)) == len({judgement.id for judgement in results.requirements})
    assert page.locator("article:visible").count() > 1


def test_on_paper_every_exchange_is_open(opened: Open) -> None:
    """What is folded on a screen is not folded in print, and there is nothing to click."""
    wrong = CLOSED.replace(state="Open")
    page = opened(report(close(wrong), close(wrong.replace(number_retries=1))))
    folded = page.locator("details:not([open]) pre").first
    assert not folded.is_visible()
    page.emulate_media(media="print")
    box = folded.bounding_box()
    assert box is not None
    assert box["height"] > 0
    assert not page.locator("form").is_visible()


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
    article = page.locator("article.known")
    assert article.locator(".outcome").inner_text() == "known"
    assert article.locator("p").first.inner_text() == "The answer to an accepted close says that the state is Closed."
    assert article.locator("p").nth(1).inner_text().startswith("Known not to hold: fixed in 4.2 </pre><script>")


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
