"""A comparison of two recordings, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from jobinfo_conformance._comparison.changes import ChangeKind, Comparison
from jobinfo_conformance._escaping import in_line

#: How many questions a line names at most.
_MOST_NAMES = 2


def as_text(comparison: Comparison) -> Iterator[str]:
    """Yield a line for each change, breaking ones first, then what could not be compared, and the number of each kind."""
    for kind in ChangeKind:
        for form, change, asked in comparison.of(kind):
            difference = f"{change.where}: {change.what}: {change.old} -> {change.new}"
            yield in_line(f"{kind:<8}  {form:<4}  {difference}, in {_named(asked)}")
    for side, questions in (("old", comparison.only_old), ("new", comparison.only_new)):
        if questions:
            names = _named([f"{question.asked} ({question.serialization})" for question in questions])
            yield in_line(f"asked only in the {side} one: {names}")
    counts = ", ".join(f"{len(comparison.of(kind))} {kind}" for kind in ChangeKind if kind is not ChangeKind.KNOWN)
    yield f"{counts}; {len(comparison.compared)} questions compared"


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return "; ".join([*names[:_MOST_NAMES], *([f"and {more} more"] if more > 0 else [])])


def as_json(comparison: Comparison) -> str:
    """Return an object with ``changes``, each with the questions that show it, and the questions of both sides and of one."""
    document = {
        "changes": [
            {
                "kind": change.kind.value,
                "serialization": form.value,
                "where": change.where,
                "what": change.what,
                "old": change.old,
                "new": change.new,
                "asked": list(asked),
            }
            for kind in ChangeKind
            for form, change, asked in comparison.of(kind)
        ],
        **{
            name: [{"asked": question.asked, "serialization": question.serialization.value} for question in questions]
            for name, questions in (
                ("compared", comparison.compared),
                ("onlyOld", comparison.only_old),
                ("onlyNew", comparison.only_new),
            )
        },
    }
    return json.dumps(document, indent=2)
