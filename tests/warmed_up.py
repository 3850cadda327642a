"""What a run of the suite makes once in a process: importing this makes it, and processes forked afterwards have it."""

from __future__ import annotations

from importlib import import_module

import jobinfo_conformance
from jobinfo_conformance._reports.html import as_html

for command in (
    "audit",
    "check",
    "clean_up",
    "client",
    "compare",
    "record",
    "report",
    "requirements",
    "run",
    "selftest",
    "serve",
):
    import_module(f"jobinfo_conformance._commands.{command}")
results = jobinfo_conformance.run()
assert results.verdict == "conformant"
as_html(results)
