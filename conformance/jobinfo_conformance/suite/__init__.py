"""The suite that a user runs: ``pytest --pyargs jobinfo_conformance.suite``.

    from jobinfo_conformance.suite import *

in a module of your own tests puts it beside them. The target is what the fixture ``jobinfo_target`` returns.
"""

from jobinfo_conformance.suite.test_generated import test_suite_against_itself
from jobinfo_conformance.suite.test_requirements import test_requirement

__all__ = ["test_requirement", "test_suite_against_itself"]
