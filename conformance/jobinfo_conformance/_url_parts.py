"""The parts of a URL that anybody may have written."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

#: RFC 3986, appendix B.
_PARTS = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)


def parts_of(url: str) -> SplitResult:
    """Return the parts of a URL, also of one whose host no parser takes; its port may still be none.

    >>> parts_of("http://[an-id]@host.test/services").path
    '/services'
    """
    try:
        return urlsplit(url)
    except ValueError:
        parts = _PARTS.fullmatch(url)
        assert parts is not None  # every text has these parts
        return SplitResult(*(part or "" for part in parts.groups()))
