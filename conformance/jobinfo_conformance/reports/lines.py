"""What ``check`` finds, a line a finding."""

from __future__ import annotations

import json
from collections.abc import Iterator

from jobinfo_conformance.payloads import Judged


def as_text(judged: Judged) -> Iterator[str]:
    """What a payload was taken for and what was found, or that nothing was."""
    entry = "" if judged.entry is None else f", entry {judged.entry}"
    place = f"{judged.file}{entry}: {judged.kind}"
    if not judged.notes:
        yield f"{place}: nothing found"
    for note in judged.notes:
        yield f"{place}: {note.outcome} {note.requirement.id} ({note.requirement.level}) {note.where}: {note.message}"


def as_json(judged: Judged) -> Iterator[str]:
    """An object a finding, and nothing where there is none."""
    for note in judged.notes:
        yield json.dumps(
            {
                "file": str(judged.file),
                "entry": judged.entry,
                "kind": judged.kind.value,
                "requirement": note.requirement.id,
                "level": note.requirement.level.value,
                "outcome": note.outcome.value,
                "where": note.where,
                "message": note.message,
            }
        )
