"""Each requirement, in each serialization, against what the target was seen to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobinfo_conformance._catalogue.catalogue import CataloguePlace


def test_requirement(jobinfo_place: CataloguePlace, jobinfo_judge: Callable[[CataloguePlace], None]) -> None:
    """The requirement holds wherever the evidence can show it."""
    jobinfo_judge(jobinfo_place)
