"""The options of a run, as the command line has them and, each with the prefix ``--jobinfo-``, pytest."""

from __future__ import annotations

import argparse
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


class Once(argparse.Action):
    """An option that is refused where it is given twice: the last of two would win in silence."""

    def __call__(self, _parser: object, namespace: argparse.Namespace, values: Any, _option: str | None = None) -> None:
        """Keep the value."""
        if getattr(namespace, self.dest, self.default) != self.default:
            raise argparse.ArgumentError(self, "given twice")
        setattr(namespace, self.dest, values)


#: The families of the built-in requirements, in the order of the reports.
FAMILIES = (
    "http",
    "schema",
    "state",
    "lifecycle",
    "counters",
    "times",
    "identity",
    "equivalence",
    "accepts",
    "refuses",
    "errors",
)

#: What a target is called.
TARGET = "base URL, HAR file, reference, reference:FAULT or app:MODULE:ATTRIBUTE (default: the documented exchanges)"

#: What argparse and pytest are to make of each option.
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "api-version": {"metavar": "36.0", "action": Once, "help": "version in the URI of a live target (default: 36.0)"},
    "serialization": {
        "choices": ("xml", "json", "both"),
        "default": "both",
        "help": "what the target offers (default: both)",
    },
    "strict": {"action": "store_true", "help": "a SHOULD that does not hold fails too"},
    "only": {
        "metavar": "ID|FAMILY",
        "action": "append",
        "default": [],
        "help": "judge these requirements alone; may be repeated",
    },
    "report": {"metavar": "DIR", "help": "write the report into this folder"},
    "known-failures": {"metavar": "FILE", "help": "TOML: the requirements that are known not to hold, which fail no run"},
    "baseline": {
        "metavar": "REPORT.json",
        "help": "fail on what passed in this report and does not pass here, and on nothing else",
    },
    "extension": {
        "metavar": "MODULE",
        "action": "append",
        "default": [],
        "help": "a module that adds requirements, scenarios and faults; may be repeated",
    },
    "header": {
        "metavar": "'NAME: VALUE'",
        "action": "append",
        "default": [],
        "help": "sent with each request; $NAME in VALUE is from the environment; may be repeated",
    },
    "session-as": {
        "metavar": "'NAME: {}'",
        "default": "X-SFDC-Session: {}",
        "help": "the header that carries the session (default: 'X-SFDC-Session: {}')",
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
    "workers": {
        "metavar": "N",
        "type": _positive(int),
        "default": 1,
        "help": "how many scenarios are played side by side (default: 1)",
    },
}

#: Those of them that say how an endpoint is asked.
ASKING = (
    "api-version",
    "serialization",
    "extension",
    "header",
    "session-as",
    "object",
    "no-queries",
    "writes",
    "max-requests",
    "timeout",
    "wait",
    "workers",
)
