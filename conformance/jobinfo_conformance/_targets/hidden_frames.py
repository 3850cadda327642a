"""The border that tracebacks don't cross.

A test runner may print the local variables of every frame that an exception went through, and those of an HTTP client hold
the headers of the request. So an exception leaves the code that asks a target without the frames beneath, and without the
exceptions that led to it.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TypeVar

from jobinfo_conformance._bad_input import BadInput

T = TypeVar("T")


class BrokeDown(Exception):
    """The suite broke down while it asked a target. The message is the traceback, which shows lines of code but no values."""


def without_frames(call: Callable[[], T], redacted: Callable[[str], str] = str) -> T:
    """Call something that handles secrets. Raises what it raises, without frames, and BrokeDown for a bug.

    ``redacted`` removes secrets from the words of an exception.
    """
    try:
        return call()
    except (BadInput, BrokeDown) as error:
        reason: BaseException = error
    except Exception as error:  # noqa: BLE001  # a bug, whose traceback is kept as text
        reason = _as_text(error, redacted)
    except BaseException as error:  # noqa: BLE001  # an interrupt goes on as it is
        reason = error
    reason.__cause__ = reason.__context__ = None
    raise reason.with_traceback(None)


def _as_text(error: Exception, redacted: Callable[[str], str]) -> BrokeDown:
    broke = BrokeDown(redacted("".join(traceback.format_exception(error))))
    for note in getattr(error, "__notes__", ()):
        broke.add_note(note)
    return broke
