"""Scripts: a replay in sh, which needs nothing but curl."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jobinfo_conformance._contract.session import SESSION_HEADER, WRONG_SESSION
from jobinfo_conformance._escaping import quoted as in_ascii
from jobinfo_conformance._evidence.curl import secrets_in
from jobinfo_conformance._evidence.secrets import HEADER_MARKS, MARK
from jobinfo_conformance._reproduction.commands import commands
from jobinfo_conformance._reproduction.quoting import in_double_quotes, quoted
from jobinfo_conformance._reproduction.replay import Replay
from jobinfo_conformance._results.problem import Problem

_SHELL = Path(__file__).parent / "shell"
#: Functions that not every script needs, and what shows that one does.
_USED: Mapping[str, str] = {
    "first": r"\$\(first \d",
    "long_id": r"\$\(long_id ",
    "utf_16": r"(?m)^ +utf_16_.e ",
    "finished": r"(?m)^ +read_until_finished ",
    "gzip": r"(?m)^ +compress$",
}
#: How much of a text from an answer a script repeats, in characters.
_LONGEST = 400
_USAGE = """\
#
#   JOBINFO_BASE_URL=https://example.my.salesforce.com JOBINFO_SESSION_ID=... sh {name}
#
# Creates jobs of its own, sends what shows the problem, shows the answers, and aborts the jobs at the end. Needs curl.
# --session-as 'Authorization: Bearer {{}}', --header 'X-Api-Key: $MY_KEY' and --writes mean what they mean in a run;
# --times N sends everything N times. JOBINFO_TIMEOUT is the longest to wait for an answer, JOBINFO_WAIT for a batch,
# in seconds.
"""


@dataclass(frozen=True)
class Script:
    """The script of a problem. ``title`` says what the problem is, and ``replay`` is what shows it."""

    problem: Problem
    title: str
    replay: Replay

    @property
    def name(self) -> str:
        """The name of its file: the number of the problem, and the requirement at its cause."""
        requirement = re.sub(r"[^a-z0-9]+", "-", self.problem.requirement.lower()).strip("-")
        return f"{self.problem.number:02}-{requirement[:80]}.sh"

    @property
    def text(self) -> str:
        """The script."""
        replay = "\n\n".join(
            "\n".join(f"    {line}" for line in commands(repeat, self.replay)) for repeat in self.replay.repeats
        )
        needed = [name for name, used in _USED.items() if re.search(used, replay)]
        functions = "".join((_SHELL / f"{part}.sh").read_text("utf-8") for part in ("start", *needed))
        return f"{self._head}\n{functions}\nreplay() {{\n{replay}\n}}\n{(_SHELL / 'end.sh').read_text('utf-8')}"

    @property
    def _head(self) -> str:
        """What differs from script to script before the requests: what it is for, and how to send the session."""
        finding = self.problem.finding
        texts = {"title": self.title, "expected": finding.expected, "got": finding.got, "where": finding.where}
        lines = [
            *(f"{name}={quoted(in_ascii(text, _LONGEST))}" for name, text in texts.items()),
            f"session_as={quoted(self._session_as)}",
            f"wrong_session={quoted(WRONG_SESSION)}",
            f"accepted={self._accepted_coding}",
            f"times={self.replay.times}",
            f"adds_records={'yes' if self.replay.writes else 'no'}",
            *self._own_headers(),
        ]
        usage = _USAGE.format(name=self.name)
        return f"#!/bin/sh\n# {in_ascii(self.title, _LONGEST)}\n{usage}\n" + "\n".join(lines)

    @property
    def _headers(self) -> Iterator[tuple[str, str]]:
        return (header for repeat in self.replay.repeats for header in repeat.step.exchange.request.headers)

    @property
    def _session_as(self) -> str:
        """The header that carries the session, with {} in its place."""
        lines = (f"{name}: {value}" for name, value in self._headers if MARK in value)
        return next(lines, f"{SESSION_HEADER}: {MARK}").replace(MARK, "{}", 1)

    @property
    def _accepted_coding(self) -> str:
        """The content coding that answers may have: gzip if the run asked for it."""
        asked = any(name.lower() == "accept-encoding" and "gzip" in value for name, value in self._headers)
        return "gzip" if asked else "identity"

    def _own_headers(self) -> Iterator[str]:
        """Yield a function that prints the headers that the user added in the run."""
        own = {name: value for name, value in self._headers if HEADER_MARKS.search(value)}
        yield "own_headers() {"
        yield from [] if own else ["    :"]
        for name, value in own.items():
            texts, variables = secrets_in(f"{name}: {value}", name)
            yield from (
                f'    [ -n "${{{variable}-}}" ] || fail "set {variable}, for the header {in_double_quotes(name)}"'
                for variable in variables
            )
            filled = (f"${{{variable}}}{in_double_quotes(text)}" for variable, text in zip(variables, texts[1:], strict=True))
            yield f"    printf '%s\\n' \"{in_double_quotes(texts[0])}{''.join(filled)}\""
        yield "}"
