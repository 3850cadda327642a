"""The requirements, as a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType

from jobinfo_conformance._catalogue.extensions import installed
from jobinfo_conformance._catalogue.requirement import AnyRequirement


def requirements(*, extension: Sequence[str | ModuleType] = ()) -> Mapping[str, AnyRequirement]:
    """Return every requirement by its id, in the order of the reports; those of installed extensions too.

    ``extension`` names modules that add more. Raises BadInput where one can't be used.

        >>> requirements()["state/closed"].sentence
        'The answer to a close that is accepted says that the state is Closed.'
    """
    return installed(extension).requirements
