"""badge.json: the verdict as an endpoint of shields."""

from __future__ import annotations

import json

from jobinfo_conformance.reports.tally import Tally
from jobinfo_conformance.results import Results
from jobinfo_conformance.verdicts import Overall

_COLOURS = {
    Overall.CONFORMANT: "brightgreen",
    Overall.INCONCLUSIVE: "yellow",
    Overall.NOT_CONFORMANT: "red",
    Overall.ERROR: "lightgrey",
}
#: The share of requirements that green takes. The answer to one documented close shows a quarter of them.
_ENOUGH = 0.2


def as_badge(results: Results) -> str:
    """The verdict and how many requirements were tested; green only where those are enough."""
    tally = Tally.of(results["requirements"])
    verdict = Overall(results["verdict"])
    colour, message = _COLOURS[verdict], f"{verdict.replace('-', ' ')}, {tally.tested} of {tally.total} tested"
    if verdict is Overall.CONFORMANT and tally.known:
        colour, message = _COLOURS[Overall.INCONCLUSIVE], f"{tally.known} known to fail, {tally.tested} of {tally.total} tested"
    if verdict is Overall.CONFORMANT and tally.tested < _ENOUGH * tally.total:
        colour, message = _COLOURS[Overall.INCONCLUSIVE], f"too little tested, {tally.tested} of {tally.total}"
    if verdict in (Overall.CONFORMANT, Overall.INCONCLUSIVE) and not tally.tested:
        colour, message = "lightgrey", "nothing tested"
    badge = {"schemaVersion": 1, "label": "Bulk API close", "message": message, "color": colour}
    return json.dumps(badge, indent=2) + "\n"
