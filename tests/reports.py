"""Results of exchanges, without a run of the suite around them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.writer import write
from jobinfo_conformance._evidence.history import histories
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._judging import unjudged
from jobinfo_conformance._results.results import Judgement, Outcome, Results
from jobinfo_conformance._run import Run
from jobinfo_conformance._settings import Settings
from tests.exchanges import CLOSED, JSON, close, read

#: What a stranger's server may put into a body: markup, an end of a fence, a workflow command, a turn of the writing.
HOSTILE = (
    '</pre><script>window.hacked = 1</script><img src="http://127.0.0.1:9/x">```\n::error::hacked \u202e\x1b[31m%0A [a](b)'
)


def report(
    *exchanges: Exchange,
    broken: Collection[str] = (),
    only: Collection[str] = tuple(BUILT_IN.requirements),
    target: str = "a.har",
    left_open: tuple[str, ...] = (),
) -> Results:
    """The results on exchanges: the checks of ``broken`` failed themselves in JSON, and ``only`` these were selected."""
    run = Run(target, Settings(BUILT_IN, only=frozenset(only)))
    run.observation = Observation(
        target, tuple(histories(exchanges)), len(exchanges), tuple(Serialization), version="36.0", left_open=left_open
    )
    errors = [_error(name) for name in broken]
    run.errors += [f"{error.name}: {error.reason}" for error in errors]
    return run.concluded([*map(run.judge, BUILT_IN.places), *errors])


def _error(name: str) -> Judgement:
    """What becomes of a requirement whose check fails itself in JSON."""
    reason = f"KeyError: {HOSTILE!r}"
    return replace(unjudged(BUILT_IN.requirements[name], JSON, reason), outcome=Outcome.ERROR)


def judgement_on(results: Results, name: str, serialization: Serialization | None) -> Judgement:
    """The judgement on a requirement in a serialization."""
    [found] = [one for one in results.requirements if (one.id, one.serialization) == (name, serialization)]
    return found


def hostile_close() -> Exchange:
    """A close that is answered Open, in an answer that would do harm wherever it is shown as it is."""
    body = write(CLOSED.replace(state="Open", object=HOSTILE, id=f"7500K00000EVfY2{HOSTILE}"), JSON)
    return close(form=JSON, answer=body)


def faulty() -> Results:
    """Failures and warnings in both serializations, what passes, what was not tested, and an error of the suite."""
    wrong = CLOSED.replace(state="Open", id=CLOSED.id[:15] + "AAA")
    return report(close(wrong), hostile_close(), read(form=JSON), broken=["http/status-200"], target=f"a.har {HOSTILE}")
