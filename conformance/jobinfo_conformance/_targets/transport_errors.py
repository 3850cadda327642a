"""What went wrong on the way: whether the connection itself broke, and in what words to say so."""

from __future__ import annotations

import requests


def reason(error: BaseException) -> str:
    """Return the innermost cause of an error, in one line."""
    cause = _innermost(error)
    text = " ".join(str(cause).split()) or type(cause).__name__
    return text.removeprefix("[Errno 111] ").removeprefix("[Errno 104] ")


def is_broken_connection(error: BaseException) -> bool:
    """Whether a connection broke, by a reset or an error of TLS: then nobody knows what the server would have sent.

    An orderly end of the connection is none, whether early or not, and neither is a wait that took too long: the server chose
    both. An orderly end without TLS's own goodbye is still one, since many servers leave that out.
    """
    cause = _innermost(error)
    return isinstance(cause, OSError) and not isinstance(cause, (requests.RequestException, TimeoutError))


def _innermost(error: BaseException) -> BaseException:
    cause = error
    while cause.__cause__ is not None or cause.__context__ is not None:
        cause = cause.__cause__ or cause.__context__ or cause
    return cause
