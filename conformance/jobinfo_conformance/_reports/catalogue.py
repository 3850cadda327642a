"""The catalogue of requirements, for people and for programs."""

from __future__ import annotations

import json

from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._catalogue.requirement import AnyRequirement


def as_markdown(catalogue: Catalogue) -> str:
    """Return a table with the id, level, sentence and source of each requirement."""
    rows = (
        f"| {requirement.id} | {requirement.level} | {_sentence(requirement)} | {requirement.source} |"
        for requirement in catalogue.requirements.values()
    )
    return "\n".join(["| requirement | level | sentence | source |", "|---|---|---|---|", *rows])


def _sentence(requirement: AnyRequirement) -> str:
    tags = [requirement.only and f"{requirement.only} only", requirement.extension and f"extension {requirement.extension}"]
    return " ".join([requirement.sentence, *(f"({tag})" for tag in tags if tag)])


def as_json(catalogue: Catalogue) -> str:
    """Return a list of objects with the same, and with ``since``, ``serializations``, ``needs`` and ``extension``."""
    return json.dumps(
        [
            {
                "id": requirement.id,
                "level": requirement.level.value,
                "sentence": requirement.sentence,
                "source": {"strength": requirement.source.strength.value, "detail": requirement.source.detail},
                "since": str(requirement.since),
                "serializations": [form and form.value for form in requirement.serializations],
                "needs": requirement.on.name,
                "extension": requirement.extension,
            }
            for requirement in catalogue.requirements.values()
        ],
        indent=2,
    )
