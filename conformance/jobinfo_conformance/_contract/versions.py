"""API versions: ``36.0``, never ``v36.0``; 17.0 is the earliest and there is no latest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_FORM = re.compile(r"([1-9][0-9]{1,5})\.0")


@dataclass(frozen=True, order=True)
class Version:
    """A version of the API, by its number before the point.

    >>> Version.parse("36.0") < Version(62), str(Version(62))
    (True, '62.0')
    """

    major: int

    def __str__(self) -> str:
        return f"{self.major}.0"

    @classmethod
    @lru_cache(maxsize=256)
    def parse(cls, text: str) -> Version:
        """Read a version as a URI or a jobInfo in XML writes it.

        Raises ValueError with a sentence for the user where it is not a version that the contract knows.
        """
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not an API version: write it like 36.0")
        version = cls(int(match[1]))
        if version < EARLIEST:
            raise ValueError(f"API version {text} is unknown: {EARLIEST} is the earliest of Bulk API 1.0")
        return version


EARLIEST = Version(17)
#: The version that first had numberRecordsFailed and the three times.
TIMES_SINCE = Version(19)
#: The version whose samples first show JSON.
JSON_SINCE = Version(36)
#: What a run speaks where the user names no version: the oldest that has both serializations.
DEFAULT = JSON_SINCE
