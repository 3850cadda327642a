"""The results on a terminal: the matrix, the failures, what was not tested, and the verdict on the last line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Protocol

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._left_behind import left_open
from jobinfo_conformance._reports.sentences import (
    about,
    conclusion,
    failure,
    known_failures,
    objections,
    reservations,
    untested_reason,
)
from jobinfo_conformance._reports.tally import Tally
from jobinfo_conformance._results.results import Outcome, Results, Verdict

_SHOWN = {
    "known": "known",
    Outcome.NOT_APPLICABLE: "-",
    Outcome.PASS: "pass",
    Outcome.WARN: "WARN",
    Outcome.INCONCLUSIVE: "inconclusive",
    Outcome.FAIL: "FAIL",
    Outcome.ERROR: "ERROR",
}
#: Only what needs attention has a colour.
_COLOURS: Mapping[str, str] = {
    Outcome.WARN: "yellow",
    Outcome.INCONCLUSIVE: "cyan",
    Outcome.FAIL: "red",
    Outcome.ERROR: "purple",
}
_VERDICT_COLOURS = {
    Verdict.CONFORMANT: "green",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.NOT_CONFORMANT: "red",
    Verdict.ERROR: "purple",
}
#: How many untested requirements a line names at most.
_MOST_NAMES = 5
#: The widths of the matrix's columns after the first.
_LEVEL, _CELL = 6, 12


class Markup(Protocol):
    """Styles a text for a terminal, as pytest's terminal writer does: ``markup(text, red=True, bold=True)``."""

    def __call__(self, text: str, **how: bool) -> str:
        """Return the text in this style, or as it is if there is no terminal."""


def plain(text: str, **_how: bool) -> str:
    """Return the text without any style."""
    return text


def summary(results: Results, *, with_failures: bool = True, markup: Markup = plain) -> Iterator[str]:
    """Yield the results line by line, with the verdict last."""
    yield f"target: {about(results)}"
    yield ""
    yield from _matrix(results, markup)
    for text in _failures(results, markup) if with_failures else ():
        yield ""
        yield from text.split("\n")
    lines = list(_untested(results))
    if lines:
        yield ""
        yield "not tested:"
        yield from lines
    lines = list(known_failures(results))
    if lines:
        yield ""
        yield "known not to hold:"
        yield from (f"  {line}" for line in lines)
    yield from left_open(results)
    lines = list(reservations(results))
    if lines:
        yield ""
        yield from lines
    lines = list(objections(results))
    if lines:
        yield ""
        colour = "red" if results.objections else "green"
        yield from (markup(line, **{colour: True}) for line in lines)
    yield ""
    yield verdict_line(results, markup)


def verdict_line(results: Results, markup: Markup = plain) -> str:
    """Return the verdict, and how many of how many requirements were tested; of a recording, also how many it can show."""
    colour = _VERDICT_COLOURS[results.verdict]
    return f"{markup(results.verdict, bold=True, **{colour: True})}: {conclusion(results)}"


def _matrix(results: Results, markup: Markup) -> Iterator[str]:
    """Yield a line for each requirement, family by family: its level, and its outcome in each serialization."""
    width = max(len(judgement.id) for judgement in results.requirements)
    yield markup(f"{'requirement':<{width}}  {'level':<{_LEVEL}}  {'xml':<{_CELL}}  json", bold=True)
    for family, members in groupby(results.requirements, key=lambda judgement: judgement.family):
        judgements = list(members)
        extension = judgements[0].extension
        yield ""
        yield markup(f"{family}{f' (extension {extension})' if extension else ''}: {Tally.of(judgements)}", bold=True)
        for name, group in groupby(judgements, key=lambda judgement: judgement.id):
            both = list(group)
            outcomes = {judgement.serialization: judgement.shown for judgement in both}
            cells = [_cell(outcomes.get(form, outcomes.get(None)), markup) for form in Serialization]
            yield f"{name:<{width}}  {both[0].level:<{_LEVEL}}  {cells[0]}  {cells[1]}".rstrip()


def _cell(outcome: str | None, markup: Markup) -> str:
    shown = "" if outcome is None else _SHOWN[outcome]
    colour = _COLOURS.get(outcome) if outcome else None
    return (markup(shown, **{colour: True}) if colour else shown) + " " * (_CELL - len(shown))


def _failures(results: Results, markup: Markup) -> Iterator[str]:
    """Yield the text of each requirement that does not hold, failures before warnings."""
    for outcome in (Outcome.ERROR, Outcome.FAIL, Outcome.WARN):
        for judgement in results.requirements:
            if judgement.shown == outcome:
                yield f"{markup(outcome.upper(), bold=True, **{_COLOURS[outcome]: True})} {failure(judgement)}"


def _untested(results: Results) -> Iterator[str]:
    """Yield a line for each reason why requirements were not tested, with their names."""
    by_reason: dict[tuple[Outcome, str], dict[str, list[str]]] = {}
    for judgement in results.requirements:
        if not judgement.outcome.tested and judgement.outcome is not Outcome.ERROR:
            names = by_reason.setdefault((judgement.outcome, untested_reason(judgement)), {})
            names.setdefault(judgement.id, []).append(judgement.serialization or "")
    forms_of = Counter(judgement.id for judgement in results.requirements)
    for (outcome, reason), named in sorted(by_reason.items(), key=lambda item: item[0]):
        shown = [name if len(forms) == forms_of[name] else f"{name} ({forms[0]})" for name, forms in named.items()]
        if len(shown) > _MOST_NAMES:  # the matrix shows them all
            shown[_MOST_NAMES - 1 :] = [f"and {len(shown) - _MOST_NAMES + 1} more"]
        mark = "" if outcome is Outcome.NOT_APPLICABLE else f"{outcome}: "
        yield in_line(f"  {mark}{reason}: {', '.join(shown)}")
