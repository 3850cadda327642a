"""TOML from outside, decoded into types; an error says where it does not fit."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime, time
from typing import TypeVar

import msgspec

from jobinfo_conformance._files.misfits import Misfit

T = TypeVar("T")

#: Where the parser of Python 3.11 says that it stopped.
_PLACE = re.compile(r"at line (\d+), column (\d+)\)$")
#: A key with more dots than any that means something: the parser takes a time that grows with the square of their number.
_DOTTED = re.compile(r"""(?<![\w"'-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){64}""")


def decoded_toml(text: str, into: type[T]) -> T:
    """Decode TOML into a msgspec type. Raises ValueError, which says what is wrong and where, and its subclass Misfit."""
    dotted = _DOTTED.search(text)
    if dotted:
        raise ValueError(f"line {1 + text.count(chr(10), 0, dotted.start())} has a key with more than 64 dots")
    try:
        return msgspec.convert(tomllib.loads(text), into, builtin_types=(date, datetime, time))
    except msgspec.ValidationError as error:
        raise Misfit.of(error) from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(_not_toml(str(error))) from error
    except RecursionError as error:
        raise ValueError("its values are nested too deeply") from error
    except ValueError as error:  # of a date that does not exist, or a number of more digits than Python parses
        raise ValueError("it holds a number that is too long") from error


def _not_toml(said: str) -> str:
    """Return where a text stops being TOML, and what to look for."""
    place = _PLACE.search(said)
    if place is None:
        return "its end: a quote or a bracket is open, a value is missing, or a key stands twice"
    return f"line {place[1]}, column {place[2]}: a value is not in quotes, a quote is open, or a key stands twice"
