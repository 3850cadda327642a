"""The suite against itself, with generated payloads: what is whole passes, what is damaged once is noticed.

A failure here is an error of the suite, never of the target.
"""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from jobinfo_conformance.checks import CATALOGUE
from jobinfo_conformance.contract.jobinfo import JobInfo
from jobinfo_conformance.contract.readers import read
from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.contract.schemas import Body, schema_findings
from jobinfo_conformance.contract.writers import write
from jobinfo_conformance.evidence.exchange import Exchange
from jobinfo_conformance.evidence.history import History, Operation
from jobinfo_conformance.evidence.observation import Observation
from jobinfo_conformance.generate import Damage, closes, damages, jobs
from jobinfo_conformance.verdicts import problems_in, problems_of

BOTH = pytest.mark.parametrize("serialization", list(Serialization), ids=str)
QUICK = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # a failure is the suite's own, and no user should wait for it to be shortened
    suppress_health_check=[HealthCheck.too_slow],
)


def _broken(exchange: Exchange) -> set[str]:
    return {requirement.id for requirement, _ in problems_in(History.of([exchange]))}


def _noticed(damage: Damage) -> bool:
    # As of a live endpoint: of a stranger's recording some is not said, as a 5xx to a request without a fault.
    return bool(problems_of(CATALOGUE[damage.requirement], History.of([damage.exchange], whole=True)))


@BOTH
@QUICK
@given(job=jobs())
def test_a_written_job_fits_the_schema_and_reads_back_equal(serialization: Serialization, job: JobInfo) -> None:
    """Whatever job is written, its body fits the schema and says the same job."""
    reading = read(write(job, serialization))
    assert schema_findings(reading, Body.JOB_INFO) == ()
    expected = job if serialization is Serialization.JSON else job.replace(fast_path_enabled=None)
    assert JobInfo.of(reading) == expected


@BOTH
@QUICK
@given(data=st.data())
def test_a_conformant_close_is_not_objected_to(serialization: Serialization, data: st.DataObject) -> None:
    """Every requirement holds for a conformant exchange in any legal form."""
    assert _broken(data.draw(closes(serialization))) == set()


@BOTH
@QUICK
@given(data=st.data())
def test_one_damage_to_a_conformant_close_is_noticed(serialization: Serialization, data: st.DataObject) -> None:
    """A generated exchange, damaged once, breaks the requirement that the damage is about."""
    damage = data.draw(st.sampled_from(list(damages(data.draw(closes(serialization))))))
    assert _noticed(damage), damage.name


@BOTH
def test_one_damage_to_an_answer_of_the_target_is_noticed(
    serialization: Serialization, jobinfo_observation: Observation
) -> None:
    """The target's own answer to a close, damaged once, breaks the requirement that the damage is about."""
    exchange = _conformant_close(serialization, jobinfo_observation)
    unnoticed = [one.name for one in damages(exchange) if not _noticed(one)]
    assert unnoticed == []


def _conformant_close(serialization: Serialization, observation: Observation) -> Exchange:
    """The first close of the target in a serialization that nothing is wrong with."""
    for history in observation.histories:
        for step in history.steps:
            asked = step.operation is Operation.CLOSE and step.requested_serialization is serialization
            if asked and step.answers_job and step.answer.serialization is serialization and not _broken(step.exchange):
                return step.exchange
    pytest.skip(f"the target shows no close in {serialization} that could be damaged: each is faulty, or there is none")
