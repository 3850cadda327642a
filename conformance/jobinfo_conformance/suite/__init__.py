"""The suite that a user runs: ``pytest --pyargs jobinfo_conformance.suite``."""
