"""The evidence of each problem, as the page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from jobinfo_conformance._escaping import in_lines
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._reports.exchange_view import ExchangeView, views
from jobinfo_conformance._reports.problem_text import Told, all_told, exchange_line
from jobinfo_conformance._reports.reproduce import FOLDER
from jobinfo_conformance._reproduction.script import Script
from jobinfo_conformance._results.problem import Following
from jobinfo_conformance._results.results import Results

#: How many exchanges of a problem are shown: the first ones, which lead to it, and the last ones, which show it.
_FIRST, _LAST = 3, 7
#: How much of a script is shown, in characters.
_LONGEST_SCRIPT = 20_000


@dataclass(frozen=True)
class ShownExchange:
    """An exchange in one line, and at full length."""

    line: str
    view: ExchangeView


@dataclass(frozen=True)
class ShownScript:
    """A script: its path in the folder of the report, and its text, shortened."""

    path: str
    text: str


@dataclass(frozen=True)
class Evidence:
    """A problem with what shows it. ``left_out`` is how many exchanges are not shown; they are after the ``first`` ones."""

    first: ClassVar[int] = _FIRST

    told: Told
    exchanges: tuple[ShownExchange, ...]
    left_out: int
    script: ShownScript | None

    @property
    def shown(self) -> str:
        """The worst outcome of its requirements, or that it is known not to hold."""
        return "known" if self.told.known else self.told.outcome.value

    @property
    def follows(self) -> Mapping[str, Sequence[Following]]:
        """What follows, by requirement."""
        found: dict[str, list[Following]] = {}
        for following in self.told.problem.follows:
            found.setdefault(following.requirement, []).append(following)
        return found

    def is_about(self, form: str) -> bool:
        """Whether it is about a serialization: one in which the cause does not hold, or both at once."""
        return form in (self.told.problem.serializations or (form,))


def evidence(results: Results, scripts: Mapping[int, Script]) -> list[Evidence]:
    """The evidence of all problems, also of those that are known, in their order."""
    return [_evidence(told, scripts.get(told.problem.number)) for told in all_told(results)]


def _evidence(told: Told, script: Script | None) -> Evidence:
    finding = told.problem.finding
    exchanges = _most_telling(finding.exchanges)
    shown = [
        ShownExchange(exchange_line(exchange), view)
        for exchange, view in zip(exchanges, views(exchanges, [finding.where]), strict=True)
    ]
    return Evidence(told, tuple(shown), len(finding.exchanges) - len(exchanges), _shown(script) if script else None)


def _most_telling(exchanges: Sequence[Exchange]) -> Sequence[Exchange]:
    return exchanges if len(exchanges) <= _FIRST + _LAST else [*exchanges[:_FIRST], *exchanges[-_LAST:]]


def _shown(script: Script) -> ShownScript:
    text = in_lines(script.text)
    cut = "" if len(text) <= _LONGEST_SCRIPT else f"\n… {len(text) - _LONGEST_SCRIPT} more characters are in the file"
    return ShownScript(f"{FOLDER}/{script.name}", text[:_LONGEST_SCRIPT] + cut)
