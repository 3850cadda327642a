"""JSON from outside, decoded into types, where an error says what does not fit; and JSON for files, safe to look at."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

import msgspec

from jobinfo_conformance._escaping import quoted
from jobinfo_conformance._files.formats import not_text, not_utf_8
from jobinfo_conformance._files.misfits import Misfit

T = TypeVar("T")

#: What the json module reads beyond RFC 8259, and the strings in which nothing else is one of these.
_BEYOND = re.compile(r'"(?:[^"\\]++|\\.)*+"|(?P<constant>-?\b(?:NaN|Infinity)\b)', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half>u[dD][89a-fA-F]..)|.)", re.DOTALL)
_HALF = "half of a surrogate pair, which is no character"
#: What holds JSON that is not decoded yet.
_ENCODED = (bytes, memoryview, msgspec.Raw)
#: How many digits a number has at most.
_MOST_DIGITS = 400
#: What nobody sees and a terminal or an editor obeys: control characters, and marks for the direction of writing.
_INVISIBLE = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def written(value: object) -> str:
    r"""Return a value as JSON for a file. What is invisible in a text is escaped.

    >>> print(written(["\u202eabc"]))
    [
      "\u202eabc"
    ]
    <BLANKLINE>
    """
    text = msgspec.json.format(msgspec.json.encode(value).decode(), indent=2) + "\n"
    return _INVISIBLE.sub(lambda found: json.dumps(found[0])[1:-1], text)


class NotUtf8(ValueError):
    """Raised for JSON that is not in UTF-8; the message names the encoding and says what to do."""


def decoded(data: Any, into: type[T], otherwise: type[T] | None = None) -> T:
    """Decode JSON, or convert what is already decoded, into a msgspec type.

    Also takes what the json module accepts beyond RFC 8259, such as half of a surrogate pair, and then makes
    ``otherwise``, if given. Raises ValueError, which says what is wrong and where, and its subclasses NotUtf8 and Misfit.
    """
    try:
        if not isinstance(data, _ENCODED):
            return msgspec.convert(data, into)
        try:
            return msgspec.json.decode(data, type=into)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            return msgspec.convert(json.loads(_text(data), parse_int=_whole), otherwise or into)
    except msgspec.ValidationError as error:
        raise Misfit.of(error) from error
    except UnicodeDecodeError as error:
        raise NotUtf8(_not_utf_8(bytes(data), error)) from error
    except UnicodeEncodeError as error:  # half of a surrogate pair, where no text at all may stand
        raise ValueError(_beyond(_text(data)) if isinstance(data, _ENCODED) else _HALF) from error
    except json.JSONDecodeError as error:
        raise ValueError(_not_json(error)) from error
    except RecursionError as error:
        raise ValueError("its values are nested too deeply") from error


def decoded_strictly(text: str, into: type[T]) -> T:
    """Decode JSON by RFC 8259 into a msgspec type. Raises ValueError, which says what is wrong and where.

    Unlike `decoded`, it takes no NaN, no half of a surrogate pair, no number without bounds, and no key twice in an object:
    of these a document can't be written again, or it would say something else.
    """
    try:
        json.loads(text, object_pairs_hook=_distinct, parse_int=_short)
        return msgspec.json.decode(text, type=into)
    except json.JSONDecodeError as error:
        raise ValueError(_not_json(error)) from error
    except msgspec.ValidationError as error:
        raise Misfit.of(error) from error
    except msgspec.DecodeError as error:
        raise ValueError(_beyond(text)) from error
    except RecursionError as error:
        raise ValueError("its values are nested too deeply") from error


def _text(data: Any) -> str:
    return str(data, "utf-8")


def _not_utf_8(data: bytes, error: UnicodeDecodeError) -> str:
    found = not_text(data)
    return not_utf_8(error) if found is None else f"it {found}"


def _whole(digits: str) -> float:
    """A whole number of any length. Python limits how many digits it parses; more are beyond every bound."""
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


def _short(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"it holds a number of {len(digits)} digits, {quoted(digits, 20)}")
    return int(digits)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {quoted(key)} stands twice in an object")
        found[key] = value
    return found


def _beyond(text: str) -> str:
    """Return what a text holds that the json module reads and JSON does not have, and where."""
    for token in _BEYOND.finditer(text):
        if token["constant"]:
            return f"{_at(text, token.start())}: JSON has no {token['constant']}"
        for escape in _ESCAPE.finditer(token[0]):
            if escape["half"]:
                place = _at(text, token.start() + escape.start())
                return f"{place}: \\{escape['half']} is {_HALF}"
    return "it is not JSON by RFC 8259"


def _not_json(error: json.JSONDecodeError) -> str:
    """Return what keeps a text from being JSON."""
    if not error.doc.strip():
        return "it is empty"
    if breaks_off(error):
        return f"{_at(error.doc, len(error.doc))}: it breaks off; perhaps it was cut short"
    position = position_of(error)
    return f"{_at(error.doc, position)}: {quoted(error.doc[position])} can't stand there in JSON"


def breaks_off(error: json.JSONDecodeError) -> bool:
    """Whether a text is no JSON because it ends too early."""
    return error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string")


def position_of(error: json.JSONDecodeError) -> int:
    """Where a text stops being JSON. Of a comma too many, Python names the comma since 3.13; here it is what comes after it."""
    if not error.msg.startswith("Illegal trailing comma"):
        return error.pos
    return len(error.doc) - len(error.doc[error.pos + 1 :].lstrip())


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """The line and the column of a position, counted from 1."""
    return 1 + text.count("\n", 0, position), position - text.rfind("\n", 0, position)


def _at(text: str, position: int) -> str:
    line, column = line_and_column(text, position)
    return f"line {line}, column {column}"
