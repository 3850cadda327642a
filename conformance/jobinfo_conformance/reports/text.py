"""The results for a terminal: the matrix, the failures, what was not tested, and the verdict in the last line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby, zip_longest

from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.results import Results, Row, worst_by_requirement
from jobinfo_conformance.verdicts import Outcome

_SHOWN = {
    Outcome.NOT_APPLICABLE: "-",
    Outcome.PASS: "pass",
    Outcome.WARN: "WARN",
    Outcome.INCONCLUSIVE: "inconclusive",
    Outcome.FAIL: "FAIL",
    Outcome.ERROR: "ERROR",
}
#: How many requirements a line of the untested ones names.
_MOST_NAMES = 5
_FORMS = [one.value for one in Serialization]


def matrix(results: Results) -> Iterator[str]:
    """A line for each requirement: its level, and its outcome in each serialization."""
    width = max(len(row["id"]) for row in results["requirements"])
    yield f"{'requirement':<{width}}  level   xml           json"
    for requirement, group in groupby(results["requirements"], key=lambda row: row["id"]):
        rows = list(group)
        outcomes = {row["serialization"]: _SHOWN[Outcome(row["outcome"])] for row in rows}
        cells = [outcomes.get(form, outcomes.get(None, "")) for form in _FORMS]
        yield f"{requirement:<{width}}  {rows[0]['level']:<6}  {cells[0]:<12}  {cells[1]}".rstrip()


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
    return "\n".join(lines)


def failures(results: Results) -> Iterator[str]:
    """The text of each requirement that does not hold, failures before warnings."""
    for outcome in (Outcome.ERROR, Outcome.FAIL, Outcome.WARN):
        for row in results["requirements"]:
            if row["outcome"] == outcome.value:
                yield f"{outcome.value.upper()} {failure(row)}" + (f"\n  {row['reason']}" if outcome is Outcome.ERROR else "")


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
        yield f"  {mark}{reason}: {', '.join(names)}"


def verdict_line(results: Results) -> str:
    """The verdict, and how many requirements were tested of how many."""
    worst = worst_by_requirement(results["requirements"])
    tested = {row["id"] for row in results["requirements"] if Outcome(row["outcome"]).tested}
    counts = Counter(worst[name] for name in tested)
    parts = [f"{counts[Outcome.PASS]} pass"]
    parts += [f"{counts[one]} {one.value}" for one in (Outcome.WARN, Outcome.INCONCLUSIVE, Outcome.FAIL) if counts[one]]
    return f"{results['verdict']}: {len(tested)} of {len(worst)} requirements tested, {', '.join(parts)}"


def summary(results: Results, *, with_failures: bool = True) -> Iterator[str]:
    """All of it, line by line; the verdict last."""
    version = f", API version {results['apiVersion']}" if results["apiVersion"] else ""
    requests = "1 request" if results["requests"] == 1 else f"{results['requests']} requests"
    yield f"target: {results['target']}{version}, {requests}"
    yield ""
    yield from matrix(results)
    for text in failures(results) if with_failures else ():
        yield ""
        yield from text.splitlines()
    lines = list(untested(results))
    if lines:
        yield ""
        yield "not tested:"
        yield from lines
    for job in results["leftOpen"]:
        yield f"left open: job {job} could not be aborted; close or abort it by hand"
    yield ""
    yield verdict_line(results)
