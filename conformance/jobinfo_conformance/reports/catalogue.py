"""The catalogue of requirements, for people and for programs."""

from __future__ import annotations

import json

from jobinfo_conformance.checks import CATALOGUE


def as_markdown() -> str:
    """A table: id, level, sentence, and the source of each requirement."""
    lines = ["| requirement | level | sentence | source |", "|---|---|---|---|"]
    for check in CATALOGUE.values():
        one = check.requirement
        about = f" ({one.only} only)" if one.only else ""
        lines.append(f"| {one.id} | {one.level} | {one.sentence}{about} | {one.source} |")
    return "\n".join(lines)


def as_json() -> str:
    """A list of objects with the same, and with ``since``, ``serializations`` and ``needs``."""
    return json.dumps(
        [
            {
                "id": check.requirement.id,
                "level": check.requirement.level.value,
                "sentence": check.requirement.sentence,
                "source": {
                    "strength": check.requirement.source.strength.value,
                    "detail": check.requirement.source.detail,
                },
                "since": str(check.requirement.since),
                "serializations": [one and one.value for one in check.requirement.serializations],
                "needs": check.on.name,
            }
            for check in CATALOGUE.values()
        ],
        indent=2,
    )
