"""Hypothesis, drawing by its seed alone.

By default it also draws constants that it finds in the user's own modules, and keeps those in a folder. A run has to be the
same for everybody, and leaves nothing behind.
"""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

_NAME = "jobinfo-conformance"
_permitted: dict[Any, list[Any]] = {}


class SeedAlone(HypothesisProvider):
    """Draws the constants that Hypothesis itself brings along, and no others."""

    def _maybe_draw_constant(self, choice_type: Any, constraints: Any, *, p: float = 0.05) -> Any:
        if self._random is None or self._random.random() > p:
            return None
        found = _own_constants(choice_type, constraints)
        # Twice, as Hypothesis does: once for where constants come from.
        return self._random.choice(self._random.choice([found])) if found else None


def _own_constants(choice_type: Any, constraints: Any) -> list[Any]:
    """Those of Hypothesis that some constraints permit."""
    try:
        from hypothesis.internal.conjecture.choice import choice_constraints_key, choice_permitted
        from hypothesis.internal.conjecture.providers import GLOBAL_CONSTANTS
    except ImportError:
        return []  # a later Hypothesis keeps them elsewhere: then none are drawn
    key = choice_type, choice_constraints_key(choice_type, constraints)
    if key not in _permitted:
        constants = GLOBAL_CONSTANTS.set_for_type(choice_type)
        _permitted[key] = [constant for constant in constants if choice_permitted(constant, constraints)]
    return _permitted[key]


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
