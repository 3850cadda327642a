"""The page of many implementations in a real browser: what it shows, to whom, and that it does nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobinfo_conformance._catalogue.of_clients import OF_CLIENTS
from jobinfo_conformance._judging import unjudged
from jobinfo_conformance._matrix.columns import Column
from jobinfo_conformance._matrix.html import as_html
from jobinfo_conformance._results.results import Outcome, Results, Verdict
from tests.exchanges import CLOSED, close
from tests.pages import self_contained
from tests.reports import HOSTILE, faulty, report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Open = Callable[..., "Page"]


def client() -> Results:
    """The results of a client of which everything holds that was tested."""
    judgements = [unjudged(requirement, None, "not tried") for requirement in OF_CLIENTS.requirements.values()]
    first, *rest = judgements
    return replace(
        report(close(), target="python my_client.py"),
        verdict=Verdict.CONFORMANT,
        problems=(),
        requirements=(replace(first, outcome=Outcome.PASS), *rest),
    )


def named(**results: Results) -> list[Column]:
    """A column for each of these."""
    return [Column(number, name, Path(name), each) for number, (name, each) in enumerate(results.items(), 1)]


def few(column: Column) -> Column:
    """A column with the requirements of a few families: axe takes its time over each cell."""
    results = column.results
    kept = [judgement for judgement in results.requirements if judgement.id.startswith(("state/", "http/", "client/"))]
    problems = [problem for problem in results.problems if problem.requirement in {judgement.id for judgement in kept}]
    return replace(column, results=replace(results, requirements=tuple(kept), problems=tuple(problems)))


def three() -> list[Column]:
    """A server that conforms as far as is known, one that gets much wrong, and a client."""
    return named(good=report(close()), bad=faulty(), client=client())


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a page; at the end it must have asked for nothing but itself and complained of nothing."""
    with self_contained(browser, tmp_path / "matrix.html") as open_page:
        yield lambda columns, **context: open_page(as_html(columns), **context)


def shown(page: Page) -> list[str]:
    """The requirements whose rows are shown."""
    return page.locator(".scrolled tr[data-level]:visible .id").all_inner_texts()


def ids(columns: list[Column], wanted: Callable[[Outcome], bool] = lambda _: True) -> set[str]:
    """The requirements that have such an outcome in some column."""
    return {judgement.id for column in columns for judgement in column.results.requirements if wanted(judgement.outcome)}


def test_servers_and_clients_have_tables_of_their_own(opened: Open) -> None:
    """Then comes each implementation with its verdict and its problems."""
    page = opened(three())
    assert page.locator("h1").inner_text() == "3 implementations"
    assert page.locator("h2").all_inner_texts() == ["Requirements", "good conformant", "bad error", "client conformant"]
    assert page.get_by_role("region", name="Servers").locator("thead th").all_inner_texts() == ["Requirement", "good", "bad"]
    assert page.get_by_role("region", name="Clients").locator("thead th").all_inner_texts() == ["Requirement", "client"]
    assert set(shown(page)) == ids(three())
    assert page.locator("#implementation-2 article").count() == len(faulty().problems)


def test_a_cell_says_in_words_what_its_shapes_show(opened: Open) -> None:
    """To a screen reader; what was not tested and what fails is a link, what passes is none."""
    page = opened(three())
    cells = page.locator("tr[id='state/closed'] td")
    assert [cell.text_content() for cell in cells.all()] == ["pass in XML, not applicable in JSON", "fail"]
    assert cells.locator("a").count() == 2
    assert page.locator("tr[id='state/kept'] td a").first.text_content() == "not applicable"
    assert page.locator("tr[id='http/status-200'] td").nth(1).text_content() == "pass in XML, error in JSON"


def test_a_cell_leads_to_the_problem_of_its_implementation(opened: Open) -> None:
    """Within the column's own section, unfolded, with what was expected and what came."""
    page = opened(named(a=report(close()), b=report(close(CLOSED.replace(state="Open")))))
    page.locator("tr[id='state/closed'] td").nth(1).get_by_role("link").click()
    article = page.locator("article:target")
    assert article.get_attribute("id") == "implementation-2-problem-1"
    assert article.locator(".difference dd").all_inner_texts()[:3] == ["Closed", "Open", "state"]
    assert "(state Closed) answered 200 (state Open)" in article.locator(".exchanges").inner_text()


def test_totals_count_each_requirement_once_in_each_column(opened: Open) -> None:
    """By its worst outcome; the bar in the head has the same shares."""
    columns = three()
    page = opened(columns)
    totals = page.get_by_role("region", name="Servers").locator(".totals tr").all()
    numbers = {row.locator("th").inner_text().strip(): row.locator("td").all_inner_texts() for row in totals}
    assert numbers.pop("verdict") == ["conformant", "error"]
    for place, column in enumerate(columns[:2]):
        assert sum(int(counts[place]) for counts in numbers.values()) == len(ids([column]))
    bar = page.locator(".bar").nth(1).locator("rect").evaluate_all("(bars) => bars.map((bar) => bar.getAttribute('width'))")
    assert sorted(bar) == sorted(counts[1] for counts in numbers.values() if counts[1] != "0")


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1366)])
def test_the_page_is_accessible(opened: Open, scheme: str, width: int) -> None:
    """By axe, with contrast, in both themes, wide and narrow, folded and not; only a table is scrolled sideways."""
    many = {f"implementation number {number} 1.0": report(close()) for number in range(8)}
    columns = [few(column) for column in named(bad=faulty(), client=client(), **many)]
    page = opened(columns, color_scheme=scheme, viewport={"width": width, "height": 900})
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    for folded in (True, False):
        if not folded:
            page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
        violations = page.evaluate("axe.run()")["violations"]
        assert [(found["id"], found["nodes"][0]["html"]) for found in violations] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1366, 390])
def test_heads_stay_in_sight(opened: Open, width: int) -> None:
    """The names of the implementations above, and those of the requirements on the left."""
    many = {f"implementation {number}": report(close()) for number in range(20)}
    page = opened(named(**many), viewport={"width": width, "height": 900})
    region = page.locator(".scrolled").first
    region.evaluate("(region) => { region.scrollIntoView(); region.scrollTo(2000, 2000); }")
    place, head = region.bounding_box(), page.locator("thead th").nth(15).bounding_box()
    name = page.locator("tr[id='state/kept'] th").bounding_box()
    assert place is not None
    assert head is not None
    assert name is not None
    assert (round(head["y"] - place["y"]) <= 1, round(name["x"] - place["x"])) == (True, 0)


def test_the_filters_work_by_keyboard(opened: Open) -> None:
    """What is left is said aloud, and a button shows all again."""
    from playwright.sync_api import expect

    columns = three()
    page = opened(columns)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("another job")
    found = shown(page)
    assert 0 < len(found) < len(ids(columns))
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert set(shown(page)) == set(found) & ids(columns, lambda outcome: outcome is Outcome.ERROR)
    page.get_by_role("button", name="Show all").press("Enter")
    total = len(ids(columns))
    expect(page.get_by_role("status")).to_have_text(f"{total} of {total} requirements shown")


def test_filters_of_several_kinds_narrow_each_other(opened: Open) -> None:
    """A family whose rows are all hidden is hidden too."""
    columns = three()
    page = opened(columns)
    page.get_by_label(re.compile(r"^fail \d")).check()
    assert set(shown(page)) == ids(columns, lambda outcome: outcome is Outcome.FAIL)
    page.get_by_label(re.compile(r"^state \d")).check()
    assert set(shown(page)) == {
        name for name in ids(columns, lambda outcome: outcome is Outcome.FAIL) if name.startswith("state/")
    }
    assert page.locator(".family:visible th").all_inner_texts() == ["state"]
    page.get_by_label(re.compile(r"^SHOULD \d")).check()
    assert shown(page) == []


def test_rows_in_which_implementations_differ_can_be_had_alone(opened: Open) -> None:
    """Where all columns show the same there is nothing to compare."""
    page = opened(named(a=report(close()), b=report(close(CLOSED.replace(state="Open")))))
    page.get_by_label(re.compile(r"^differ \d")).check()
    assert "state/closed" in shown(page)
    assert "schema/root" not in shown(page)
    alike = opened(named(a=report(close()), b=report(close())))
    assert alike.get_by_label(re.compile("^differ")).count() == 0


def test_a_link_leads_to_a_row_that_is_filtered_out(opened: Open) -> None:
    """All filters are taken back then."""
    page = opened(named(bad=report(close(CLOSED.replace(state="Open", id=CLOSED.id[:15] + "AAA")))))
    page.locator(".search input").fill("no such text")
    assert shown(page) == []
    page.evaluate("location.hash = 'state/closed'")
    page.wait_for_selector("tr[id='state/closed']:visible")
    assert page.locator("tr:target .id").inner_text() == "state/closed"


def test_what_a_report_holds_is_text_and_nothing_else(opened: Open) -> None:
    """No markup of a stranger's becomes part of the page, and no script runs but the page's own."""
    page = opened(named(**{HOSTILE: replace(faulty(), api_version=HOSTILE, objections=(HOSTILE,))}))
    assert page.evaluate("window.hacked") is None
    assert page.locator("script").count() == 1
    assert page.locator("img, iframe, link, object").count() == 0
    assert "\\u202e\\x1b[31m" in page.locator(".contents a").inner_text()
    assert "\x1b" not in page.content()
    assert "\u202e" not in page.content()


def test_without_scripts_everything_is_there_but_the_filters(opened: Open) -> None:
    """Some mail clients and CI servers show pages so."""
    columns = three()
    page = opened(columns, java_script_enabled=False)
    assert not page.locator("form").is_visible()
    assert set(shown(page)) == ids(columns)
    page.locator("article summary").first.click()
    assert page.locator("article .difference").first.is_visible()


def test_on_paper_each_problem_is_unfolded_and_columns_keep_their_names(opened: Open) -> None:
    """Nothing is cut off that a screen would scroll."""
    page = opened(three())
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    problems = sum(len(column.results.problems) for column in three())
    assert page.locator("article .difference:visible").count() == problems
    assert page.locator("form:visible").count() == 0
    assert page.locator("thead th a:visible").all_inner_texts() == ["good", "bad", "client"]
    assert page.locator(".scrolled").first.evaluate("(region) => region.scrollHeight - region.clientHeight") <= 1
