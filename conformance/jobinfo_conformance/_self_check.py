"""The suite against itself, with generated payloads: conformant ones pass, and every single damage is noticed.

An error here is the suite's, never the target's. Only built-in requirements judge, whatever extensions a run has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, wraps

from hypothesis import given
from hypothesis import strategies as st

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.schema_findings import schema_findings
from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import TIMES_SINCE
from jobinfo_conformance._contract.writer import write
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._judging import broken_in, by_kind, findings_in
from jobinfo_conformance._seed_alone import drawing
from jobinfo_conformance.generate import Damage, closes, damages, jobs

REQUIREMENTS = by_kind(BUILT_IN.requirements.values())
#: How many damages to an answer of the target are tried for each requirement.
MOST_DAMAGES = 2
#: Few examples, and none is shortened: a failure is the suite's own, and no user should have to wait for it.
QUICK = drawing(6, derandomize=True)
#: For the check that has to find all damages to each exchange; it then tries this many of them.
QUICKER, DAMAGES_EACH = drawing(2, derandomize=True), 5


class NothingToCheck(Exception):
    """The target shows nothing on which a check of the suite could be tried; the message says what is missing."""


Check = Callable[[Serialization, Observation], None]


def once(check: Callable[[Serialization], None]) -> Check:
    """Have a check in which no target has a part pass once in a process: it finds the same each time."""
    passed = cache(check)

    @wraps(check)
    def checked(form: Serialization, _observation: Observation) -> None:
        passed(form)

    return checked


@once
def written_jobs_read_back_equal(form: Serialization) -> None:
    """The body that is written for a job fits the schema, and reads back as the same job."""

    @QUICK
    @given(job=jobs())
    def check(job: JobInfo) -> None:
        reading = read(write(job, form))
        assert schema_findings(reading, Body.JOB_INFO) == ()
        assert JobInfo.of(reading) == (job if form is Serialization.JSON else job.replace(fast_path_enabled=None))

    check()


@once
def conformant_closes_pass(form: Serialization) -> None:
    """Every requirement holds for a conformant exchange in any legal form."""

    @QUICK
    @given(exchange=closes(form))
    def check(exchange: Exchange) -> None:
        assert broken(exchange) == set()

    check()


@once
def damaged_closes_are_noticed(form: Serialization) -> None:
    """A generated exchange with a single damage breaks the requirement that the damage is about."""

    @QUICKER
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        found = st.sampled_from(list(damages(data.draw(closes(form)))))
        for damage in data.draw(st.lists(found, min_size=DAMAGES_EACH, max_size=DAMAGES_EACH)):
            assert is_noticed(damage), damage.name

    check()


def damaged_answers_of_the_target_are_noticed(form: Serialization, observation: Observation) -> None:
    """The target's own answer to a close, with a single damage, breaks the requirement that the damage is about."""
    by_requirement: dict[str, list[Damage]] = {}
    for damage in damages(_conformant_close(form, observation)):
        by_requirement.setdefault(damage.requirement, []).append(damage)
    # As many for each requirement as a user has time for; the project's own tests try all.
    tried = [damage for several in by_requirement.values() for damage in several[:: -(-len(several) // MOST_DAMAGES)]]
    unnoticed = [damage.name for damage in tried if not is_noticed(damage)]
    assert unnoticed == []


CHECKS: Mapping[str, Check] = {
    check.__name__: check
    for check in (
        written_jobs_read_back_equal,
        conformant_closes_pass,
        damaged_closes_are_noticed,
        damaged_answers_of_the_target_are_noticed,
    )
}


def self_check(observation: Observation) -> Iterator[str]:
    """Yield each error of the suite itself, with its traceback."""
    import traceback

    for name, check in CHECKS.items():
        for form in Serialization:
            try:
                check(form, observation)
            except NothingToCheck:
                continue
            except Exception as error:  # noqa: BLE001  # whatever breaks here is the suite's failure, and has to be reported
                yield f"{name} ({form}): {''.join(traceback.format_exception(error))}"


def broken(exchange: Exchange) -> set[str]:
    """Return the ids of the requirements that an exchange breaks by itself."""
    return broken_in(History.of([exchange]), REQUIREMENTS)


def is_noticed(damage: Damage) -> bool:
    """Whether the requirement that a damage is about no longer holds."""
    # As on a live endpoint: a stranger's recording is forgiven some things, such as a 5xx to a request without a fault.
    history = History.of([damage.exchange], whole=True)
    return bool(findings_in(history, by_kind([BUILT_IN.requirements[damage.requirement]])))


def _conformant_close(form: Serialization, observation: Observation) -> Exchange:
    """Return the target's first close in a serialization with which nothing is wrong. Raises NothingToCheck."""
    for history in observation.histories:
        for step in history.steps:
            asked = step.operation is Operation.CLOSE and step.requested_serialization is form
            readable = asked and step.answers_job and step.answer.serialization is form
            if readable and _has_one_version(step) and not broken(step.exchange):
                return step.exchange
    raise NothingToCheck(f"the target shows no faultless close in {form} that could be damaged")


def _has_one_version(step: Step) -> bool:
    """Whether the URI's version and the job's own call for the same fields; if not, damage may turn one into the other."""
    return (step.version < TIMES_SINCE) is (step.job.get("apiVersion", step.version) < TIMES_SINCE)
