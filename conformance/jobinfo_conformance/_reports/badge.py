"""badge.json: the verdict for a badge, as an endpoint of shields.io."""

from __future__ import annotations

import json

from jobinfo_conformance._reports.tally import Tally
from jobinfo_conformance._results.results import Results, Verdict

_COLOURS = {
    Verdict.CONFORMANT: "brightgreen",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.NOT_CONFORMANT: "red",
    Verdict.ERROR: "lightgrey",
}
#: The share of requirements that has to be tested for green. The answer to one documented close tests a quarter of them.
_ENOUGH = 0.2


def as_badge(results: Results) -> str:
    """Return the verdict and how many requirements were tested; the badge is green only if those are enough."""
    tally = Tally.of(results.requirements)
    verdict = results.verdict
    colour, message = _COLOURS[verdict], f"{verdict.replace('-', ' ')}, {tally.tested} of {tally.total} tested"
    if verdict is Verdict.CONFORMANT and (tally.known or tally.known_untested):
        known = [f"{tally.known} known to fail"] if tally.known else []
        untested = [f"{tally.known_untested} known and not tested"] if tally.known_untested else []
        message = ", ".join([*known, *untested, f"{tally.tested} of {tally.total} tested"])
        colour = _COLOURS[Verdict.INCONCLUSIVE]
    if verdict is Verdict.CONFORMANT and tally.tested < _ENOUGH * tally.total:
        colour, message = _COLOURS[Verdict.INCONCLUSIVE], f"too little tested, {tally.tested} of {tally.total}"
    if verdict in (Verdict.CONFORMANT, Verdict.INCONCLUSIVE) and not tally.tested:
        colour, message = "lightgrey", "nothing tested"
    badge = {"schemaVersion": 1, "label": "Bulk API close", "message": message, "color": colour}
    return json.dumps(badge, indent=2) + "\n"
