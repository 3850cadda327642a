"""The watchdog: what takes too long is cut off, and a single thread sees to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from jobinfo_conformance._targets.watchdog import Watchdog

#: Longer than any test may take, in seconds.
AGES = 3600
#: How long something that is to happen may take on a busy machine, in seconds.
PATIENCE = 30


@pytest.fixture
def late() -> threading.Semaphore:
    """Released whenever something takes too long."""
    return threading.Semaphore(0)


@pytest.fixture
def watchdog(late: threading.Semaphore) -> Iterator[Watchdog]:
    """A watchdog."""
    with closing(Watchdog(late.release)) as watchdog:
        yield watchdog


def threads() -> set[threading.Thread]:
    """The threads of watchdogs."""
    return {thread for thread in threading.enumerate() if thread.name == "watchdog"}


def test_what_takes_too_long_is_told_while_it_goes_on_and_once(watchdog: Watchdog, late: threading.Semaphore) -> None:
    """And so is whatever takes too long after it, for which the thread may have to begin again."""
    for _ in range(3):
        with watchdog.watching(0.01):
            assert late.acquire(timeout=PATIENCE)
        assert not late.acquire(blocking=False)


def test_what_ends_in_time_is_not_told(watchdog: Watchdog, late: threading.Semaphore) -> None:
    """Nor does its long time delay the word on what takes too long after it."""
    with watchdog.watching(AGES):
        pass
    assert not late.acquire(blocking=False)
    with watchdog.watching(0.01):
        assert late.acquire(timeout=PATIENCE)
    assert not late.acquire(blocking=False)


def test_one_thread_watches_one_thing_after_another_until_it_is_closed(watchdog: Watchdog) -> None:
    """It is not started anew for each."""
    earlier = threads()
    seen = set()
    for _ in range(5):
        with watchdog.watching(AGES):
            seen.update(threads() - earlier)
    [thread] = seen
    assert thread.is_alive()
    watchdog.close()
    thread.join(PATIENCE)
    assert not thread.is_alive()
