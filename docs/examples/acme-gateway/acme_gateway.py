"""What Acme's gateway promises beyond the Bulk API: a close may name a priority, and its answer confirms it."""

from collections.abc import Iterator
from dataclasses import replace

from jobinfo_conformance.extending import (
    MUST,
    Asked,
    Headers,
    History,
    Operation,
    Request,
    Response,
    Service,
    Stage,
    accepted_close,
    adaptation,
    documented,
    expect,
    fault,
    requirement,
    scenario,
    subject_kind,
)

PRIORITY = "X-Acme-Priority"


# What a requirement is about


@subject_kind("an accepted close that names a priority")
def prioritized_close(history: History) -> Iterator[Asked]:
    """Accepted closes whose requests name a priority."""
    return (asked for asked in accepted_close.find(history) if asked.step.exchange.request.headers.get(PRIORITY))


# The requirement


@requirement("acme/priority-confirmed", MUST, on=prioritized_close, source=documented("Acme Gateway, Priorities"))
def priority_confirmed(asked: Asked) -> None:
    """The answer to a close names the priority that the close asks for."""
    exchange = asked.step.exchange
    expect(exchange.request.headers.get(PRIORITY), exchange.response.headers.get(PRIORITY), f"{PRIORITY} header")


# What makes a live endpoint show it


@scenario("close a job with a high priority", requests=2, shows=[prioritized_close])
def close_with_priority(stage: Stage) -> None:
    """Create a job, and close it with a high priority."""
    job = stage.create()
    stage.send(stage.close_request(job).with_header(PRIORITY, "high"))


# How the reference implementation meets it, and how a fault breaks it


def prioritized(answer: Response, priority: str | None) -> Response:
    """The answer, confirming a priority if there is one."""
    others = answer.headers.without(PRIORITY)
    return replace(answer, headers=others if priority is None else Headers.of([*others, (PRIORITY, priority)]))


@adaptation
class Gateway(Service):
    """The reference implementation behind the gateway."""

    def answer(self, request: Request) -> Response:
        """Answer, and confirm the priority."""
        return prioritized(super().answer(request), request.headers.get(PRIORITY))


@fault(breaks="acme/priority-confirmed", on=Operation.CLOSE)
class EveryCloseIsNormal(Service):
    """The answer to a close says that its priority is normal, whatever was asked for."""

    def answer(self, request: Request) -> Response:
        """Answer, and confirm the normal priority."""
        return prioritized(super().answer(request), "normal" if request.headers.get(PRIORITY) else None)
