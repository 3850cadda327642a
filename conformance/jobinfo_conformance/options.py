"""The options of a run, for the console script and, each with the prefix ``--jobinfo-``, for pytest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def _positive(kind: type[float]) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = kind(text)
        if not 0 < value < float("inf"):
            raise ValueError(text)
        return value

    parse.__name__ = "positive number"  # argparse says: invalid positive number value
    return parse


#: What a target is called.
TARGET = "base URL, HAR file, reference or reference:FAULT (default: the documented exchanges)"

#: What argparse and pytest are to make of each option.
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "api-version": {"metavar": "36.0", "help": "version in the URI of a live target (default: 36.0)"},
    "serialization": {
        "choices": ("xml", "json", "both"),
        "default": "both",
        "help": "what the target offers (default: both)",
    },
    "strict": {"action": "store_true", "help": "a SHOULD that does not hold fails too"},
    "report": {"metavar": "DIR", "help": "write the report into this folder"},
    "known-failures": {"metavar": "FILE", "help": "TOML: the requirements that are known not to hold, which fail no run"},
    "baseline": {
        "metavar": "REPORT.json",
        "help": "fail on what passed in this report and does not pass here, and on nothing else",
    },
    "object": {"metavar": "NAME", "default": "Account", "help": "the object that jobs name (default: Account)"},
    "no-queries": {"action": "store_true", "help": "the target has no query jobs: what needs batches is not asked"},
    "writes": {"action": "store_true", "help": "also insert records; without it nothing is ever written"},
    "max-requests": {
        "metavar": "N",
        "type": _positive(int),
        "help": "most requests of a live run, those to clean up included (default: 200, more with --writes)",
    },
    "timeout": {
        "metavar": "S",
        "type": _positive(float),
        "default": 30.0,
        "help": "longest for one answer, in seconds (default: 30)",
    },
    "wait": {
        "metavar": "S",
        "type": _positive(float),
        "default": 20.0,
        "help": "longest for batches to finish after a close, in seconds (default: 20)",
    },
}

#: Those of them that say how an endpoint is asked.
ASKING = ("api-version", "serialization", "object", "no-queries", "writes", "max-requests", "timeout", "wait")
