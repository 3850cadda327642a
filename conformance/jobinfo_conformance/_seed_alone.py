"""Hypothesis, drawing by its seed alone.

By default it also draws constants that it finds in the user's own modules, and keeps those in a folder. A run has to be the
same for everybody, and leaves nothing behind.
"""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

_NAME = "jobinfo-conformance"


class SeedAlone(HypothesisProvider):
    """Draws no constants."""

    def _maybe_draw_constant(self, *_: Any, **__: Any) -> None:
        return None


AVAILABLE_PROVIDERS[_NAME] = SeedAlone


def drawing(max_examples: int, **more: Any) -> settings:
    """Settings that draw so many examples, depend on no time, keep nothing and shorten nothing."""
    return settings(
        backend=_NAME,
        max_examples=max_examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        **more,
    )
