"""Whether an endpoint departs only now and then: the same request was answered otherwise elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from jobinfo_conformance._contract.ids import same_id
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._reproduction.trail import Trail


def answered_otherwise(places: Iterable[int], trail: Trail) -> bool:
    """Whether one of the steps at these places was answered otherwise than the same request in the same situation."""
    alike: dict[str, set[object]] = {}
    wanted = {place: _likeness(place, trail) for place in places}
    operations = {trail.steps[place].operation for place in wanted}
    for place, step in enumerate(trail.steps):
        if step.operation in operations and (likeness := _likeness(place, trail)) in wanted.values():
            alike.setdefault(likeness, set()).add(_said(step))
    return any(len(answers) > 1 for answers in alike.values())


def _likeness(place: int, trail: Trail) -> str:
    """What a request has in common with those to other jobs in the same situation: all but the ids."""
    request, job = trail.steps[place].exchange.request, trail.jobs[place]
    texts = (request.url, request.body.decode("latin-1"))
    pieces = [
        [piece if isinstance(piece, str) else (piece.length, piece.more) for piece in trail.ids.pieces(text, place)]
        for text in texts
    ]
    earlier = () if job is None else (other for other in trail.of_job[job] if other < place and trail.changes(other))
    return str((request.method, pieces, request.headers.pairs, [trail.steps[other].operation for other in earlier]))


def _said(step: Step) -> object:
    """What an answer says, without what differs from job to job."""
    findings = step.job_findings if step.answers_job else step.error_findings
    wrong = frozenset((finding.requirement, finding.where) for finding in findings)
    is_of_job = same_id(str(step.job.get("id")), step.job_id or "")
    return step.status, step.exchange.response.content_type, step.job.get("state"), is_of_job, wrong
