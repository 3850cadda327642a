"""The results on a terminal: the verdict, the problems, what was not tested, and the verdict on the last line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Protocol

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._counted import counted
from jobinfo_conformance._left_behind import left_open
from jobinfo_conformance._reports.later import later_heading, later_lines
from jobinfo_conformance._reports.problem_text import told
from jobinfo_conformance._reports.sentences import (
    about,
    all_the_same,
    conclusion,
    failure,
    known_failures,
    objections,
    reservations,
)
from jobinfo_conformance._reports.tally import Tally
from jobinfo_conformance._reports.unanswered import unanswered_heading, unanswered_lines
from jobinfo_conformance._reports.untested import untested
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
#: The widths of the matrix's columns after the first.
_LEVEL, _CELL = 6, 12


class Markup(Protocol):
    """Styles a text for a terminal, as pytest's terminal writer does: ``markup(text, red=True, bold=True)``."""

    def __call__(self, text: str, **how: bool) -> str:
        """Return the text in this style, or as it is if there is no terminal."""


def plain(text: str, **_how: bool) -> str:
    """Return the text without any style."""
    return text


@dataclass(frozen=True)
class Beside:
    """What there is to say beside the results.

    ``hints`` say what to try next, ``runs`` what became of the runs of a client, and ``scripts`` show problems again, by the
    numbers of the problems.
    """

    hints: Sequence[str] = ()
    runs: Sequence[str] = ()
    scripts: Mapping[int, Path] = field(default_factory=dict)


NOTHING = Beside()


def summary(
    results: Results,
    beside: Beside = NOTHING,
    *,
    with_failures: bool = True,
    verbose: bool = False,
    markup: Markup = plain,
) -> Iterator[str]:
    """Yield the results line by line: the verdict, each problem once, what was not tested, and the verdict again.

    With ``verbose`` this has the matrix of all requirements, all evidence, and the names of all that was not tested.
    ``beside`` is what else there is to say.
    """
    yield _verdict_first(results, markup)
    yield f"target: {about(results)}"
    if verbose:
        yield ""
        yield from _matrix(results, markup)
    shown_by = {number: str(path) for number, path in beside.scripts.items()}
    for text in _failures(results, shown_by, verbose=verbose, markup=markup) if with_failures else ():
        yield ""
        yield from text.split("\n")
    for heading, lines in (
        ("runs of the client:", beside.runs),
        ("not tested:", [f"  {line}" for line in untested(results, verbose=verbose)]),
        (f"{unanswered_heading(results)}:", [f"  {line}" for line in unanswered_lines(results)]),
        ("known not to hold:", [f"  {line}" for line in known_failures(results)]),
        (f"{later_heading(results)}:", [f"  {line}" for line in later_lines(results)]),
    ):
        if lines:
            yield ""
            yield heading
            yield from lines
    if beside.hints:
        yield ""
        yield from (f"next: {hint}" for hint in beside.hints)
    yield from left_open(results)
    remarks = list(reservations(results))
    if remarks:
        yield ""
        yield from remarks
    objecting = list(_objections(results, markup))
    if objecting:
        yield ""
        yield from objecting
    yield ""
    yield _verdict_line(results, markup)


def brief(results: Results, markup: Markup = plain) -> Iterator[str]:
    """Yield the verdict in one line, and before it a line for whatever fails the run besides."""
    if results.objections:
        yield from _objections(results, markup)
    yield _verdict_line(results, markup)


def _objections(results: Results, markup: Markup) -> Iterator[str]:
    colour = "red" if results.objections else "green"
    yield from (markup(line, **{colour: True}) for line in objections(results))


def _verdict_line(results: Results, markup: Markup) -> str:
    """Return the verdict, and how many of how many requirements were tested; of a recording, also how many it can show."""
    colour = _VERDICT_COLOURS[results.verdict]
    return f"{markup(results.verdict, bold=True, **{colour: True})}: {conclusion(results)}"


def _verdict_first(results: Results, markup: Markup) -> str:
    """Return the verdict, and how many problems there are."""
    problems = len(told(results))
    none = "no problem but what is known" if results.problems else "no problem found"
    found = counted(problems, "problem") if problems else none
    verdict = markup(results.verdict, bold=True, **{_VERDICT_COLOURS[results.verdict]: True})
    return f"{verdict}: {found}{all_the_same(results)}"


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
    yield ""
    yield "-: the evidence shows nothing that the requirement is about; blank: it is about the other serialization alone"


def _cell(outcome: str | None, markup: Markup) -> str:
    shown = "" if outcome is None else _SHOWN[outcome]
    colour = _COLOURS.get(outcome) if outcome else None
    return (markup(shown, **{colour: True}) if colour else shown) + " " * (_CELL - len(shown))


def _failures(results: Results, scripts: Mapping[int, str], *, verbose: bool, markup: Markup) -> Iterator[str]:
    """Yield the text of each error of the suite and of each problem; if ``verbose``, also of all that does not hold."""
    for judgement in results.requirements:
        if judgement.outcome is Outcome.ERROR:
            yield f"{_word(Outcome.ERROR, markup)} {failure(judgement)}"
    for each in told(results, scripts):
        yield f"{_word(each.outcome, markup)} {each.text}"
    judged = (*results.requirements, *results.later)
    shown = [judgement for judgement in judged if not judgement.outcome.holds and judgement.known is None]
    if verbose and shown:
        yield markup("all evidence:", bold=True)
        yield from (failure(judgement) for judgement in shown)


def _word(outcome: Outcome, markup: Markup) -> str:
    return markup(outcome.upper(), bold=True, **{_COLOURS[outcome]: True})
