"""``python -m tests.vulnerabilities``: look the installed packages up among known vulnerabilities; without a network, say so.

The exit status is 1 if one of them is vulnerable, and 0 if none is or nothing could be looked up.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any


def looked_up() -> list[dict[str, Any]] | str:
    """What pip-audit says of each package, or why it says nothing."""
    asked = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--skip-editable"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except ValueError:
        return (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
    return found


def verdict(found: list[dict[str, Any]] | str) -> tuple[list[str], int]:
    """Return what to print, and the exit status."""
    if isinstance(found, str):
        return [f"nothing could be looked up, so nothing is known: {found}"], 0
    known = [package for package in found if "skip_reason" not in package]
    if not known:
        return ["nothing could be looked up, so nothing is known: is there a network, and does the index answer?"], 0
    vulnerable = [(package, each) for package in known for each in package["vulns"]]
    lines = [
        f"{package['name']} {package['version']}: {each['id']}, mended in {each['fix_versions']}"
        for package, each in vulnerable
    ]
    return [*lines, f"{len(known)} of {len(found)} packages looked up, {len(vulnerable)} vulnerabilities"], int(
        bool(vulnerable)
    )


if __name__ == "__main__":
    said, status = verdict(looked_up())
    print(*said, sep="\n")  # noqa: T201  # what it is for
    sys.exit(status)
