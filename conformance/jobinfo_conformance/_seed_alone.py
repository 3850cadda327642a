"""Makes Hypothesis draw from its seed alone.

By default it also draws constants that it finds in the user's own modules, and stores them in a folder. A run has to be the
same for everybody, and leave nothing behind.
"""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

_NAME = "jobinfo-conformance"
_permitted: dict[Any, list[Any]] = {}


class SeedAlone(HypothesisProvider):
    """Draws the constants that come with Hypothesis, and no others."""

    def _maybe_draw_constant(self, choice_type: Any, constraints: Any, *, p: float = 0.05) -> Any:
        if self._random is None or self._random.random() > p:
            return None
        constants = _own_constants(choice_type, constraints)
        # Two choices, as in Hypothesis: first a pool of constants, here the only one, then a constant.
        return self._random.choice(self._random.choice([constants])) if constants else None


def _own_constants(choice_type: Any, constraints: Any) -> list[Any]:
    """The constants of Hypothesis that the constraints permit."""
    try:
        from hypothesis.internal.conjecture.choice import choice_constraints_key, choice_permitted
        from hypothesis.internal.conjecture.providers import GLOBAL_CONSTANTS
    except ImportError:
        return []  # a later Hypothesis may keep them elsewhere: then draw none
    key = choice_type, choice_constraints_key(choice_type, constraints)
    if key not in _permitted:
        constants = GLOBAL_CONSTANTS.set_for_type(choice_type)
        _permitted[key] = [constant for constant in constants if choice_permitted(constant, constraints)]
    return _permitted[key]


AVAILABLE_PROVIDERS[_NAME] = SeedAlone


def drawing(max_examples: int, **more: Any) -> settings:
    """Settings that draw up to ``max_examples`` examples, without a deadline or a database, and never shorten one."""
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
