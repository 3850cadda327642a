"""What does not fit the type that a document is decoded into: where it is, and what is wrong, in words of this project."""

from __future__ import annotations

import re

import msgspec

from jobinfo_conformance._escaping import in_line

_PLACE = re.compile(r" - at `\$\.?([^`]*)`$")
#: What msgspec says, and how that is said here.
_SENTENCES = (
    (re.compile(r"Object missing required field `(.*)`"), "`{0}` is missing"),
    (re.compile(r"Object contains unknown field `(.*)`"), "`{0}` is not known"),
    (re.compile(r"Invalid enum value (.*)"), "{0} is none of the values that it can have"),
    (re.compile(r"Expected `.*` of length >= 1"), "it is empty"),
    (re.compile(r"Expected `.*` (>=|<=) ([\d.]+)"), "the number is not {0} {1}"),
    (re.compile(r"Expected `.*` matching regex"), "the text has another form"),
    (re.compile(r"Invalid RFC3339|Expected `datetime` with a timezone"), "it is not a date and time with a time zone"),
    (re.compile(r"out of range"), "the number is too large"),
    (re.compile(r"Expected `(.*)`, got `(.*)`"), "{0} is needed, not {1}"),
)
#: The names of types, in words.
_KINDS = {
    "object": "an object",
    "array": "a list",
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "null",
    "date": "a date without quotes, like 2027-03-01,",
    "datetime": "a date with a time",
    "time": "a time",
}


class Misfit(ValueError):
    """Raised for a document that does not fit a type; ``place`` says where, like ``log.entries[3]``, or is empty for all of it.

    >>> try:
    ...     msgspec.convert([1], list[str])
    ... except msgspec.ValidationError as error:
    ...     print(Misfit.of(error))
    [0]: a text is needed, not a whole number
    """

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"{place}: {why}" if place else why)
        self.place = place

    @classmethod
    def of(cls, error: msgspec.ValidationError) -> Misfit:
        """Say in words of this project what msgspec found."""
        found = _PLACE.search(str(error))
        return cls(in_line(found[1]) if found else "", in_line(_why(error)))


def _why(error: msgspec.ValidationError) -> str:
    if isinstance(error.__cause__, ValueError):  # from the type itself, which says what it needs
        return str(error.__cause__)
    said = _PLACE.sub("", str(error))
    for pattern, sentence in _SENTENCES:
        found = pattern.search(said)
        if found:
            return sentence.format(*map(_kind, found.groups()))
    return "it has another form"


def _kind(name: str) -> str:
    """The name of a type in words, or of one of several; whatever else it is, as it is."""
    return " or ".join(_KINDS.get(each, each) for each in name.split(" | ") if each != "null" or name == "null")
