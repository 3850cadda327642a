"""The catalogue of requirements for Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType

from jobinfo_conformance._catalogue.extensions import installed
from jobinfo_conformance._catalogue.requirement import AnyRequirement


def requirements(*, extension: Sequence[str | ModuleType] = ()) -> Mapping[str, AnyRequirement]:
    """Return all requirements by id, in the order of the reports, including those of installed extensions.

    ``extension`` names modules that add more. Raises BadInput if one can't be used.

        >>> requirements()["state/closed"].sentence
        'The answer to an accepted close says that the state is Closed.'
    """
    return installed(extension).requirements
