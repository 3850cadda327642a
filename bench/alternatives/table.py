"""The table of docs/alternatives.md, from the trials."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.alternatives.servers import Server, servers
from bench.alternatives.tools import SCHEMATHESIS, SUITE, TOOLS, Tool
from bench.alternatives.trials import Trial
from bench.documents import DOCS, write_between
from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._reference.faults.fault import Fault

_DOCUMENT = DOCS / "alternatives.md"


@dataclass(frozen=True)
class Compared:
    """The servers that both tools were tried on, with the trials of each tool by the names of the servers."""

    servers: Sequence[Server]
    trials: Mapping[str, Mapping[str, Trial]]
    versions: Mapping[str, str]

    @classmethod
    def of(cls, trials: Iterable[Trial]) -> Compared:
        """Keep the trials of the version of each tool that was tried last, of servers that each tool was tried on."""
        given = list(trials)
        versions = {trial.tool: trial.version for trial in given}
        by_tool = {
            tool.name: {
                trial.server: trial for trial in given if trial.tool == tool.name and trial.version == versions[trial.tool]
            }
            for tool in TOOLS
        }
        both = [server for server in servers() if all(server.name in tried for tried in by_tool.values())]
        return cls(both, by_tool, versions)

    def of_tool(self, tool: Tool, chosen: Iterable[Server]) -> list[Trial]:
        """The trials of a tool on some of the servers."""
        return [self.trials[tool.name][server.name] for server in chosen]

    def noticed(self, tool: Tool, chosen: Iterable[Server]) -> str:
        """How many of some servers a tool noticed: ``3 of 4``, and how many it did not finish."""
        found = self.of_tool(tool, chosen)
        cut = sum(trial.status is None for trial in found)
        return f"{sum(trial.noticed for trial in found)} of {len(found)}{f', {cut} not finished' if cut else ''}"

    @property
    def conforming(self) -> list[Server]:
        """The reference as it is."""
        return [server for server in self.servers if server.fault is None and server.manner is None]

    @property
    def unusual(self) -> list[Server]:
        """The reference in its manners."""
        return [server for server in self.servers if server.manner is not None]

    def faulty(self, *, any_bytes: bool) -> list[Server]:
        """The reference with faults of a kind: those that say something wrong, or those that send any bytes."""
        return [server for server in self.servers if server.fault and bool(_fault(server).says) is any_bytes]


def lines(trials: Iterable[Trial]) -> list[str]:
    """Return the tables, and which faults one of the tools alone noticed."""
    compared = Compared.of(trials)
    return [*_summary(compared), "", *_families(compared), *_only(compared)]


def write_tables(trials: Iterable[Trial]) -> None:
    """Write the tables into the document. Raises ValueError if it has no place for them."""
    write_between(_DOCUMENT, "comparison", "\n".join(lines(trials)))


def _summary(compared: Compared) -> Iterator[str]:
    """Yield the lines of the first table."""
    yield f"| | {' | '.join(f'{tool.name} {compared.versions[tool.name]}' for tool in TOOLS)} |"
    yield "|---|---|---|"
    for what, chosen in (
        ("faults noticed, of those that say or do something wrong", compared.faulty(any_bytes=False)),
        ("faults noticed, of those that send any bytes", compared.faulty(any_bytes=True)),
        ("false alarms on the reference, run after run", compared.conforming),
        ("false alarms on the reference in unusual manners", compared.unusual),
    ):
        if chosen:
            yield f"| {what} | {' | '.join(compared.noticed(tool, chosen) for tool in TOOLS)} |"
    if compared.conforming:
        for what, number in (("requests", "requests"), ("seconds", "seconds")):
            medians = (
                median(getattr(trial, number) for trial in compared.of_tool(tool, compared.conforming)) for tool in TOOLS
            )
            yield f"| {what} of a run on the reference, in the median | {' | '.join(f'{number:,.0f}' for number in medians)} |"
    yield ""
    faults, tried = len(BUILT_IN.faults), sum(server.fault is not None for server in compared.servers)
    yield f"Both were tried on {f'all {faults} faults' if tried == faults else f'{tried} of {faults} faults, drawn by lot'}."


def _families(compared: Compared) -> Iterator[str]:
    """Yield the lines of the table by family."""
    yield "| family | faults | " + " | ".join(tool.name for tool in TOOLS) + " |"
    yield "|---|---|---|---|"
    faulty = [server for server in compared.servers if server.fault]
    for family in dict.fromkeys(requirement.family for requirement in BUILT_IN.requirements.values()):
        chosen = [server for server in faulty if _fault(server).breaks.startswith(f"{family}/")]
        if chosen:
            noticed = (sum(trial.noticed for trial in compared.of_tool(tool, chosen)) for tool in TOOLS)
            yield f"| {family} | {len(chosen)} | {' | '.join(map(str, noticed))} |"


def _only(compared: Compared) -> Iterator[str]:
    """Yield which faults one tool alone noticed."""
    for tool, other in ((SCHEMATHESIS, SUITE), (SUITE, SCHEMATHESIS)):
        names = sorted(
            server.fault
            for server in compared.servers
            if server.fault
            and compared.trials[tool.name][server.name].noticed
            and not compared.trials[other.name][server.name].noticed
        )
        yield ""
        yield f"Noticed by {tool.name} alone: {', '.join(names) or 'none'}."


def _fault(server: Server) -> Fault:
    return BUILT_IN.faults[server.fault or ""]
