"""The page of a requirement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._catalogue.frozen_sets import first_with
from jobinfo_conformance._catalogue.requirement import CLIENT_FAMILY, AnyRequirement
from jobinfo_conformance._catalogue_pages.conflicts import Conflict
from jobinfo_conformance._catalogue_pages.examples import Example
from jobinfo_conformance._catalogue_pages.excerpt import excerpt
from jobinfo_conformance._catalogue_pages.links import linked
from jobinfo_conformance._catalogue_pages.reasons import reason_of
from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._subjects.client_runs import Runs


def page(
    requirement: AnyRequirement,
    catalogue: Catalogue,
    example: Example | None,
    recordings: Sequence[str],
    conflicts: Sequence[Conflict],
) -> str:
    """Return the page of a requirement in Markdown. ``recordings`` are the names of those that show it."""
    parts = (
        _head(requirement),
        _evidence(requirement, recordings, conflicts),
        _example(requirement, example),
        _faults(requirement, catalogue),
        _presupposed(requirement, catalogue),
    )
    return "\n".join(line for lines in parts for line in lines)


def _head(requirement: AnyRequirement) -> Iterator[str]:
    forms = " and ".join(form.upper() for form in requirement.serializations if form)
    compared = "what the client speaks" if requirement.family == CLIENT_FAMILY else "XML and JSON together"
    released = first_with(requirement.id)
    yield f"# {requirement.id}"
    yield ""
    yield requirement.sentence
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| Level | {requirement.level} |"
    yield f"| Reason for the level | {reason_of(requirement)} |"
    yield f"| Source | {linked(requirement.source)} |"
    yield f"| Judged in | {forms or compared} |"
    yield f"| Applies from API version | {requirement.since} |"
    if requirement.extension:
        yield f"| Added by | the extension {requirement.extension} |"
    else:
        yield f"| In the suite since | {f'requirements {released}' if released else 'not released yet'} |"


def _evidence(requirement: AnyRequirement, recordings: Sequence[str], conflicts: Sequence[Conflict]) -> Iterator[str]:
    yield ""
    yield "## Evidence"
    yield ""
    yield from (f"- {linked(source)}" for source in (requirement.source, *requirement.also))
    if recordings:
        yield f"- shown by the documented exchanges: {', '.join(f'`{name}`' for name in recordings)}"
    for conflict in conflicts:
        yield f"- what it settles: [{conflict.title}](../conflicts.md#{conflict.anchor})"


def _example(requirement: AnyRequirement, example: Example | None) -> Iterator[str]:
    if example is None:
        return
    of_client, finding = requirement.family == CLIENT_FAMILY, example.finding
    of_runs = isinstance(example.subject, Runs)
    what = "A run" if of_runs else "A request" if of_client else "An answer"
    whose = "a client" if of_client else "the reference"
    yield ""
    yield f"## {what} that fails"
    yield ""
    yield f"From {whose} with the fault `{example.fault.name}`: {example.fault.sentence}"
    yield ""
    yield f"Expected {in_line(finding.expected)}, got {in_line(finding.got)}, in {in_line(finding.where)}."
    yield ""
    yield excerpt(example.failing, finding.where, answers=of_runs or not of_client)
    if example.passing:
        yield ""
        yield f"## {what} that passes"
        yield ""
        yield excerpt(example.passing, finding.where, answers=not of_client)


def _faults(requirement: AnyRequirement, catalogue: Catalogue) -> Iterator[str]:
    faults = [fault for fault in catalogue.all_faults.values() if fault.breaks == requirement.id]
    if not faults:
        return
    yield ""
    yield "## Faults that it notices"
    yield ""
    yield from (f"- `{fault.name}`: {fault.sentence}" for fault in faults)
    yield ""
    yield "The [kill map](../../kill-map.md) lists all faults, and which other requirements notice them."


def _presupposed(requirement: AnyRequirement, catalogue: Catalogue) -> Iterator[str]:
    if not requirement.presupposes:
        return
    yield ""
    yield "## What it takes for granted"
    yield ""
    yield "If one of these does not hold for the same job or answer, a run reports it, and this one under `so also`:"
    yield ""
    yield from (f"- {_linked_id(name, catalogue)}" for name in requirement.presupposes)


def _linked_id(name: str, catalogue: Catalogue) -> str:
    """A link to the page of a requirement; the name alone of a family."""
    return f"[{name}](../{name}.md)" if name in catalogue.requirements else f"all of {name}/"
