"""Verdicts: the order of outcomes, what they come to for a run, and whose fault an error in a check is."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from jobinfo_conformance.checks import CATALOGUE, Check, Violation
from jobinfo_conformance.checks.subjects import Subject
from jobinfo_conformance.contract.jobinfo import Unreadable
from jobinfo_conformance.contract.requirements import Level
from jobinfo_conformance.evidence.exchange import Exchange
from jobinfo_conformance.evidence.history import History
from jobinfo_conformance.evidence.observation import Observation
from jobinfo_conformance.results import error_row, results, row, run_info, worst_by_requirement
from jobinfo_conformance.verdicts import Outcome, Overall, judge, overall
from tests.conftest import Command
from tests.exchanges import CLOSED, CREATED, EMPTY, JSON, XML, close, create

MUST, SHOULD = Level.MUST, Level.SHOULD
IN_ORDER = ["not-applicable", "pass", "warn", "inconclusive", "fail", "error"]


def _seen(*steps: Exchange, live: bool = False) -> Observation:
    return Observation("a test", (History.of(steps, whole=True),), len(steps), (XML, JSON), live=live)


def _check(raises: Exception | None, level: Level = MUST) -> Check[Subject]:
    """The check of state/closed, but that it raises this."""
    real = CATALOGUE["state/closed"]

    def function(_: Subject) -> None:
        if raises is not None:
            raise raises

    return replace(real, requirement=replace(real.requirement, level=level), function=function)


@pytest.mark.parametrize(("better", "worse"), pairwise(IN_ORDER))
def test_each_outcome_is_worse_than_the_one_before(better: str, worse: str) -> None:
    """Not applicable, pass, warn, inconclusive, fail, error."""
    assert Outcome(better).badness < Outcome(worse).badness


def test_the_order_names_every_outcome() -> None:
    """There is no outcome beside those six."""
    assert [outcome.value for outcome in Outcome] == IN_ORDER


@pytest.mark.parametrize(("better", "worse"), combinations(IN_ORDER, 2))
def test_the_worst_wins_over_both_serializations(better: str, worse: str) -> None:
    """One requirement has two rows, and the worse of them is its outcome, whichever comes first."""
    good, bad = [error_row("state/closed", None, "") | {"outcome": outcome} for outcome in (better, worse)]
    assert worst_by_requirement([good, bad]) == worst_by_requirement([bad, good]) == {"state/closed": worse}  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("rows", "live", "verdict", "status"),
    [
        ([("pass", MUST)], True, "conformant", 0),
        ([("pass", MUST), ("warn", SHOULD), ("not-applicable", MUST)], True, "conformant", 0),
        ([("pass", MUST), ("fail", MUST)], True, "not-conformant", 1),
        ([("pass", MUST), ("inconclusive", MUST)], True, "inconclusive", 3),
        ([("pass", MUST), ("inconclusive", MUST)], False, "conformant", 0),
        ([("pass", MUST), ("inconclusive", SHOULD)], True, "conformant", 0),
        ([("warn", SHOULD)], False, "conformant", 0),
        ([], False, "inconclusive", 3),
        ([("not-applicable", MUST)], False, "inconclusive", 3),
        ([("not-applicable", MUST)], True, "inconclusive", 3),
        ([("inconclusive", SHOULD)], True, "inconclusive", 3),
        ([("inconclusive", MUST)], False, "inconclusive", 3),
        ([("inconclusive", MUST), ("fail", SHOULD)], True, "not-conformant", 1),
        ([("inconclusive", MUST), ("fail", MUST), ("error", SHOULD)], True, "error", 4),
        ([("error", SHOULD)], False, "error", 4),
    ],
)
def test_outcomes_come_to_one_verdict(rows: list[tuple[str, Level]], live: bool, verdict: str, status: int) -> None:  # noqa: FBT001
    """An error before a failure, a failure before a gap, and nothing tested is never conformant."""
    found = overall([(Outcome(outcome), level) for outcome, level in rows], live=live)
    assert (found.value, found.exit_status) == (verdict, status)


def test_an_error_beside_the_requirements_is_an_error_of_the_run() -> None:
    """Where the suite itself failed, requirements that pass make no conformant run."""
    observation = _seen(close())
    passed = [row(judge(CATALOGUE["state/closed"], XML, observation))]
    info = run_info(observation)
    assert results(passed, info, started=CREATED, seconds=1)["verdict"] == Overall.CONFORMANT.value
    assert results(passed, info, started=CREATED, seconds=1, suite_errors=True)["verdict"] == Overall.ERROR.value


def test_what_was_not_selected_is_in_the_results_and_not_applicable() -> None:
    """A run of one requirement lists them all, and says of the others that they were not asked for."""
    observation = _seen(close())
    rows = results([row(judge(CATALOGUE["state/closed"], XML, observation))], run_info(observation), started=CREATED, seconds=1)
    assert {one["id"] for one in rows["requirements"]} == set(CATALOGUE)
    others = {(one["outcome"], one["reason"]) for one in rows["requirements"] if one["id"] != "state/closed"}
    assert others == {("not-applicable", "not selected in this run")}


@pytest.mark.parametrize(
    ("level", "strict", "outcome"),
    [(MUST, False, "fail"), (MUST, True, "fail"), (SHOULD, False, "warn"), (SHOULD, True, "fail")],
)
def test_a_should_that_does_not_hold_fails_only_under_strict(level: Level, strict: bool, outcome: str) -> None:  # noqa: FBT001
    """A MUST fails with and without."""
    verdict = judge(_check(Violation("a", "b", "state"), level), XML, _seen(close()), strict=strict)
    assert (verdict.outcome, verdict.reason) == (outcome, "1 of 1 case")


def test_a_should_that_holds_passes_under_strict() -> None:
    """Strict changes nothing about what holds, nor about what was not shown."""
    assert judge(_check(None, SHOULD), XML, _seen(close()), strict=True).outcome is Outcome.PASS
    assert judge(_check(None, SHOULD), XML, _seen(create()), strict=True).outcome is Outcome.NOT_APPLICABLE


def test_one_failure_among_many_cases_fails() -> None:
    """The verdict counts the cases, and keeps only the problem with its exchange."""
    bad = close(EMPTY)
    verdict = judge(CATALOGUE["state/closed"], XML, _seen(close(), bad, close()))
    assert (verdict.outcome, verdict.reason) == (Outcome.FAIL, "1 of 3 cases")
    assert [(one.expected, one.got, one.exchanges) for one in verdict.problems] == [("Closed", "Open", (bad,))]


def test_a_failure_outweighs_what_could_not_be_read() -> None:
    """A case that can't be judged hides no case that is wrong."""
    unreadable = close(answer=close().response.body.replace(b">Closed<", b"><"))  # type: ignore[union-attr]
    verdict = judge(CATALOGUE["state/closed"], XML, _seen(unreadable, close(EMPTY)))
    assert (verdict.outcome, verdict.reason) == (Outcome.FAIL, "1 of 2 cases")


def test_what_a_check_can_not_read_is_inconclusive_and_says_why() -> None:
    """The reason is the check's own."""
    verdict = judge(_check(Unreadable("state is not there or can't be read")), XML, _seen(close()))
    assert (verdict.outcome, verdict.reason) == (Outcome.INCONCLUSIVE, "state is not there or can't be read")


@pytest.mark.parametrize("serialization", [JSON, None])
def test_a_serialization_that_is_not_offered_is_not_applicable(serialization: None) -> None:
    """So is a requirement about both at once; that is no failure and no pass."""
    only_xml = Observation("a test", (History.of([close(), close(form=JSON)]),), 2, (XML,))
    verdict = judge(_check(Violation("a", "b", "c")), serialization, only_xml)
    assert (verdict.outcome, verdict.reason) == (Outcome.NOT_APPLICABLE, "the run is without json")


@pytest.mark.parametrize("error", [RuntimeError("broken"), AssertionError("broken"), KeyError("broken"), ValueError("broken")])
def test_an_exception_in_a_check_is_no_verdict_on_the_target(error: Exception) -> None:
    """It goes on to whoever runs the suite."""
    with pytest.raises(type(error), match="broken"):
        judge(_check(error), XML, _seen(close()))


OWN_CONFTEST = """
from dataclasses import replace
from jobinfo_conformance.checks import CATALOGUE, Violation

def function(subject):
    {statement}

CATALOGUE["state/closed"] = replace(CATALOGUE["state/closed"], function=function)
"""
RAISES_ERROR = 'raise RuntimeError("the check is broken")'
RAISES_VIOLATION = 'raise Violation("a", "b", "state")'


@pytest.mark.parametrize(
    ("statement", "report", "own", "status"),
    [
        (RAISES_ERROR, "taken", "assert False", 4),
        (RAISES_VIOLATION, "taken", "assert False", 2),
        (RAISES_VIOLATION, "free", "assert True", 1),
        ("return", "free", "assert False", 1),
        ("return", "free", "assert True", 0),
    ],
    ids=["error-4", "no-report-2", "not-conformant-1", "own-failure-1", "conformant-0"],
)
def test_the_worst_of_several_statuses_is_that_of_the_run(  # noqa: PLR0913
    statement: str, report: str, own: str, status: int, run_pytest: Command, tmp_path: Path
) -> None:
    """An error of the suite, then a report that can't be written, then what fails."""
    (tmp_path / "conftest.py").write_text(OWN_CONFTEST.format(statement=statement))
    (tmp_path / "test_own.py").write_text(f"def test_closed():\n    {own}\n")
    (tmp_path / "taken").write_text("a file, not a folder")
    suite = "jobinfo_conformance.suite.test_requirements"
    done = run_pytest("--pyargs", suite, "test_own.py", "-k", "closed and not not-closable", f"--jobinfo-report={report}")
    assert done.returncode == status, done.stdout
    assert ("no report in taken: File exists" in done.stdout) == (report == "taken")
    assert ("RuntimeError: the check is broken" in done.stdout) == (statement == RAISES_ERROR)


def test_an_exception_in_a_check_is_an_error_of_the_suite(run_pytest: Command, tmp_path: Path) -> None:
    """The requirement's outcome is an error with the exception for its reason, and the run's verdict too: never a failure."""
    (tmp_path / "conftest.py").write_text(OWN_CONFTEST.format(statement=RAISES_ERROR))
    suite = "jobinfo_conformance.suite.test_requirements"
    done = run_pytest("--pyargs", suite, "-k", "state/closed", "--tb=no")
    assert "ERROR state/closed (MUST, json): The answer to a close that is accepted says" in done.stdout
    assert "\n  RuntimeError: the check is broken\n" in done.stdout
    assert "\nerror: 0 of 58 requirements tested, 0 pass" in done.stdout.replace(f"of {len(CATALOGUE)}", "of 58")
    assert done.returncode == 4


def test_nothing_selected_is_not_conformant(command: Command) -> None:
    """A run whose selection is empty tested nothing, and exits 3."""
    done = command("run", "--", "-k", "no_such_test")
    assert done.returncode == 3, done.stdout


def test_nothing_applicable_is_not_conformant(command: Command) -> None:
    """A run of requirements that the evidence can't show is inconclusive."""
    done = command("run", "--serialization", "xml", "--", "-k", "state/closed-json")
    assert done.stdout.endswith("\ninconclusive: 0 of 58 requirements tested, 0 pass\n".replace("58", str(len(CATALOGUE))))
    assert done.returncode == 3


def test_a_job_that_says_closed_is_what_the_cases_start_from() -> None:
    """The real check passes on it: the failures above are those of the fakes."""
    assert CLOSED.state == "Closed"
    assert judge(CATALOGUE["state/closed"], XML, _seen(close())).outcome is Outcome.PASS
