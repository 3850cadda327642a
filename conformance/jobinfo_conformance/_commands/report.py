"""``report`` and ``known-failures``: files that are made from a report.json."""

from __future__ import annotations

from argparse import Namespace

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._files.whole import told_if_unwritable, write_file
from jobinfo_conformance._gate.known_failures import drafted
from jobinfo_conformance._reports.files import write_report
from jobinfo_conformance._results.results import Known, Results


def report(options: Namespace) -> int:
    """Write the files of a report again."""
    with told_if_unwritable(f"the report can't be written to {options.folder}"):
        write_report(Results.read(options.file), options.folder)
    return 0


def known_failures(options: Namespace) -> int:
    """List what does not hold or was not tested in a report; the user fills in the reasons unless --reason gives one."""
    reason: str | None = options.reason
    if reason is not None and not reason.strip():
        raise BadInput("--reason is empty: say why the requirements are known not to hold")
    for name, given in (("--reason", reason), ("--issue", options.issue)):
        if given is not None and not _is_text(given):
            raise BadInput(f"{name} is not in UTF-8: write it in UTF-8")
    text, reasons = drafted(Results.read(options.report).requirements, Known(reason or "", options.issue))
    try:
        write_file(options.file, text.encode(), anew=True)
    except FileExistsError as error:
        raise BadInput(f"{options.file} already exists: give another name, so that no reason is lost") from error
    except OSError as error:
        raise BadInput(f"{options.file} can't be written: {error.strerror}") from error
    entries = "1 entry" if len(reasons) == 1 else f"{len(reasons)} entries"
    print(f"{entries} in {options.file}{'' if all(reasons) else '; fill in the reasons, or give --reason TEXT'}")
    return 0


def _is_text(given: str) -> bool:
    """Whether an argument is text: for each byte that is not, Python has half of a surrogate pair."""
    try:
        given.encode()
    except UnicodeEncodeError:
        return False
    return True
