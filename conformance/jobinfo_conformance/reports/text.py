"""The results for a terminal: the matrix, the failures, what was not tested, and the verdict in the last line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby, zip_longest
from typing import Protocol

from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.evidence.observation import perhaps_left_open
from jobinfo_conformance.reports.tally import Tally, family, shown_outcome
from jobinfo_conformance.reports.visible import in_line
from jobinfo_conformance.results import LeftBehind, Results, Row, name_of
from jobinfo_conformance.verdicts import Outcome, Overall

_KNOWN = "known"
_SHOWN = {
    _KNOWN: _KNOWN,
    Outcome.NOT_APPLICABLE: "-",
    Outcome.PASS: "pass",
    Outcome.WARN: "WARN",
    Outcome.INCONCLUSIVE: "inconclusive",
    Outcome.FAIL: "FAIL",
    Outcome.ERROR: "ERROR",
}
#: What passes, and what was not tested, needs no colour.
_COLOURS: Mapping[str, str] = {
    Outcome.WARN: "yellow",
    Outcome.INCONCLUSIVE: "cyan",
    Outcome.FAIL: "red",
    Outcome.ERROR: "purple",
}
_VERDICT_COLOURS = {
    Overall.CONFORMANT: "green",
    Overall.INCONCLUSIVE: "yellow",
    Overall.NOT_CONFORMANT: "red",
    Overall.ERROR: "purple",
}
#: How many requirements a line of the untested ones names.
_MOST_NAMES = 5
_FORMS = [one.value for one in Serialization]
#: The widths of the columns of the matrix behind its first.
_LEVEL, _CELL = 6, 12


class Markup(Protocol):
    """Dresses a text for a terminal: ``markup(text, red=True, bold=True)``, as pytest's terminal writer does."""

    def __call__(self, text: str, **how: bool) -> str:
        """Return the text in colour, or as it is where there is no terminal."""


def plain(text: str, **_how: bool) -> str:
    """No colour."""
    return text


def matrix(results: Results, markup: Markup = plain) -> Iterator[str]:
    """Family by family, a line for each requirement: its level, and its outcome in each serialization."""
    width = max(len(row["id"]) for row in results["requirements"])
    yield markup(f"{'requirement':<{width}}  {'level':<{_LEVEL}}  {'xml':<{_CELL}}  json", bold=True)
    for name, members in groupby(results["requirements"], key=family):
        rows = list(members)
        yield ""
        yield markup(f"{name}: {Tally.of(rows)}", bold=True)
        for requirement, group in groupby(rows, key=lambda row: row["id"]):
            both = list(group)
            outcomes = {row["serialization"]: shown_outcome(row) for row in both}
            cells = [_cell(outcomes.get(form, outcomes.get(None)), markup) for form in _FORMS]
            yield f"{requirement:<{width}}  {both[0]['level']:<{_LEVEL}}  {cells[0]}  {cells[1]}".rstrip()


def _cell(outcome: str | None, markup: Markup) -> str:
    shown = "" if outcome is None else _SHOWN[outcome]
    colour = _COLOURS.get(outcome) if outcome else None
    return (markup(shown, **{colour: True}) if colour else shown) + " " * (_CELL - len(shown))


def failure(row: Row) -> str:
    """What a requirement that does not hold says: its sentence, and each case with expected, got, where and curl."""
    form = f", {row['serialization']}" if row["serialization"] else ""
    lines = [f"{row['id']} ({row['level']}{form}): {row['sentence']}", f"  source    {row['source']}"]
    for one, following in zip_longest(row["evidence"], row["evidence"][1:]):
        lines += ["", f"  expected  {one['expected']}", f"  got       {one['got']}", f"  where     {one['where']}"]
        if following and following["exchanges"] == one["exchanges"]:
            continue  # the exchanges stand below the last of what they show
        for exchange in one["exchanges"]:
            request, response = exchange["request"], exchange["response"]
            lines.append(f"  exchange  {request['method']} {request['url']} answered {response['status']}")
        lines += [f"  curl      {line}" for line in one["curl"].splitlines()]
    if row["outcome"] == Outcome.ERROR:
        lines.append(f"  {row['reason']}")
    return "\n".join(map(in_line, lines))


def failures(results: Results, markup: Markup = plain) -> Iterator[str]:
    """The text of each requirement that does not hold, failures before warnings."""
    for outcome in (Outcome.ERROR, Outcome.FAIL, Outcome.WARN):
        for row in results["requirements"]:
            if shown_outcome(row) == outcome:
                yield f"{markup(outcome.upper(), bold=True, **{_COLOURS[outcome]: True})} {failure(row)}"


def known_failures(results: Results) -> Iterator[str]:
    """A line for each failure that is known: why, and where that is tracked."""
    for row in results["requirements"]:
        if row["known"]:
            issue = f", {row['known']['issue']}" if row["known"]["issue"] else ""
            yield in_line(f"{name_of(row)}: {row['known']['reason']}{issue}")


def objections(results: Results) -> Iterator[str]:
    """What fails the run beside its verdict, a line each; against a baseline also that there is nothing."""
    yield from map(in_line, results["objections"])
    if results["baseline"] is not None and not results["objections"]:
        yield in_line(f"nothing that passed in {results['baseline']} does not pass here")


def untested(results: Results) -> Iterator[str]:
    """The requirements that were not tested, by reason, a line a reason."""
    rows = [row for row in results["requirements"] if not Outcome(row["outcome"]).tested and row["outcome"] != "error"]
    reasons = {(row["outcome"], row["reason"]) for row in rows}
    for outcome, reason in sorted(reasons):
        named: dict[str, list[str]] = {}
        for row in rows:
            if (row["outcome"], row["reason"]) == (outcome, reason):
                named.setdefault(row["id"], []).append(row["serialization"] or "")
        all_rows = Counter(row["id"] for row in results["requirements"])
        names = [name if len(forms) == all_rows[name] else f"{name} ({forms[0]})" for name, forms in named.items()]
        if len(names) > _MOST_NAMES:  # the matrix shows them all
            names[_MOST_NAMES - 1 :] = [f"and {len(names) - _MOST_NAMES + 1} more"]
        mark = "" if outcome == "not-applicable" else f"{outcome}: "
        yield in_line(f"  {mark}{reason}: {', '.join(names)}")


def about(results: Results) -> str:
    """What was tested, and in how many requests."""
    version = f", API version {results['apiVersion']}" if results["apiVersion"] else ""
    requests = "1 request" if results["requests"] == 1 else f"{results['requests']} requests"
    return in_line(f"{results['target']}{version}, {requests}")


def left_open(run: LeftBehind) -> Iterator[str]:
    """A line for each job that somebody has to end by hand, and one for those that nobody can name."""
    if run["unansweredCreates"]:
        yield perhaps_left_open(run["unansweredCreates"])
    for job in run["leftOpen"]:
        yield in_line(f"left open: job {job} could not be aborted; close or abort it by hand")


def verdict_line(results: Results, markup: Markup = plain) -> str:
    """The verdict, and how many requirements were tested of how many."""
    verdict = Overall(results["verdict"])
    return f"{markup(verdict, bold=True, **{_VERDICT_COLOURS[verdict]: True})}: {Tally.of(results['requirements'])}"


def summary(results: Results, *, with_failures: bool = True, markup: Markup = plain) -> Iterator[str]:
    """All of it, line by line; the verdict last."""
    yield f"target: {about(results)}"
    yield ""
    yield from matrix(results, markup)
    for text in failures(results, markup) if with_failures else ():
        yield ""
        yield from text.split("\n")
    lines = list(untested(results))
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
    lines = list(objections(results))
    if lines:
        yield ""
        colour = "red" if results["objections"] else "green"
        yield from (markup(line, **{colour: True}) for line in lines)
    yield ""
    yield verdict_line(results, markup)
