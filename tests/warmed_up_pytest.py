"""What a session of pytest with the suite imports and makes once in a process: importing this makes it.

Pytest itself imports it, and so rewrites its assertions; modules that were imported otherwise it would warn of.
"""

from __future__ import annotations

import pytest

assert pytest.main(["--pyargs", "jobinfo_conformance.suite", "-q", "-p", "no:cacheprovider"]) == 0
