"""identity: a returned job is the one that was created and asked for."""

from jobinfo_conformance._catalogue.requirement import MUST, READING, SHOULD, documented, inferred, recorded, requirement
from jobinfo_conformance._checks.expectations import IDS, comparable, expect
from jobinfo_conformance._contract.ids import JOB_PREFIX, USER_PREFIX, is_id, long_form, same_id
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._finding import Unreadable, violation
from jobinfo_conformance._subjects.created_jobs import created_job, job_of_known_version, named_job
from jobinfo_conformance._subjects.several_jobs import creates_one_after_another, have_one_id
from jobinfo_conformance._subjects.single_exchanges import job_info
from jobinfo_conformance._subjects.subject import Answer, ExpectedAnswer, TwoCreates


@requirement(
    "identity/unique-ids",
    MUST,
    on=creates_one_after_another,
    bearing=READING,  # what is said of a job may be said of another
    source=inferred("15 characters name one job"),
    because="An id that two jobs share names neither.",
)
def unique_ids(creates: TwoCreates) -> None:
    """No create answers an id that another job has, nor one that is alike in its first 15 characters."""
    if have_one_id(creates):
        earlier = creates.earlier.job_id
        raise violation(f"an id unlike {earlier}, which is that of another job", creates.step.job_id, "id")


@requirement(
    "identity/id-is-the-jobs",
    MUST,
    on=named_job,
    source=inferred("15 and 18 characters name the same job"),
    because="An answer about another job answers another question.",
)
def id_is_the_jobs(answer: ExpectedAnswer) -> None:
    """id is that of the job named in the URI or, after a create, in the Location header."""
    if not same_id(answer.job.id, str(answer.expected["id"])):
        raise violation(answer.expected["id"], answer.job.id, "id")


@requirement("identity/settings-kept", MUST, on=created_job, source=inferred("no request changes the settings of a job"))
def settings_kept(answer: ExpectedAnswer) -> None:
    """A job keeps its operation, object, external id field, concurrency mode, content type, assignment rule and creator."""
    for name, expected in answer.expected.items():
        got = answer.job.value(name)
        if comparable(name, got) != comparable(name, expected):
            raise violation(expected, got, name)


@requirement(
    "identity/api-version",
    MUST,
    on=job_of_known_version,
    source=documented("JobInfo, apiVersion"),
    also=(recorded("a later URI of another version leaves apiVersion as it was"),),
)
def api_version(answer: ExpectedAnswer) -> None:
    """apiVersion is the version that the job was created with, whatever version a later URI names."""
    expect(answer.expected["apiVersion"], answer.job.api_version, "apiVersion")


@requirement("identity/id-checksum", SHOULD, on=job_info, source=recorded("175 of 175 ids"))
def id_checksum(answer: Answer) -> None:
    """The last three characters of an id are the checksum of the first 15."""
    for name in IDS:
        value = answer.job.get(name) if JobInfo.FIELDS[name].optional else answer.job.value(name)
        if value is not None and not is_id(value):
            raise Unreadable(name)
        if value is not None:
            expect(long_form(value), value, name)


@requirement("identity/id-prefix", SHOULD, on=job_info, source=recorded("every recorded job"))
def id_prefix(answer: Answer) -> None:
    """Job ids start with 750, user ids with 005."""
    for name, value, prefix in (("id", answer.job.id, JOB_PREFIX), ("createdById", answer.job.created_by_id, USER_PREFIX)):
        if not value.startswith(prefix):
            raise violation(f"an id that begins with {prefix}", value, name)
