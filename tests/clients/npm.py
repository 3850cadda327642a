"""Install the real clients for node that package.json names: ``python -m tests.clients.npm FOLDER``.

If npm is not here, or does not end in time, this says so and fails: the tests of those clients skip then.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.clients.real import FOLDER

#: The longest that npm may take, in seconds. It takes about 15; without this, one that reaches no registry retries for minutes.
_LONGEST = 120


def install(folder: Path, longest: float = _LONGEST) -> str | None:
    """Install into a folder's node_modules; return why that failed, or None.

    npm runs in the folder: with ``--prefix`` it would not read the settings of the machine, such as the authority of a proxy.
    """
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not installed"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(FOLDER / "package.json", folder)
    command = [npm, "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(command, cwd=folder, check=False, timeout=longest)
    except subprocess.TimeoutExpired:
        return f"npm had not ended after {longest:g} seconds"
    return f"npm ended with exit status {done.returncode}" if done.returncode else None


def main() -> str | None:
    """Install into the folder that the command line names."""
    reason = install(Path(sys.argv[1]))
    return f"{reason}: the tests of clients for node skip" if reason else None


if __name__ == "__main__":
    sys.exit(main())
