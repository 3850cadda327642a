"""JSON of strangers, decoded into types; what does not fit is told by its place."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def decoded(data: Any, into: type[T], otherwise: type[T] | None = None) -> T:
    """Decode JSON, or convert what was decoded already, into a type of msgspec.

    Takes what the json module takes beyond RFC 8259 as well, such as half of a surrogate pair; then it makes the type
    ``otherwise``, where that is given. Raises ValueError with what is wrong and where.
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
        raise ValueError(_not_utf_8(bytes(data))) from error
    except RecursionError as error:
        raise ValueError("its values are nested too deep") from error


def _not_utf_8(data: bytes) -> str:
    in_utf_16 = data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:4]
    return f"it is in {'UTF-16' if in_utf_16 else 'an encoding that is not UTF-8'}: save it in UTF-8"
