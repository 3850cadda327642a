"""API versions: ``36.0``, never ``v36.0``; 17.0 is the earliest and there is no latest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_FORM = re.compile(r"([1-9][0-9]{1,5})\.0")


@dataclass(frozen=True, order=True)
class Version:
    """An API version, by its number before the point.

    17.0 is the earliest; there is no latest.

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

        Raises ValueError, with a sentence for the user, if the contract does not know the version.
        """
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not an API version: write it like 36.0")
        version = cls(int(match[1]))
        if version < EARLIEST:
            raise ValueError(f"API version {text} is unknown: Bulk API 1.0 begins with {EARLIEST}")
        return version


def is_version(text: str) -> bool:
    """Whether the contract knows a version, as a URI writes it: ``36.0``, but neither ``v36.0``, ``36`` nor ``16.0``."""
    try:
        Version.parse(text)
    except ValueError:
        return False
    return True


EARLIEST = Version(17)
#: The first version with numberRecordsFailed and the three processing times.
TIMES_SINCE = Version(19)
#: The first version whose samples show JSON.
JSON_SINCE = Version(36)
#: The version of a run if the user names none: the oldest with both serializations.
DEFAULT = JSON_SINCE
