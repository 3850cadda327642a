"""Exchanges and jobs that are alike, of which one is judged: what holds for it holds for all of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jobinfo_conformance._alike import likeness
from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.ids import long_form
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._evidence.glance import glance
from jobinfo_conformance._evidence.har_reader import entry_of, exchange_of
from jobinfo_conformance._evidence.history import History, histories
from jobinfo_conformance._evidence.secrets import MARK
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Exchange, Headers, Request
from jobinfo_conformance._job_requests.legal_forms import VARIANTS
from jobinfo_conformance._job_requests.near_misses import NEAR_MISSES, UNKNOWN_ID
from jobinfo_conformance._judging import by_kind, findings_in, shown_in
from jobinfo_conformance._payloads import check
from jobinfo_conformance.generate import damages
from tests.bodies import documented_close
from tests.exchanges import CLOSED, CREATED, DONE, EMPTY, JOB_ID, JSON, XML, add_batch, at, close, create, of_job, read
from tests.recordings import entries_of, recorded
from tests.test_requirements import CASES

REQUIREMENTS = by_kind(BUILT_IN.requirements.values())
NUMBERS = [name for name in vars(JobInfo) if name.startswith("number_") or name.endswith("_time")]
OTHER = long_form("750000000000001")
#: What to do when two that are alike break different requirements.
NOT_ALIKE = (
    "a requirement looks at something that _evidence/glance.py leaves out: "
    "add a request's header to _VALUES there, an answer's to _Answered and to what _glance takes from it, "
    "and anything else to what Glance has"
)
#: Ways to rewrite a close: each legal form, and each fault.
REWRITINGS: dict[Serialization, list[Callable[[Request], Request]]] = {
    form: [
        *[variant.apply for variant in VARIANTS.values() if form in variant.form.serializations],
        *[miss.apply for miss in NEAR_MISSES.values() if form in miss.serializations],
    ]
    for form in Serialization
}
Change = Callable[[random.Random, JobInfo], dict[str, Any]]

#: Ways to change a job: a value of each kind that a requirement looks at.
CHANGES: list[Change] = [
    *[lambda draw, _job, name=name: {name: draw.choice([0, 1, 2, 10, 20, 30, 31, 5000])} for name in NUMBERS],
    lambda draw, _job: {"id": draw.choice([OTHER, JOB_ID[:15] + "AAA", "0" + JOB_ID[1:], UNKNOWN_ID])},
    lambda draw, _job: {"created_by_id": draw.choice(["00528000000ToIrAAA", "00128000000ToIrAAK", "00528000000ToJrAAK"])},
    lambda draw, _job: {"state": draw.choice(["Open", "Closed", "Aborted", "Failed"])},
    lambda draw, _job: {"api_version": draw.choice([Version(19), Version(36), Version(62)])},
    lambda draw, _job: {"system_modstamp": CREATED + timedelta(seconds=draw.choice([-1, 0, 1, 1000]))},
    lambda draw, _job: {"created_date": CREATED + timedelta(seconds=draw.choice([-1, 0, 1]))},
    lambda draw, _job: {"assignment_rule_id": draw.choice([None, "01Q28000000ToIrAAK", "01Q28000000ToIrAAA"])},
    lambda draw, _job: {"object": draw.choice(["Account", "Case", MARK])},
    lambda _draw, job: dict.fromkeys(NUMBERS, 0) if job.number_batches_total else {},
]


def drawn(draw: random.Random) -> Exchange:
    """A close or a read that is changed in up to four ways: its job, its request, and its answer."""
    form, job = draw.choice([XML, JSON]), draw.choice([CLOSED, DONE])
    for _ in range(draw.choice([0, 1, 1, 2])):
        job = job.replace(**draw.choice(CHANGES)(draw, job))
    exchange = draw.choice([close, close, read])(job, form)
    if draw.random() < 0.3 and exchange.request.method == "POST":
        apply = draw.choice(REWRITINGS[form])
        exchange = replace(exchange, request=apply(exchange.request))
    if draw.random() < 0.2:
        exchange = exchange.answered(status=draw.choice([200, 201, 202, 302, 400, 503]))
    if draw.random() < 0.2:
        media_type = draw.choice([XML.media_type, JSON.media_type, "text/xml", f"{form.media_type}; charset=utf-16"])
        exchange = exchange.answered(headers=Headers.of(draw.choice([[], [("Content-Type", media_type)], [("X", MARK)]])))
    return of_job(OTHER, exchange) if draw.random() < 0.1 else exchange


def broken(exchange: Exchange) -> frozenset[str]:
    """The requirements that an exchange by itself breaks, in its request too."""
    step = Step.of(exchange)
    assert step is not None
    asked = {f"asked {finding.requirement}" for finding in step.asked.findings}
    return frozenset(asked | {finding.requirement for finding in findings_in(History((step,)), REQUIREMENTS)})


def likeness_of(exchanges: Sequence[Exchange]) -> Hashable | None:
    """The likeness of exchanges as a recording has them."""
    seen = [glance(entry_of(entry)) for entry in entries_of(*exchanges)]
    return likeness([each for each in seen if each is not None]) if None not in seen else None


def alike(exchanges: list[Exchange]) -> dict[Hashable, set[frozenset[str]]]:
    """What exchanges break, by their likeness."""
    found: dict[Hashable, set[frozenset[str]]] = {}
    for exchange in exchanges:
        like = likeness_of([exchange])
        if like is not None:
            found.setdefault(like, set()).add(broken(read_back(exchange)))
    return found


def read_back(exchange: Exchange) -> Exchange:
    """An exchange as it is read from a recording."""
    [entry] = entries_of(exchange)
    return exchange_of(entry_of(entry), None)


def test_exchanges_that_are_alike_break_the_same_requirements() -> None:
    """However a job, a request and an answer are changed, and whatever the change breaks."""
    draw = random.Random(1)  # noqa: S311  # the same each time
    exchanges = [drawn(draw) for _ in range(3000)]
    exchanges += [exchange for case in CASES for exchange in (*case.good, *case.bad)]
    exchanges += [damage.exchange for form in (XML, JSON) for damage in damages(documented_close(form))]
    found = alike(exchanges)
    assert {like: sets for like, sets in found.items() if len(sets) > 1} == {}, NOT_ALIKE
    assert len({name for [names] in found.values() for name in names}) > 12
    assert len(found) < len(exchanges) / 3


def job_drawn(draw: random.Random) -> list[Exchange]:
    """A job from its create to a read after the close, of which up to three exchanges are changed, left out or sent twice."""
    form = draw.choice([XML, JSON])
    opened = DONE.replace(state="Open")
    exchanges = [create(EMPTY, form), add_batch(), read(opened, form), close(CLOSED, form), read(CLOSED, form)]
    for _ in range(draw.choice([0, 1, 1, 2, 3])):
        place = draw.randrange(len(exchanges))
        match draw.randrange(5):
            case 0:
                exchanges.insert(place, exchanges[place])
            case 1 if len(exchanges) > 1:
                del exchanges[place]
            case 2:
                exchanges[place] = exchanges[place].answered(status=draw.choice([200, 201, 202]))
            case _:
                job = draw.choice([opened, CLOSED])
                exchanges[place] = draw.choice([close, read])(job.replace(**draw.choice(CHANGES)(draw, job)), form)
    late = draw.choice([-1, -1, -1, *range(len(exchanges))])
    return [at(each, 10 * place, 20_000 * (place == late)) for place, each in enumerate(exchanges)]


def shown_by(exchanges: Sequence[Exchange]) -> tuple[frozenset[tuple[str, bool]], frozenset[tuple[object, int]]]:
    """What a job breaks, what can't be told of it, and how often it shows each kind of subject."""
    found = shown_in(histories(map(read_back, exchanges)), REQUIREMENTS)
    seen = Counter((kind.name, each.serialization) for kind, subjects in found.subjects.items() for each in subjects)
    return frozenset((each.requirement.id, bool(each.findings)) for each in found.judged), frozenset(seen.items())


def test_jobs_that_are_alike_break_the_same_requirements_and_show_as_much() -> None:
    """Whatever several exchanges show together: what was kept, what grew, and what came first."""
    draw = random.Random(1)  # noqa: S311  # the same each time
    found: dict[Hashable, set[Any]] = {}
    jobs = [job_drawn(draw) for _ in range(1500)]
    for job in jobs:
        like = likeness_of(job)
        if like is not None:
            found.setdefault(like, set()).add(shown_by(job))
    assert {like: shown for like, shown in found.items() if len(shown) > 1} == {}, NOT_ALIKE
    assert len({names for [(names, _)] in found.values()}) > 12
    assert len(found) < len(jobs) / 2


def test_what_is_refused_or_flawed_is_like_nothing() -> None:
    """Neither is a job whose exchanges overlap, nor one that is created again."""
    assert likeness_of([close(None)]) is None
    assert likeness_of([close().answered(body=b"<jobInfo/>")]) is None
    assert likeness_of([at(close(), 0, 1000), at(read(CLOSED), 0)]) is None
    assert likeness_of([at(create(), 0), at(create(), 1)]) is None
    assert likeness_of([at(create(), 0), at(close(), 1), at(read(CLOSED), 2)]) is not None


@pytest.mark.parametrize("form", [XML, JSON], ids=str)
def test_check_finds_one_wrong_exchange_among_many_that_are_alike(form: Serialization, tmp_path: Path) -> None:
    """A right answer that was met before does not hide a wrong one."""
    right = [of_job(long_form(f"750{number:012}"), close(form=form)) for number in range(20)]
    wrong = close(CLOSED.replace(number_retries=1), form)
    file = recorded(tmp_path / "recording.har", *right, wrong, *right)
    found = {checked.entry: [finding.requirement for finding, _ in checked.findings] for checked in check(file)}
    assert {entry: names for entry, names in found.items() if names} == {20: ["counters/zero-without-batches"]}
    assert len(found) == 41


@pytest.mark.parametrize(
    "secret", ["00D000000000001!AQEAQ.a.session.that.nobody.has.any.more", "a-key-of-a-gateway", "AccountOfSomebody"]
)
def test_check_finds_a_secret_in_an_answer_that_is_alike_otherwise(secret: str, tmp_path: Path) -> None:
    """As a whole, and as the name of an object in which the secret stands."""
    right = [of_job(long_form(f"750{number:012}"), close(CLOSED.replace(object=secret))) for number in range(5)]
    named = close(CLOSED.replace(object=secret))
    named = replace(named, request=named.request.with_header("X-SFDC-Session", secret))
    before, after = (
        {checked.entry: [finding.requirement for finding, _ in checked.findings] for checked in check(file)}
        for file in (recorded(tmp_path / "before.har", *right), recorded(tmp_path / "after.har", *right, named))
    )
    assert set(map(tuple, before.values())) == {()}
    assert set(map(tuple, after.values())) == {("errors/no-secrets",)}


@pytest.mark.parametrize(
    ("header", "sent"),
    [("X-SFDC-Session", "00Dabcdefghijkl"), ("x-sfdc-session", "***"), ("X-Echo", MARK), ("Set-Cookie", f"sid={MARK}")],
)
def test_check_finds_a_session_in_a_header_of_an_answer_that_is_alike_otherwise(header: str, sent: str, tmp_path: Path) -> None:
    """One that only the name of the header gives away, and one that was removed before, as in the requests."""
    named = [at(_in_session(sent, of_job(long_form(f"750{number:012}"), close())), number) for number in range(5)]
    shown = named[-1].answered(headers=Headers.of([*named[-1].response.headers, (header, sent)]))
    file = recorded(tmp_path / "recording.har", *named[:-1], shown)
    found = {checked.entry: [finding.requirement for finding, _ in checked.findings] for checked in check(file)}
    assert {entry: names for entry, names in found.items() if names} == {4: ["errors/no-secrets"]}


def _in_session(session: str, exchange: Exchange) -> Exchange:
    return replace(exchange, request=exchange.request.with_header("X-SFDC-Session", session))
