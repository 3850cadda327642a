"""The catalogue of requirements, for people and for programs."""

from __future__ import annotations

import json

from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._catalogue.frozen_sets import first_with
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
    """Return a list of objects with the same, and with ``since``, ``set``, ``serializations``, ``needs`` and ``extension``.

    ``since`` is the version of the API, and ``set`` the first set of requirements that has it.
    """
    return json.dumps(
        [
            {
                "id": requirement.id,
                "level": requirement.level.value,
                "sentence": requirement.sentence,
                "source": {"strength": requirement.source.strength.value, "detail": requirement.source.detail},
                "since": str(requirement.since),
                "set": first_with(requirement.id),
                "serializations": [form and form.value for form in requirement.serializations],
                "needs": requirement.on.name,
                "extension": requirement.extension,
            }
            for requirement in catalogue.requirements.values()
        ],
        indent=2,
    )
