"""JSON from outside, decoded into types, where an error says what does not fit; and JSON for files, safe to look at."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

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
    ``otherwise``, if given. Raises ValueError, which says what is wrong and where, and its subclass NotUtf8.
    """
    try:
        if not isinstance(data, (bytes, memoryview, msgspec.Raw)):
            return msgspec.convert(data, into)
        try:
            return msgspec.json.decode(data, type=into)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            return msgspec.convert(json.loads(str(data, "utf-8")), otherwise or into)
    except UnicodeDecodeError as error:
        raise NotUtf8(_not_utf_8(bytes(data))) from error
    except RecursionError as error:
        raise ValueError("its values are nested too deeply") from error


def _not_utf_8(data: bytes) -> str:
    is_utf_16 = data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:4]
    name = "UTF-16" if is_utf_16 else "an encoding other than UTF-8, such as Windows-1252"
    return f"it is in {name}: save it in UTF-8"
