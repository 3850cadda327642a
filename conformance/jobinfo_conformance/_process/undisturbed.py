"""Work that has to be finished even if the user presses Ctrl-C once more."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

#: How many more interrupts are passed over; the next one after them ends the work.
_PASSED_OVER = 2


def undisturbed(wait: Callable[[], T]) -> T:
    """Wait for work that another thread does; ``wait`` is called again after an interrupt. The third one is raised."""
    for _ in range(_PASSED_OVER):
        try:
            return wait()
        except KeyboardInterrupt:  # the work goes on
            continue
    return wait()


def finished(work: Callable[[], T]) -> T:
    """Do work in a thread of its own, which no interrupt reaches, and wait until it is done.

    To wait for a result is safe: until Python 3.13 an interrupted join takes the thread for ended.
    """
    with ThreadPoolExecutor(1) as pool:
        return undisturbed(pool.submit(work).result)
