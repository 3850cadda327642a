"""The options of a run, as the command line takes them; pytest takes the same with the prefix ``--jobinfo-``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any


def positive(kind: type[float]) -> Callable[[str], float]:
    """Return what parses a number above 0 of a kind, and raises ArgumentTypeError for another."""
    what = "a whole number" if kind is int else "a number"

    def parse(text: str) -> float:
        with suppress(ValueError):
            value = kind(text)
            if 0 < value < float("inf"):
                return value
        raise argparse.ArgumentTypeError(f"give {what} above 0, not {text!r}")

    return parse


def seconds(text: str) -> float:
    """Parse a time in seconds, which may be 0. Raises ArgumentTypeError."""
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds: write it like 0.5")
    return value


def folder_name(text: str) -> str:
    """Take the name of a folder to write into; an empty one would be the current folder. Raises ArgumentTypeError."""
    if not text:
        raise argparse.ArgumentTypeError("'' names no folder: write . for the current one")
    return text


def folder(text: str) -> Path:
    """Take the path of a folder to write into. Raises ArgumentTypeError."""
    return Path(folder_name(text))


class Once(argparse.Action):
    """An option that is refused if it is given twice, since the last value would silently win."""

    def __call__(self, _parser: object, namespace: argparse.Namespace, values: Any, _option: str | None = None) -> None:
        """Store the value, if there is none yet."""
        if getattr(namespace, self.dest, self.default) != self.default:
            raise argparse.ArgumentError(self, "given twice")
        setattr(namespace, self.dest, values)


def given(options: argparse.Namespace, names: Iterable[str]) -> dict[str, Any]:
    """Return what the command line gave for options, by their names in Python, which has none for where a report goes."""
    return {name: getattr(options, name) for name in (each.replace("-", "_") for each in names) if name != "report"}


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

#: How the help describes a target.
TARGET = (
    "base URL, HAR file, folder or .zip with one, reference, reference:FAULT or app:MODULE:ATTRIBUTE "
    "(default: the documented exchanges)"
)

#: The arguments with which argparse and pytest declare each option.
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "api-version": {"metavar": "36.0", "action": Once, "help": "version in the URI of a live target (default: 36.0)"},
    "serialization": {
        "choices": ("xml", "json", "both"),
        "default": "both",
        "help": "serializations that the target offers (default: both)",
    },
    "strict": {"action": "store_true", "help": "also fail if a SHOULD does not hold"},
    "only": {
        "metavar": "ID|FAMILY",
        "action": "append",
        "default": [],
        "help": "judge only these requirements; may be repeated",
    },
    "requirements": {
        "metavar": "1.0",
        "action": Once,
        "help": "judge by the requirements of this release; later ones are reported, but not scored (default: all)",
    },
    "report": {"metavar": "DIR", "type": folder_name, "help": "write the report into this folder"},
    "known-failures": {
        "metavar": "FILE",
        "help": "TOML file of requirements that are known not to hold or not to be testable; they do not fail the run",
    },
    "baseline": {
        "metavar": "REPORT.json",
        "help": "fail only on what passed in this report and does not pass now",
    },
    "extension": {
        "metavar": "MODULE",
        "action": "append",
        "default": [],
        "help": "module that adds requirements, scenarios and faults; may be repeated",
    },
    "manner": {
        "metavar": "NAME",
        "action": "append",
        "default": [],
        "help": "have the reference answer in this unusual but legal way; may be repeated; serve --list-manners names them",
    },
    "start": {
        "metavar": "'COMMAND'",
        "action": Once,
        "help": "shell command that serves the URL: started first, waited for up to --timeout, and ended with the run",
    },
    "header": {
        "metavar": "'NAME: VALUE'",
        "action": "append",
        "default": [],
        "help": "header to send with each request; $NAME in VALUE comes from the environment; may be repeated",
    },
    "session-as": {
        "metavar": "'NAME: {}'",
        "default": "X-SFDC-Session: {}",
        "help": "header that carries the session (default: 'X-SFDC-Session: {}')",
    },
    "object": {"metavar": "NAME", "default": "Account", "help": "object that the jobs name (default: Account)"},
    "content-type": {
        "choices": ("CSV", "XML", "JSON"),
        "help": "contentType of the jobs that are created (default: that of the serialization)",
    },
    "no-queries": {"action": "store_true", "help": "the target has no query jobs: skip what needs batches"},
    "writes": {"action": "store_true", "help": "also insert records; without this, nothing is ever written"},
    "max-requests": {
        "metavar": "N",
        "type": positive(int),
        "help": "most requests that a live run may send, cleanup included (default: 260, more with --writes)",
    },
    "timeout": {
        "metavar": "S",
        "type": positive(float),
        "default": 30.0,
        "help": "longest wait for one answer, in seconds (default: 30)",
    },
    "wait": {
        "metavar": "S",
        "type": positive(float),
        "default": 20.0,
        "help": "longest wait for batches to finish after a close, in seconds (default: 20)",
    },
    "time-limit": {
        "metavar": "S",
        "type": positive(float),
        "help": "longest time for the whole live run, cleanup included, in seconds (default: as long as it takes)",
    },
    "workers": {
        "metavar": "N",
        "type": positive(int),
        "default": 1,
        "help": "scenarios to play side by side (default: 1)",
    },
}

#: The options of a run that a run of a client has too.
CLIENT = ("api-version", "strict", "only", "requirements", "report", "known-failures", "baseline")

#: The options that say how an endpoint is asked.
ASKING = (
    "api-version",
    "serialization",
    "extension",
    "manner",
    "start",
    "header",
    "session-as",
    "object",
    "content-type",
    "no-queries",
    "writes",
    "max-requests",
    "timeout",
    "wait",
    "workers",
)
