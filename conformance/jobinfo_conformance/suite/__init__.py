"""The suite as tests: ``pytest --pyargs jobinfo_conformance.suite``.

To run it beside your own tests, write this in a test module:

    from jobinfo_conformance.suite import *

The target is what the fixture ``jobinfo_target`` returns.
"""

from jobinfo_conformance.suite.test_generated import test_suite_against_itself
from jobinfo_conformance.suite.test_requirements import test_requirement

__all__ = ["test_requirement", "test_suite_against_itself"]
