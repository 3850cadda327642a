"""A client under test in its own test suite: an address to connect to, and a judgement at the end, without a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jobinfo_conformance._catalogue.of_clients import OF_CLIENTS
from jobinfo_conformance._clients.answers import USUAL
from jobinfo_conformance._clients.certificates import certificates
from jobinfo_conformance._clients.stand import Serving, Stand, stand
from jobinfo_conformance._clients.under_test import USUAL_VERSION, observation_of, run_of
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._evidence.client_run import Ending
from jobinfo_conformance._reports.problem_text import told
from jobinfo_conformance._results.results import Outcome
from jobinfo_conformance._run import Run
from jobinfo_conformance._settings import Settings


class ClientFails(Exception):
    """What a client sent is wrong; the message tells a reader everything."""


@contextmanager
def served_client(version: Version = USUAL_VERSION) -> Iterator[Stand]:
    """Serve the reference while a client is tested."""
    with certificates() as made, stand(USUAL, OF_CLIENTS, Serving(version, certificates=made)) as found:
        yield found


def expect_conformant(name: str, found: Stand, *, strict: bool = False, requirements: str | None = None) -> None:
    """Judge what a client sent, by the set of requirements that is named or by all.

    Raises ClientFails if a MUST does not hold, with ``strict`` also if a SHOULD does not, or if no request came.
    """
    run = run_of(USUAL, found, Ending(0, 0))
    if not found.recorder.was_asked:
        raise ClientFails(f"no request came to {found.place.base_url}")
    settings = Settings.for_client(strict=strict, requirements=requirements)
    judging = Run(None, settings)
    judging.observation = observation_of(name, [run], found.place.version)
    results = judging.concluded([judging.judge(place) for place in settings.catalogue.places])
    failing = [f"{each.outcome.upper()} {each.text}" for each in told(results) if each.outcome is Outcome.FAIL]
    if failing:
        raise ClientFails("\n\n".join(failing))
