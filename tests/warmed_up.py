"""What a run of the suite makes once in a process: importing this makes it, and processes forked afterwards have it."""

from __future__ import annotations

from importlib import import_module

import jobinfo_conformance

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
assert jobinfo_conformance.run().verdict == "conformant"
