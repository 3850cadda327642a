"""What ``selftest`` prints: a line for each fault."""

from __future__ import annotations

from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._clients.conforming import ClientFault
from jobinfo_conformance._reference.faults.fault import Fault
from jobinfo_conformance._reports.kill_map import also_by, forms_of, in_brackets, shortcoming
from jobinfo_conformance._selftest import KillMap, Trial


def named(fault: Fault | ClientFault) -> str:
    """Return a fault in one line: its name, the requirement that it breaks, and its sentence."""
    extension = f" (extension {fault.extension})" if fault.extension else ""
    return f"{fault.name:34}  {fault.breaks:34}  {fault.sentence}{extension}"


def result(trial: Trial, catalogue: Catalogue) -> str:
    """Return the result of a trial in one line."""
    word = _word(trial, catalogue)
    if trial.fault is None:
        return f"{word:<8}  the reference without a fault{shortcoming(trial, catalogue)}"
    also = also_by(trial.others(catalogue)) if trial.is_right(catalogue) else shortcoming(trial, catalogue)
    return f"{word:<8}  {trial.fault.name:34}  {trial.fault.breaks} ({forms_of(trial.meant(catalogue))}){also}"


def _word(trial: Trial, catalogue: Catalogue) -> str:
    if trial.untried is not None:
        return "UNTRIED"
    if trial.is_right(catalogue):
        return "conforms" if trial.fault is None else "killed"
    return "DEPARTS" if trial.fault is None else "SURVIVES"


def conclusion(found: KillMap) -> str:
    """Return the result of all trials in one line."""
    faults = [trial for trial in found.trials if trial.fault is not None]
    survivors = [trial for trial in found.survivors if trial.fault is not None]
    untried = f", not tried: {len(found.untried)}" if found.untried else ""
    unshown = {name for name, _ in found.unshown}
    return (
        f"{len(faults)} faults, survivors: {len(survivors)}{untried}; "
        f"{len(found.catalogue.requirements)} requirements, without a fault of their own: {len(unshown)}"
        f"{in_brackets(sorted(unshown))}"
    )
