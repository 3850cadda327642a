"""Pages in a browser, which watches what they ask for and complain of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@contextmanager
def self_contained(browser: Browser, file: Path) -> Iterator[Callable[..., Page]]:
    """Yield what writes a page into the file and opens it. At the end it must have asked for nothing but itself, in silence."""
    asked: list[str] = []
    said: list[str] = []

    def open_page(html: str, **context: Any) -> Page:
        file.write_text(html, "utf-8")
        page = browser.new_context(**context).new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(file.as_uri())
        return page

    yield open_page
    assert set(asked) == {file.as_uri()}
    assert said == []
