"""The results document: everything that a run found, in the form of report.json. Every report is a view of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypedDict

from jobinfo_conformance import __version__
from jobinfo_conformance.checks import CATALOGUE
from jobinfo_conformance.contract.reading import quoted
from jobinfo_conformance.contract.requirements import Level
from jobinfo_conformance.evidence.curl import curl
from jobinfo_conformance.evidence.har import har_entry
from jobinfo_conformance.evidence.observation import Observation
from jobinfo_conformance.resources import resource
from jobinfo_conformance.verdicts import Outcome, Overall, Problem, Verdict, overall

#: How many problems of one requirement are kept with their exchanges.
MOST_PROBLEMS = 5


#: An entry of HAR 1.2.
Entry = dict[str, Any]


class Evidence(TypedDict):
    """One case in which a requirement does not hold. ``exchanges`` are HAR entries, ``curl`` sends them again, a line each."""

    expected: str
    got: str
    where: str
    curl: str
    exchanges: list[Entry]


class Known(TypedDict):
    """Why a requirement is known not to hold, and where that is tracked."""

    reason: str
    issue: str | None


class Row(TypedDict):
    """The outcome of one requirement in one serialization; ``known`` where it is known not to hold."""

    id: str
    level: str
    sentence: str
    source: str
    serialization: str | None
    outcome: str
    reason: str
    evidence: list[Evidence]
    known: Known | None


class LeftBehind(TypedDict):
    """The jobs that somebody has to end by hand: the ids of some, and how many have none that is known."""

    leftOpen: list[str]
    unansweredCreates: int


class RunInfo(LeftBehind):
    """What a run was about."""

    target: str
    apiVersion: str | None
    requests: int
    live: bool
    whole: bool


class Results(LeftBehind):
    """The results of a run; its JSON Schema is schemas/report.schema.json.

    ``objections`` are sentences of the gate, each of which fails the run; ``baseline`` is the report it was held against.
    """

    verdict: Literal["conformant", "not-conformant", "inconclusive", "error"]
    target: str
    apiVersion: str | None
    suiteVersion: str
    startedAt: str
    seconds: float
    requests: int
    baseline: str | None
    objections: list[str]
    requirements: list[Row]
    whole: bool
    exchanges: list[Entry]


def run_info(observation: Observation) -> RunInfo:
    """What an observation says of its run."""
    return {
        "target": observation.target,
        "apiVersion": observation.version,
        "requests": observation.requests,
        "live": observation.live,
        "whole": all(history.whole for history in observation.histories),
        "leftOpen": list(observation.left_open),
        "unansweredCreates": observation.nameless,
    }


def entries(observation: Observation) -> list[Entry]:
    """All exchanges of an observation, in the order in which they were seen."""
    return [har_entry(exchange) for exchange in observation.exchanges]


def row(verdict: Verdict) -> Row:
    """A verdict as a row of the results."""
    requirement = verdict.requirement
    return _row(
        requirement.id,
        verdict.serialization and verdict.serialization.value,
        verdict.outcome,
        verdict.reason,
        [_evidence(problem) for problem in verdict.problems[:MOST_PROBLEMS]],
    )


def name_of(row: Row) -> str:
    """A row as a sentence names it: ``state/closed (json)``."""
    return f"{row['id']} ({row['serialization']})" if row["serialization"] else row["id"]


def error_row(requirement_id: str, serialization: str | None, reason: str) -> Row:
    """The row of a requirement whose check broke: an error of the suite."""
    return _row(requirement_id, serialization, Outcome.ERROR, reason)


def _row(
    requirement_id: str, serialization: str | None, outcome: Outcome, reason: str, evidence: Iterable[Evidence] = ()
) -> Row:
    requirement = CATALOGUE[requirement_id].requirement
    return {
        "id": requirement.id,
        "level": requirement.level.value,
        "sentence": requirement.sentence,
        "source": str(requirement.source),
        "serialization": serialization,
        "outcome": outcome.value,
        "reason": reason,
        "evidence": list(evidence),
        "known": None,
    }


def _evidence(problem: Problem) -> Evidence:
    return {
        "expected": problem.expected,
        "got": problem.got,
        "where": problem.where,
        "curl": "\n".join(curl(exchange.request) for exchange in problem.exchanges),
        "exchanges": [har_entry(exchange) for exchange in problem.exchanges],
    }


def results(
    rows: Iterable[Row],
    info: RunInfo,
    exchanges: Sequence[Entry],
    *,
    started: datetime,
    seconds: float,
    suite_errors: bool = False,
) -> Results:
    """Put rows together; requirements that were not selected are there, and not applicable.

    ``suite_errors`` says that the suite itself failed beside its requirements.
    """
    found = {(one["id"], one["serialization"]): one for one in rows}
    ordered: list[Row] = []
    for check in CATALOGUE.values():
        for serialization in check.requirement.serializations:
            name = serialization and serialization.value
            missing = _row(check.requirement.id, name, Outcome.NOT_APPLICABLE, "not selected in this run")
            ordered.append(found.get((check.requirement.id, name), missing))
    outcomes = [(Outcome.WARN if one["known"] else Outcome(one["outcome"]), Level(one["level"])) for one in ordered]
    verdict = Overall.ERROR if suite_errors else overall(outcomes, live=info["live"])
    return {
        "verdict": verdict.value,
        "target": info["target"],
        "apiVersion": info["apiVersion"],
        "suiteVersion": __version__,
        "startedAt": started.isoformat(timespec="milliseconds"),
        "seconds": round(seconds, 3),
        "requests": info["requests"],
        "leftOpen": info["leftOpen"],
        "unansweredCreates": info["unansweredCreates"],
        "baseline": None,
        "objections": [],
        "requirements": ordered,
        "whole": info["whole"],
        "exchanges": list(exchanges),
    }


class NotReport(ValueError):
    """A file is not a report.json; the message is a line for the user."""


def read_results(path: Path) -> Results:
    """Read a report.json. Raises NotReport with the place of what can't be used, and OSError."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    try:
        document: Results = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise NotReport(f"{path} is not a report.json: {quoted(str(error), 200)}") from error
    schema = json.loads(resource("schemas", "report.schema.json").read_text("utf-8"))
    problem = best_match(Draft202012Validator(schema).iter_errors(document))
    if problem is not None:
        raise NotReport(f"{path} is not a report.json: {problem.json_path}: {quoted(problem.message, 200)}")
    return document


def worst_by_requirement(rows: Iterable[Row]) -> Mapping[str, Outcome]:
    """The outcome of each requirement over its serializations: the worst wins."""
    worst: dict[str, Outcome] = {}
    for one in rows:
        outcome = Outcome(one["outcome"])
        worst[one["id"]] = max(worst.get(one["id"], outcome), outcome, key=lambda each: each.badness)
    return worst
