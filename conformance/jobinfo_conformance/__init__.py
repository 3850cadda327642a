"""The contract of closing a Bulk API 1.0 job, and a suite that tests implementations against it.

The names in ``__all__`` are public: each is imported on first use, and none will be removed. Modules and names that begin
with an underscore are private.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "1.0.0"

if TYPE_CHECKING:
    from jobinfo_conformance._bad_input import BadInput
    from jobinfo_conformance._catalogue.requirement import Level, Requirement, requirement
    from jobinfo_conformance._contract.jobinfo import JobInfo
    from jobinfo_conformance._contract.serialization import Serialization
    from jobinfo_conformance._contract.versions import Version
    from jobinfo_conformance._exchange import Exchange, Headers, Request, Response
    from jobinfo_conformance._finding import Finding, Unreadable, Violation
    from jobinfo_conformance._payloads import Checked, check
    from jobinfo_conformance._reference.faults.fault import fault
    from jobinfo_conformance._requirements import requirements
    from jobinfo_conformance._results.problem import Problem
    from jobinfo_conformance._results.results import Judgement, Known, Outcome, Results, Verdict
    from jobinfo_conformance._run import run
    from jobinfo_conformance._scenarios.scenario import scenario
    from jobinfo_conformance._subjects.kind import subject_kind
    from jobinfo_conformance._targets.target import Target, TargetUnusable

#: The public names, and the module that defines each.
_MODULES = {
    "BadInput": "_bad_input",
    "Checked": "_payloads",
    "Exchange": "_exchange",
    "Finding": "_finding",
    "Headers": "_exchange",
    "JobInfo": "_contract.jobinfo",
    "Judgement": "_results.results",
    "Known": "_results.results",
    "Level": "_catalogue.requirement",
    "Outcome": "_results.results",
    "Problem": "_results.problem",
    "Request": "_exchange",
    "Requirement": "_catalogue.requirement",
    "Response": "_exchange",
    "Results": "_results.results",
    "Serialization": "_contract.serialization",
    "Target": "_targets.target",
    "TargetUnusable": "_targets.target",
    "Unreadable": "_finding",
    "Verdict": "_results.results",
    "Version": "_contract.versions",
    "Violation": "_finding",
    "check": "_payloads",
    "fault": "_reference.faults.fault",
    "requirement": "_catalogue.requirement",
    "requirements": "_requirements",
    "run": "_run",
    "scenario": "_scenarios.scenario",
    "subject_kind": "_subjects.kind",
}

__all__ = [
    "BadInput",
    "Checked",
    "Exchange",
    "Finding",
    "Headers",
    "JobInfo",
    "Judgement",
    "Known",
    "Level",
    "Outcome",
    "Problem",
    "Request",
    "Requirement",
    "Response",
    "Results",
    "Serialization",
    "Target",
    "TargetUnusable",
    "Unreadable",
    "Verdict",
    "Version",
    "Violation",
    "__version__",
    "check",
    "fault",
    "requirement",
    "requirements",
    "run",
    "scenario",
    "subject_kind",
]


def __getattr__(name: str) -> object:
    """Import a public name on first use, because the plugin loads this package in every pytest run."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
