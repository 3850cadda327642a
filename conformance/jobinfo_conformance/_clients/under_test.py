"""A client under test as a source of evidence: it is run once for each way to answer it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._catalogue.of_clients import OF_CLIENTS
from jobinfo_conformance._clients.answers import (
    DEPARTURES,
    REFUSALS,
    USUAL,
    Answers,
    grouped,
    named_answers,
    together,
    variations,
)
from jobinfo_conformance._clients.certificates import Certificates, certificates
from jobinfo_conformance._clients.command import EXIT_OR_STDERR, Client, NoticedBy
from jobinfo_conformance._clients.places import READERS, VARIABLES
from jobinfo_conformance._clients.stand import Serving, Stand, stand
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._evidence.client_run import Answered, ClientRun, Ending
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._reference.jobs import Clock
from jobinfo_conformance._reference.service import utc_now
from jobinfo_conformance._subjects.client_runs import OF_REQUESTS, OF_RUNS
from jobinfo_conformance._targets.target import Progress, TargetUnusable

#: The version that a client is told unless the user says another.
USUAL_VERSION = Version(62)


@dataclass(frozen=True)
class Trying:
    """How a client is tried.

    ``version`` is what it is told, ``batch_seconds`` how long batches take, ``proxy`` whether it is led through a proxy.
    ``only`` names the ways to answer that are tried besides the usual one; None: all that ``natures`` has. ``clock`` is the
    reference's.
    """

    version: Version = USUAL_VERSION
    batch_seconds: float = 0
    proxy: bool = False
    noticed_by: NoticedBy = EXIT_OR_STDERR
    only: Sequence[str] | None = None
    natures: frozenset[Answered] = frozenset(Answered)
    progress: Progress | None = None
    clock: Clock = utc_now


class ClientUnderTest:
    """A client, which is run against the reference."""

    def __init__(self, name: str, client: Client, trying: Trying | None = None) -> None:
        self.name = name
        self._client = client
        self._trying = trying or Trying()
        self._numbers = count(1)
        self._total = 1

    def observe(self, _serializations: Sequence[Serialization], catalogue: Catalogue) -> Observation:
        """Run the client in every way. Raises TargetUnusable if it never asks anything, BadInput if it can't be started."""
        with certificates() as made:
            usual = self._run(USUAL, catalogue, made)
            runs = [usual, *self._others(usual, catalogue, made)]
        return observation_of(self.name, runs, self._trying.version, self._natures(catalogue))

    def _natures(self, catalogue: Catalogue) -> frozenset[Answered]:
        """How the client is answered besides the usual way."""
        names = self._trying.only
        return self._trying.natures if names is None else frozenset(found.answered for found in named_answers(names, catalogue))

    def _others(self, usual: ClientRun, catalogue: Catalogue, made: Certificates | None) -> Iterator[ClientRun]:
        trying = self._trying
        if not usual.is_telling:
            return  # what a client makes of other answers can't be told
        if trying.only is not None:
            tried = named_answers(trying.only, catalogue)
        else:
            groups = grouped(variations(catalogue), catalogue) if Answered.UNUSUALLY in trying.natures else []
            self._total += len(groups)
            for group in groups:
                yield from self._split(group, usual, catalogue, made)
            tried = tuple(answers for answers in (*REFUSALS, *DEPARTURES) if answers.answered in trying.natures)
        self._total += len(tried)
        for answers in tried:
            yield self._run(answers, catalogue, made, usual)

    def _split(
        self, group: Sequence[Answers], usual: ClientRun, catalogue: Catalogue, made: Certificates | None
    ) -> Iterator[ClientRun]:
        """Run a client on answers that are unusual in all ways of a group; where it fails, on fewer of them at once."""
        run = self._run(together(group), catalogue, made, usual)
        if len(group) == 1 or run.is_like(usual):
            yield run
            return
        middle = len(group) // 2
        parts = [found for part in (group[:middle], group[middle:]) for found in self._split(part, usual, catalogue, made)]
        yield from parts
        if all(part.is_like(usual) for part in parts):
            yield run  # only together do they trouble it

    def _run(
        self, answers: Answers, catalogue: Catalogue, made: Certificates | None, usual: ClientRun | None = None
    ) -> ClientRun:
        trying = self._trying
        if trying.progress is not None:
            number = next(self._numbers)
            trying.progress(number, max(number, self._total), answers.name)
        serves = Serving(trying.version, trying.batch_seconds, trying.proxy, made, trying.clock)
        unwanted = len(made.unwanted) if made else 0
        with stand(answers, catalogue, serves) as found:
            ending = self._client(found.place)
            run = replace(run_of(answers, found, ending), signs=trying.noticed_by.signs(ending))
            if usual is None and not found.recorder.was_asked:
                raise TargetUnusable(self._why_nothing_came(ending, found, made.unwanted[unwanted:] if made else []))
        return run if usual is None else replace(run, noticed=bool(run.signs - usual.signs))

    def _why_nothing_came(self, ending: Ending, found: Stand, unwanted: Sequence[str]) -> str:
        ended = (
            f"no end came within {ending.seconds:g} s"
            if ending.status is None
            else f"it ended with exit status {ending.status}"
        )
        ends = ending.shortened
        said = [line for line in found.recorder.in_text(ends.complaint or ends.output).splitlines() if line.strip()]
        last = f" and said: {in_line(said[-1].strip())}" if said else ""
        if unwanted:
            return (
                f"{self.name} refused the certificate of {unwanted[0]}: {ended}{last}. "
                f"Name the file in {VARIABLES['ca_file']} where the client looks for it: {READERS}"
            )
        if found.place.proxy_url is not None:
            return (
                f"{self.name} never connected: {ended}{last}. "
                "It did not use the proxy that HTTPS_PROXY names; set that in the client, or run it without --proxy"
            )
        return (
            f"{self.name} never connected: {ended}{last}. "
            f"Have it connect to {{base_url}}, which is also in {VARIABLES['base_url']}; docs/clients.md has the others"
        )


def natures_of(only: frozenset[str] | None) -> frozenset[Answered]:
    """How a client has to be answered to judge these requirements; None: in every way."""
    needed = {requirement.on for name, requirement in OF_CLIENTS.requirements.items() if only is None or name in only}
    return frozenset(nature for nature, kind in OF_RUNS.items() if kind in needed)


def run_of(answers: Answers, found: Stand, ending: Ending) -> ClientRun:
    """What a client was seen to do at a stand, now that it has ended."""
    steps, odd, ends = found.recorder.steps, found.odd, ending.shortened
    shown = replace(
        ends,
        output=found.recorder.in_text(ends.output),
        complaint=found.recorder.in_text(ends.complaint),
    )
    return ClientRun(
        answers.name,
        answers.answered,
        steps,
        shown,
        left=found.left(),
        refused=tuple(step for place, step in enumerate(steps) if place in odd),
        strayed=found.strayed,
    )


def observation_of(
    name: str, runs: Sequence[ClientRun], version: Version, natures: frozenset[Answered] = frozenset()
) -> Observation:
    """The observation of a client, from its runs; ``natures`` says how it was meant to be answered besides the usual way."""
    kinds = [kind.name for kind in (*OF_REQUESTS, *(kind for nature, kind in OF_RUNS.items() if nature in natures))]
    obstacle = _obstacle(runs[0])
    return Observation(
        name,
        tuple(History(run.steps, whole=True) for run in runs if run.steps),
        requests=sum(len(run.steps) for run in runs),
        serializations=tuple(Serialization),
        version=str(version),
        live=True,
        expected=frozenset(kinds),
        obstacles={(kind, form): obstacle for kind in kinds for form in Serialization},
        client_runs=tuple(runs),
    )


def _obstacle(usual: ClientRun) -> str:
    """Why a client does not show more than it does."""
    if usual.unserved:
        asked = usual.unserved[0].exchange.request
        return f"the client asked for what the reference does not serve, {asked.method} {asked.url.partition('?')[0]}"
    if usual.ending.status is None:
        return f"the client did not end within {usual.ending.seconds:g} s"
    if not usual.closes:
        return "the client connected and never closed a job"
    if usual.ending.status:
        return f"the client ended with exit status {usual.ending.status} although it was answered as usual"
    return "the client did nothing of the kind"
