"""report.sarif: what does not hold, as SARIF 2.1.0, for code scanning and for viewers."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._exchange import Exchange, Headers
from jobinfo_conformance._finding import Finding
from jobinfo_conformance._reports.problem_text import Told, all_told
from jobinfo_conformance._reports.sentences import untested_reason
from jobinfo_conformance._results.results import Judgement, Outcome, Results, Verdict
from jobinfo_conformance._url_parts import parts_of

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_LEVELS = {Outcome.FAIL: "error", Outcome.WARN: "warning"}
_RULE_LEVELS = {"MUST": "error", "SHOULD": "warning"}
_NOTES = {Outcome.ERROR: "error", Outcome.INCONCLUSIVE: "note"}


def as_sarif(results: Results, har: bytes) -> str:
    """Return a result for each problem, located in exchanges.har, whose bytes are ``har``.

    What could not be judged is a notification of the run.
    """
    rules = list({judgement.id: judgement for judgement in results.requirements}.values())
    indices = {judgement.id: index for index, judgement in enumerate(rules)}
    lines = _lines_of_entries(results.exchanges, har)
    found = [_result(each, indices[each.head.id], _location(each.problem.finding, lines)) for each in all_told(results)]
    version = f"/{results.api_version}" if results.api_version else ""
    run = {
        "tool": {
            "driver": {
                "name": "jobinfo-conformance",
                "version": results.suite_version,
                "rules": [_rule(judgement) for judgement in rules],
            }
        },
        "automationDetails": {"id": f"jobinfo-conformance{version}/"},
        "invocations": [
            {
                "executionSuccessful": results.verdict is not Verdict.ERROR,
                "startTimeUtc": results.started.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "toolExecutionNotifications": list(_notifications(results, indices)),
            }
        ],
        "artifacts": [{"location": {"uri": "exchanges.har"}, "mimeType": "application/json"}],
        "results": found,
        "properties": {"verdict": results.verdict, "target": results.target},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(judgement: Judgement) -> dict[str, Any]:
    extension = [f"extension {judgement.extension}"] if judgement.extension else []
    return {
        "id": judgement.id,
        "shortDescription": {"text": judgement.sentence},
        "help": {"text": f"{judgement.sentence} ({judgement.level}; source: {judgement.source})"},
        "defaultConfiguration": {"level": _RULE_LEVELS[judgement.level]},
        "properties": {"tags": [judgement.family, judgement.level, *extension]},
    }


def _result(each: Told, rule: int, location: Mapping[str, Any]) -> dict[str, Any]:
    finding, known = each.problem.finding, each.known
    forms = " and ".join(each.problem.serializations or Serialization)
    following = "".join(f" So also {line}." for line in each.following())
    return {
        "ruleId": each.head.id,
        "ruleIndex": rule,
        "level": _LEVELS[each.outcome],
        "message": {"text": _message(f"{each.head.sentence} In {forms}: {finding.message}, in {finding.where}.{following}")},
        "locations": [{"physicalLocation": location, "logicalLocations": [{"fullyQualifiedName": finding.where}]}],
        "partialFingerprints": {"problem/v1": f"{each.head.id} {finding.where}"},
        **(_exchange(finding.exchanges[-1]) if finding.exchanges else {}),
        **({"suppressions": [{"kind": "external", "justification": known.reason}]} if known else {}),
    }


def _exchange(exchange: Exchange) -> dict[str, Any]:
    request, response = exchange.request, exchange.response
    return {
        "webRequest": {
            "protocol": parts_of(request.url).scheme,
            "method": request.method,
            "target": request.url,
            "headers": _headers(request.headers),
            "body": _body(request.body),
        },
        "webResponse": {
            "statusCode": response.status,
            "headers": _headers(response.headers),
            "body": _body(response.body or b""),
        },
    }


def _headers(headers: Headers) -> dict[str, str]:
    """Return headers by name; several of one name are joined, as HTTP allows."""
    joined: dict[str, str] = {}
    for name, value in headers:
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _body(body: bytes) -> dict[str, str]:
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"binary": base64.b64encode(body).decode("ascii")}


def _location(finding: Finding, lines: Mapping[Exchange, int]) -> dict[str, Any]:
    """Return the location of the exchange in exchanges.har; only the file if the exchange is not in it."""
    artifact = {"uri": "exchanges.har", "index": 0}
    line = lines.get(finding.exchanges[-1]) if finding.exchanges else None
    return {"artifactLocation": artifact} if line is None else {"artifactLocation": artifact, "region": {"startLine": line}}


def _lines_of_entries(exchanges: Sequence[Exchange], har: bytes) -> Mapping[Exchange, int]:
    """Return the line on which each entry begins, from 1; entries are indented by six spaces in the list in the log."""
    numbers = [number for number, line in enumerate(har.split(b"\n"), 1) if line == b" " * 6 + b"{"]
    return dict(zip(exchanges, numbers, strict=True))


def _notifications(results: Results, rules: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for objection in results.objections:
        yield {"level": "error", "message": {"text": _message(objection)}}
    for judgement in results.requirements:
        level = _NOTES.get(judgement.outcome)
        if level is not None:
            yield {
                "level": level,
                "message": {"text": _message(f"{judgement.outcome}: {untested_reason(judgement)}")},
                "associatedRule": {"id": judgement.id, "index": rules[judgement.id]},
            }


def _message(text: str) -> str:
    """Escape a text for a plain message of SARIF, in which brackets make links."""
    return in_line(text).replace("[", "\\[").replace("]", "\\]")
