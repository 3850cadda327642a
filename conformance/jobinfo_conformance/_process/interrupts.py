"""Signals that cancel a command: each ends it as Ctrl-C does, so that jobs and processes are ended first."""

from __future__ import annotations

import signal

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")


def end_as_after_ctrl_c() -> None:
    """Have what is cancelled, or whose terminal goes away, end what it began. What somebody else handles or ignores stays so.

    For the main thread alone.
    """
    for number in _signals():
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def pass_over_interrupts() -> None:
    """Let nothing disturb the last words of a command that was interrupted: its jobs are ended."""
    for number in _signals():
        signal.signal(number, signal.SIG_IGN)


def _signals() -> list[signal.Signals]:
    """The signals that the system has; Windows has only SIGINT and SIGTERM."""
    return [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
