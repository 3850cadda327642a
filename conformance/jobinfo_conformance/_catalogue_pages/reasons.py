"""Why a requirement has its level: its own words, or what its strongest evidence means for the level."""

from __future__ import annotations

from collections.abc import Mapping

from jobinfo_conformance._catalogue.requirement import MUST, SHOULD, AnyRequirement, Level, Strength

#: What a kind of evidence means for a level. ``{detail}`` is what the source says.
_REASONS: Mapping[tuple[Level, Strength], str] = {
    (MUST, Strength.DOCUMENTATION): "The documentation says so.",
    (MUST, Strength.CLIENT): "The vendor's own client relies on it.",
    (MUST, Strength.RECORDING): "Real servers do so wherever a public recording shows it.",
    (MUST, Strength.IN_USE): "Clients in use rely on it.",
    (MUST, Strength.STANDARD): "The standard says so, and the libraries of servers and clients go by it.",
    (MUST, Strength.INFERRED): "It follows from what is documented: {detail}.",
    (SHOULD, Strength.DOCUMENTATION): "The documentation suggests it, but does not demand it.",
    (SHOULD, Strength.CLIENT): "The vendor's own client does so, but no server has to know.",
    (SHOULD, Strength.RECORDING): "Real servers do so in public recordings, but no document promises it.",
    (SHOULD, Strength.IN_USE): "Some clients in use rely on it, but no document promises it.",
    (SHOULD, Strength.STANDARD): "The standard recommends it.",
    (SHOULD, Strength.INFERRED): "Nothing documents it: {detail}.",
}


def reason_of(requirement: AnyRequirement) -> str:
    """Return in a sentence why a requirement has its level."""
    source = requirement.source
    return requirement.because or _REASONS[requirement.level, source.strength].format(detail=source.detail)
