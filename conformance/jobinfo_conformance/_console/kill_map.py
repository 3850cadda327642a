"""What ``selftest`` prints: a line for each fault."""

from __future__ import annotations

from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._reference.faults.fault import Fault
from jobinfo_conformance._reports.kill_map import also_by, forms_of, in_brackets, shortcoming
from jobinfo_conformance._selftest import KillMap, Trial


def named(fault: Fault) -> str:
    """Return a fault in one line: its name, the requirement that it breaks, and its sentence."""
    extension = f" (extension {fault.extension})" if fault.extension else ""
    return f"{fault.name:34}  {fault.breaks:34}  {fault.sentence}{extension}"


def result(trial: Trial, catalogue: Catalogue) -> str:
    """Return the result of a trial in one line."""
    is_right = trial.is_right(catalogue)
    if trial.fault is None:
        word = "conforms" if is_right else "DEPARTS "
        return f"{word}  the reference without a fault{shortcoming(trial, catalogue)}"
    places = f"{trial.fault.breaks} ({forms_of(trial.meant(catalogue))})"
    if is_right:
        return f"killed    {trial.fault.name:34}  {places}{also_by(trial.others(catalogue))}"
    return f"SURVIVES  {trial.fault.name:34}  {places}{shortcoming(trial, catalogue)}"


def conclusion(found: KillMap) -> str:
    """Return the result of all trials in one line."""
    faults = [trial for trial in found.trials if trial.fault is not None]
    survivors = [trial for trial in faults if not trial.is_right(found.catalogue)]
    unshown = {name for name, _ in found.unshown}
    return (
        f"{len(faults)} faults, survivors: {len(survivors)}; "
        f"{len(found.catalogue.requirements)} requirements, without a fault of their own: {len(unshown)}"
        f"{in_brackets(sorted(unshown))}"
    )
