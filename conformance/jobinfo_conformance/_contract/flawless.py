"""JobInfos with nothing wrong in them, read in a tenth of the time that a closer look takes.

What is read here fits the schemas and is written as servers usually write it: the strict readers and the schemas would find
nothing, and read the same job. Whatever else, right or wrong, is left to them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from jobinfo_conformance._contract.charset import charset_of
from jobinfo_conformance._contract.jobinfo import NAMESPACE, JobInfo
from jobinfo_conformance._contract.schemas import Body, elements, json_types, required_keys, xml_types
from jobinfo_conformance._contract.versions import TIMES_SINCE, Version

#: The longest body that is worth a try, in bytes. A jobInfo is about one kilobyte.
_LONGEST = 4096
_SPACE = r"[ \t\r\n]*"
_INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3})?"


def _same(value: Any) -> Any:
    return value


def _version(number: float) -> Version:
    if not number.is_integer():
        raise ValueError(number)
    return Version.parse(f"{int(number)}.0")


@dataclass(frozen=True)
class _Form:
    """How values of a type are usually written, and how they are read: in XML a pattern, in JSON a type for the decoder."""

    in_xml: str
    in_json: Any
    from_xml: Callable[[str], Any] = _same
    from_json: Callable[[Any], Any] = _same


def _text(pattern: str) -> _Form:
    return _Form(pattern, Annotated[str, Meta(pattern=f"^(?:{pattern})$")])


#: Up to nine digits, which is within the bounds of every counter.
_WHOLE = _Form("0|[1-9][0-9]{0,8}", Annotated[int, Meta(lt=1_000_000_000)], int)
#: By the names of the types in the XSD; one that is not here is an enumeration.
_FORMS: Mapping[str, _Form] = {
    "SalesforceId": _text("[A-Za-z0-9]{18}"),
    "Text": _text(r"[ !#-%'-;=?-Z^-~]+"),  # ASCII without what XML or JSON escapes
    "Timestamp": _Form(
        f"{_INSTANT}Z",
        Annotated[str, Meta(pattern=rf"^{_INSTANT}\+0000$")],
        datetime.fromisoformat,
        datetime.fromisoformat,
    ),
    "ApiVersion": _Form(r"[1-9][0-9]\.0", Annotated[float, Meta(lt=1000)], Version.parse, _version),
    "Count": _WHOLE,
    "LongCount": _WHOLE,
    "Milliseconds": _WHOLE,
}


def read_flawless(body: bytes, content_type: str | None = None) -> JobInfo | None:
    """Read a jobInfo of version 19.0 or later; None if anything in it is wrong, or written in an unusual way.

    >>> read_flawless(b"<jobInfo>") is None
    True
    """
    if len(body) > _LONGEST or not body.isascii() or charset_of(content_type) not in (None, "utf-8"):
        return None
    try:
        values = _from_json(body) if body.startswith(b"{") else _from_xml(body.decode("ascii"))
    except ValueError:  # no JSON, a value of another type, or a date that does not exist
        return None
    return None if values is None or values["apiVersion"] < TIMES_SINCE else JobInfo(values)


def _from_xml(text: str) -> dict[str, Any] | None:
    pattern, readers = _xml_form()
    found = pattern.fullmatch(text)
    if found is None:
        return None
    return {name: read(value) for (name, read), value in zip(readers, found.groups(), strict=True) if value is not None}


@cache
def _xml_form() -> tuple[re.Pattern[str], tuple[tuple[str, Callable[[str], Any]], ...]]:
    """The XSD as one pattern with a group for each element, and how each is read."""
    parts, readers = [], []
    for name, element in elements(Body.JOB_INFO).items():
        form = _form_of(name)
        part = f"<{name}>({form.in_xml})</{name}>{_SPACE}"
        parts.append(part if element.min_occurs else f"(?:{part})?")
        readers.append((name, form.from_xml))
    declaration = rf'(?:<\?xml version="1\.0" encoding="(?i:utf-8)"\?>{_SPACE})?'
    root = f'<jobInfo xmlns="{re.escape(NAMESPACE)}">{_SPACE}{"".join(parts)}</jobInfo>{_SPACE}'
    return re.compile(declaration + root), tuple(readers)


def _from_json(body: bytes) -> dict[str, Any] | None:
    if b"\\" in body:
        return None
    form = _json_form()
    values = msgspec.structs.asdict(form.decoder.decode(body))
    given = [value for value in values.values() if value is not UNSET]
    texts = [value for value in given if type(value) is str]
    # Of a key that occurs twice the decoder keeps the last, and -0 is 0 to it: quotes and signs tell.
    if body.count(b'"') != 2 * (len(given) + len(texts)) or body.count(b"-") != "".join(texts).count("-"):
        return None
    for name in form.optional:
        if values[name] is UNSET:
            values[name] = None
    for name, read in form.readers:
        values[name] = read(values[name])
    return values


class _JsonForm(NamedTuple):
    """The JSON Schema as a type of the decoder, the keys that may be left out, and how the decoder's values are read on."""

    decoder: msgspec.json.Decoder[Any]
    optional: tuple[str, ...]
    readers: tuple[tuple[str, Callable[[Any], Any]], ...]


@cache
def _json_form() -> _JsonForm:
    members: list[Any] = []
    forms = {name: _form_of(name) for name in json_types(Body.JOB_INFO)}
    required = required_keys(Body.JOB_INFO)
    for name, form in forms.items():
        members.append((name, form.in_json) if name in required else (name, form.in_json | None | UnsetType, UNSET))
    readers = tuple((name, form.from_json) for name, form in forms.items() if form.from_json is not _same)
    kind = msgspec.defstruct("JobInfo", members, forbid_unknown_fields=True, kw_only=True)
    return _JsonForm(msgspec.json.Decoder(kind), tuple(forms.keys() - required), readers)


def _form_of(name: str) -> _Form:
    declared: Any = xml_types(Body.JOB_INFO).get(name)
    if declared is None:
        assert JobInfo.FIELDS[name].json_only
        return _Form("", bool)
    return _FORMS.get(declared.local_name) or _Form(
        "|".join(map(re.escape, declared.enumeration)), Literal[*declared.enumeration]
    )
