"""What GitHub Actions gets of a run by itself: annotations, and the summary and the outputs of the step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._reports.problem_text import Told, told
from jobinfo_conformance._reports.sentences import title
from jobinfo_conformance._reports.summary import as_summary
from jobinfo_conformance._reports.tally import Tally
from jobinfo_conformance._results.results import Outcome, Results

#: GitHub shows this many annotations of each kind in a step; if there are more, the last one says how many.
_MOST = 10
_COMMANDS: Mapping[str, str] = {Outcome.ERROR: "error", Outcome.FAIL: "error", Outcome.WARN: "warning"}


def told_to_github(results: Results, environment: Mapping[str, str]) -> Iterator[str]:
    """In a step of GitHub Actions, append the summary and the outputs of the step, and yield the lines to print there."""
    if environment.get("GITHUB_ACTIONS") != "true":
        return
    yield from workflow_commands(results)
    texts = {
        "GITHUB_STEP_SUMMARY": ("summary", as_summary(results) + "\n"),
        "GITHUB_OUTPUT": ("outputs", "".join(f"{name}={value}\n" for name, value in outputs(results).items())),
    }
    for variable, (what, text) in texts.items():
        try:
            _append(environment.get(variable), text)
        except OSError as error:
            yield f"jobinfo-conformance: the {what} of the step can't be written: {error.strerror}"


def workflow_commands(results: Results) -> Iterator[str]:
    """Yield a workflow command for each problem and each error of the suite, but no more of a kind than GitHub shows.

    Known failures have none. Whatever else fails the run comes first.
    """
    for objection in results.objections:
        yield f"::error title=jobinfo-conformance::{_data(in_line(objection))}"
    annotations = [
        (Outcome.ERROR, title(judgement), f"{in_line(judgement.sentence)}\n{in_line(judgement.reason)}")
        for judgement in results.requirements
        if judgement.outcome is Outcome.ERROR
    ]
    annotations += [(each.outcome, each.title, _message(each)) for each in told(results)]
    for command in ("error", "warning"):
        of_kind = [(name, message) for outcome, name, message in annotations if _COMMANDS[outcome] == command]
        shown = of_kind if len(of_kind) <= _MOST else of_kind[: _MOST - 1]
        for name, message in shown:
            yield f"::{command} title={_property(name)}::{_data(message)}"
        if len(of_kind) > len(shown):
            yield f"::{command} title=jobinfo-conformance::and {len(of_kind) - len(shown)} more: see the report"


def outputs(results: Results) -> dict[str, object]:
    """The outputs of the step: the verdict, how many requirements have which outcome, and how many problems there are."""
    tally = Tally.of(results.requirements)
    return {
        "verdict": results.verdict,
        "tested": tally.tested,
        "passed": tally.counts.get(Outcome.PASS, 0),
        "warned": tally.counts.get(Outcome.WARN, 0),
        "failed": tally.counts.get(Outcome.FAIL, 0),
        "known": tally.known,
        "problems": len(results.problems),
    }


def _append(path: str | None, text: str) -> None:
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)


def _message(each: Told) -> str:
    finding = each.problem.finding
    lines = [each.head.sentence, f"{finding.message}, in {finding.where}", *(f"so also {line}" for line in each.following())]
    return "\n".join(map(in_line, lines))


def _data(text: str) -> str:
    """Escape a message for a workflow command, by GitHub's own rules."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
