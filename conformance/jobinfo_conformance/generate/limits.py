"""The limits that a schema sets to a value, and values on both sides of each.

XSD and JSON Schema have different names for the same facets; here they have one. Whether a value is within its limits is
decided here without the validators, so that the two can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xmlschema.validators import XsdSimpleType

_NUMBERS = frozenset({"integer", "number"})
_XML_SPACE = " \t\r\n"
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})")
_ZONES = ("", "Z", "z", "+0000", "+00:00", "-0000", "+0100")


@dataclass(frozen=True)
class Limits:
    """What a schema allows a value to be.

    ``types`` are those of JSON Schema. ``padded`` says that white space around a text is ignored; ``is_instant``
    that the text is a date and time, which has to exist as well as match ``pattern``.
    """

    types: frozenset[str]
    names: tuple[str, ...] = ()
    pattern: re.Pattern[str] | None = None
    shortest: int = 0
    least: int | None = None
    most: int | None = None
    padded: bool = False
    is_instant: bool = False

    @classmethod
    def of_xsd(cls, declared: XsdSimpleType) -> Limits:
        """The limits of a simple type in XSD."""
        root = declared.root_type.local_name
        return cls(
            types=frozenset({"integer" if root == "decimal" else "string"}),
            names=tuple(str(name) for name in declared.enumeration or ()),
            pattern=re.compile(declared.patterns.regexps[0], re.ASCII) if declared.patterns else None,
            shortest=declared.min_length or 0,
            least=_whole(declared.min_value),
            most=_whole(declared.max_value),
            padded=declared.white_space == "collapse",
            is_instant=root == "dateTime",
        )

    @classmethod
    def of_json(cls, schema: dict[str, Any], *, is_instant: bool = False) -> Limits:
        """The limits of a JSON Schema without references; it has no type for instants, so the caller says what is one."""
        alternatives = schema.get("anyOf", [schema])
        keywords = alternatives[-1]
        types = (alternative["type"] for alternative in alternatives)
        return cls(
            types=frozenset(name for each in types for name in ([each] if isinstance(each, str) else each)),
            names=tuple(keywords.get("enum", ())),
            pattern=re.compile(keywords["pattern"].strip("^$"), re.ASCII) if "pattern" in keywords else None,
            shortest=keywords.get("minLength", 0),
            least=keywords.get("minimum"),
            most=keywords.get("maximum"),
            is_instant=is_instant,
        )

    @property
    def is_number(self) -> bool:
        """Whether the value is a number, and never a text."""
        return bool(self.types & _NUMBERS) and "string" not in self.types

    def allow_text(self, text: str) -> bool:
        """Whether a string is within the limits."""
        if self.names:
            return text in self.names
        core = text.strip(_XML_SPACE) if self.padded else text
        if len(core) < self.shortest or (self.pattern and not self.pattern.fullmatch(core)):
            return False
        return not self.is_instant or _exists(core)

    def allow_number(self, number: int) -> bool:
        """Whether a whole number is within the bounds."""
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)

    def texts(self, text: str) -> Iterator[str]:
        """Strings within and beyond the limits: the allowed names, and ``text`` with one change each.

        ``text`` may be empty; it may also be one of the strings itself.
        """
        yield from dict.fromkeys((*self.names, *self._near(text)))

    def numbers(self) -> Iterator[int]:
        """Each bound, and the next number beyond it."""
        for bound, beyond in ((self.least, -1), (self.most, 1)):
            if bound is not None:
                yield from (bound, bound + beyond)

    def _near(self, text: str) -> Iterator[str]:
        yield from ("", " ", f" {text}", f"{text} ", f"{text}\n", f"{text}\u00a0")
        yield from (text.swapcase(), text.lower(), text.upper(), f"{text}{text[-1:]}", f"{text[:1]}{text}")
        if self.pattern or self.names:
            yield from (text[:length] for length in range(len(text)))
        yield from (f"{text[:-1]}{other}" for other in "-é٣")
        yield from (f"{text[:place]}-{text[place + 1 :]}" for place in (0, len(text) // 2))
        if self.is_instant and text:
            yield from _instants_near(text)


def _whole(bound: Any) -> int | None:
    return None if bound is None else int(bound)


def _exists(text: str) -> bool:
    """Whether the calendar has the day, and the day the time; 24:00:00, if the pattern allows it, is the end of the day."""
    match = _DATE.match(text)
    if match is None:
        return False
    try:
        date.fromisoformat(match[1])
    except ValueError:
        return False
    hour, minute, second = (int(match[place]) for place in (2, 3, 4))
    ends_the_day = (hour, minute, second) == (24, 0, 0) and not re.search(r"\.0*[1-9]", text)
    return (hour < 24 and minute < 60 and second < 60) or ends_the_day


def _instants_near(text: str) -> Iterator[str]:
    """An instant with each of its numbers too small and too large, on days that do not exist, and in other zones."""
    for digits in re.finditer(r"[0-9]+", text):
        for other in "09":
            yield f"{text[: digits.start()]}{other * len(digits[0])}{text[digits.end() :]}"
    start = re.split(r"(?<=[0-9])(?:Z|[+-][0-9]{4})$", text)[0]
    yield from (f"{start}{zone}" for zone in _ZONES)
    yield from (f"{text[:5]}{day}{text[10:]}" for day in ("02-30", "04-31", "02-29"))
    yield from (f"{text[:11]}{time}{text[19:]}" for time in ("24:00:00", "24:00:01", "23:59:60"))
    yield from (text.replace("T", " "), re.sub(r"\.[0-9]+", "", text), re.sub(r"\.[0-9]+", ".", text))
