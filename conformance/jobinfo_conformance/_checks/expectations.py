"""Assertions that checks make."""

from __future__ import annotations

from collections.abc import Iterable

from jobinfo_conformance._contract.ids import short_form
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._finding import Finding, Unreadable, Violation, violation
from jobinfo_conformance._subjects.created_jobs import KEPT

#: The fields that are ids.
IDS = ("id", "createdById", "assignmentRuleId")


def expect(expected: object, got: object, where: str) -> None:
    """Raise Violation if two values differ. ``where`` names a field, a header or ``status``."""
    if got != expected:
        raise violation(expected, got, where)


def status_and_code(step: Step) -> str:
    """The answer in a few words: its status, and the code if it is an error."""
    code = step.error_code if step.refused else None
    return f"{step.status}" if code is None else f"{step.status} {code}"


def expect_same(earlier: Step, later: Step, *names: str) -> None:
    """Raise Violation, in the words of the answers, with each of these fields of the job in which two of them differ.

    Raises Unreadable if a field that every answer has is missing in one of them, or can't be read.
    """
    _expect_none_different(earlier, later, [name for name in names if _value(earlier, name) != _value(later, name)])


def expect_kept(earlier: Step, later: Step) -> None:
    """Raise Violation, in the words of the answers, with the state and the settings of the job that changed.

    Raises Unreadable as `expect_same` does.
    """
    values = ((name, _value(earlier, name), _value(later, name)) for name in ("state", *KEPT))
    _expect_none_different(
        earlier, later, [name for name, before, after in values if comparable(name, before) != comparable(name, after)]
    )


def _expect_none_different(earlier: Step, later: Step, names: Iterable[str]) -> None:
    found = [violation(_written(earlier, name), _written(later, name), name) for name in names]
    if found:
        raise Violation(*(finding for each in found for finding in each.findings))


def _value(step: Step, name: str) -> object:
    return step.job.get(name) if JobInfo.FIELDS[name].optional else step.job.value(name)


def comparable(name: str, value: object) -> object:
    """The value of a field to compare: an object in any letter case, an id by its first 15 characters."""
    if not isinstance(value, str):
        return value
    if name in IDS:
        return short_form(value)
    return value.casefold() if name == "object" else value


def _written(step: Step, name: str) -> object:
    """What an answer says about a field, as it is written there; None if it says nothing."""
    value = step.answer.fields.get(name)
    return getattr(value, "text", value)


def expect_at_most(most: int, got: int, where: str) -> None:
    """Raise Violation if a number is larger than another."""
    if got > most:
        raise violation(f"at most {most}", got, where)


def expect_accepted(close: Step) -> None:
    """Raise Violation if a close was not accepted."""
    if not close.accepted:
        raise violation("acceptance, 200", status_and_code(close), "status")


def expect_refused(step: Step) -> None:
    """Raise Violation if a request was not refused with 4xx."""
    if not step.is_client_error:
        raise violation("a refusal, 4xx", status_and_code(step), "status")


def expect_none(requirement: str, findings: Iterable[Finding], *, readable: bool = True) -> None:
    """Raise Violation with the findings that break a requirement; if there are none in a body not ``readable``, Unreadable."""
    found = [finding for finding in findings if finding.requirement == requirement]
    if found:
        raise Violation(*found)
    if not readable:
        raise Unreadable("the body")
