"""report.sarif: what does not hold as results of SARIF 2.1.0, for code scanning and for viewers of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from jobinfo_conformance.reports.tally import family
from jobinfo_conformance.reports.visible import in_line
from jobinfo_conformance.results import Entry, Evidence, Results, Row
from jobinfo_conformance.verdicts import Outcome, Overall

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_LEVELS = {Outcome.FAIL: "error", Outcome.WARN: "warning"}
_RULE_LEVELS = {"MUST": "error", "SHOULD": "warning"}
_NOTES = {Outcome.ERROR: "error", Outcome.INCONCLUSIVE: "note"}


def as_sarif(results: Results, har: bytes) -> str:
    """A result for each case that does not hold, placed in exchanges.har, whose bytes are ``har``.

    What could not be judged is a notification of the run.
    """
    rules = list({row["id"]: row for row in results["requirements"]}.values())
    places = {row["id"]: place for place, row in enumerate(rules)}
    lines = _lines_of_entries(results["exchanges"], har)
    found = [
        _result(row, case, places[row["id"]], _place(case, lines))
        for row in results["requirements"]
        for case in row["evidence"]
    ]
    version = f"/{results['apiVersion']}" if results["apiVersion"] else ""
    run = {
        "tool": {
            "driver": {
                "name": "jobinfo-conformance",
                "version": results["suiteVersion"],
                "rules": [_rule(row) for row in rules],
            }
        },
        "automationDetails": {"id": f"jobinfo-conformance{version}/"},
        "invocations": [
            {
                "executionSuccessful": Overall(results["verdict"]) is not Overall.ERROR,
                "startTimeUtc": results["startedAt"].replace("+00:00", "Z"),
                "toolExecutionNotifications": list(_notifications(results, places)),
            }
        ],
        "artifacts": [{"location": {"uri": "exchanges.har"}, "mimeType": "application/json"}],
        "results": found,
        "properties": {"verdict": results["verdict"], "target": results["target"]},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "shortDescription": {"text": row["sentence"]},
        "help": {"text": f"{row['sentence']} ({row['level']}; source: {row['source']})"},
        "defaultConfiguration": {"level": _RULE_LEVELS[row["level"]]},
        "properties": {"tags": [family(row), row["level"]]},
    }


def _result(row: Row, case: Evidence, rule: int, place: Mapping[str, Any]) -> dict[str, Any]:
    form = row["serialization"] or "xml and json"
    said = f"{row['sentence']} In {form}: expected {case['expected']}, got {case['got']}, in {case['where']}."
    return {
        "ruleId": row["id"],
        "ruleIndex": rule,
        "level": _LEVELS[Outcome(row["outcome"])],
        "message": {"text": _message(said)},
        "locations": [{"physicalLocation": place, "logicalLocations": [{"fullyQualifiedName": case["where"]}]}],
        "partialFingerprints": {"requirement/v1": f"{row['id']} {form} {case['where']}"},
        **(_exchange(case["exchanges"][-1]) if case["exchanges"] else {}),
        **({"suppressions": [{"kind": "external", "justification": row["known"]["reason"]}]} if row["known"] else {}),
    }


def _exchange(entry: Entry) -> dict[str, Any]:
    request, response = entry["request"], entry["response"]
    return {
        "webRequest": {
            "protocol": urlsplit(request["url"]).scheme,
            "method": request["method"],
            "target": request["url"],
            "headers": _headers(request),
            "body": _body(request.get("postData") or {}),
        },
        "webResponse": {
            "statusCode": response["status"],
            "headers": _headers(response),
            "body": _body(response["content"]),
        },
    }


def _headers(message: Mapping[str, Any]) -> dict[str, str]:
    """Headers by name; several of one name joined, as HTTP has it."""
    joined: dict[str, str] = {}
    for one in message["headers"]:
        before = f"{joined[one['name']]}, " if one["name"] in joined else ""
        joined[one["name"]] = before + one["value"]
    return joined


def _body(content: Mapping[str, Any]) -> dict[str, str]:
    coded = "base64" in (content.get("encoding"), content.get("_encoding"))
    return {"binary" if coded else "text": content.get("text", "")}


def _place(case: Evidence, lines: Mapping[str, int]) -> dict[str, Any]:
    """The exchange in exchanges.har; the file alone where it is not in there."""
    artifact = {"uri": "exchanges.har", "index": 0}
    line = lines.get(json.dumps(case["exchanges"][-1])) if case["exchanges"] else None
    return {"artifactLocation": artifact} if line is None else {"artifactLocation": artifact, "region": {"startLine": line}}


def _lines_of_entries(entries: Sequence[Entry], har: bytes) -> Mapping[str, int]:
    """The line, counted from 1, in which each entry begins: in the file they stand in a list that stands in the log."""
    numbers = [number for number, line in enumerate(har.split(b"\n"), 1) if line == b" " * 6 + b"{"]
    return {json.dumps(entry): number for entry, number in zip(entries, numbers, strict=True)}


def _notifications(results: Results, rules: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for objection in results["objections"]:
        yield {"level": "error", "message": {"text": _message(objection)}}
    for row in results["requirements"]:
        level = _NOTES.get(Outcome(row["outcome"]))
        if level is not None:
            yield {
                "level": level,
                "message": {"text": _message(f"{row['outcome']}: {row['reason']}")},
                "associatedRule": {"id": row["id"], "index": rules[row["id"]]},
            }


def _message(text: str) -> str:
    """A text as SARIF's plain messages write it: brackets are links there."""
    return in_line(text).replace("[", "\\[").replace("]", "\\]")
