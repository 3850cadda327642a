"""What each option of a run may be, whoever gives it: the command line, pytest or Python."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from types import ModuleType, NoneType

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._job_requests import plain

Check = Callable[[object], bool]


def _a(*kinds: type) -> Check:
    return lambda value: isinstance(value, kinds)


def _list_of(*kinds: type) -> Check:
    return lambda value: isinstance(value, (list, tuple)) and all(isinstance(item, kinds) for item in value)


def _number(*kinds: type) -> Check:
    def is_positive(value: object) -> bool:
        is_number = isinstance(value, kinds) and not isinstance(value, bool)
        return is_number and 0 < value < math.inf  # type: ignore[operator]  # a number

    return is_positive


def _none_or(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _is_command(value: object) -> bool:
    return isinstance(value, str) and value.strip() != "" and "\0" not in value


_FLAG = (_a(bool), "True or False")
_FILE = (_a(str, os.PathLike, NoneType), "a path")
_SECONDS = (_number(int, float), "a number of seconds above 0")

#: What each option may be: a check, and what it asks for.
_VALUES: Mapping[str, tuple[Check, str]] = {
    "api_version": (_a(str, Version, NoneType), "a text like '36.0'"),
    "serialization": (_a(str), "'xml', 'json' or 'both'"),
    "strict": _FLAG,
    "only": (_list_of(str), "a list, such as ['state/closed', 'http']"),
    "requirements": (_a(str, NoneType), "the name of a set, such as '1.0'"),
    "known_failures": _FILE,
    "baseline": _FILE,
    "extension": (_list_of(str, ModuleType), "a list, such as ['acme_gateway']"),
    "start": (_none_or(_is_command), "a command for the shell, such as 'python server.py'"),
    "header": (_list_of(str), "a list, such as ['X-Api-Key: $MY_KEY']"),
    "session_as": (_a(str), "a text like 'Authorization: Bearer {}'"),
    "object": (lambda value: isinstance(value, str) and value.strip() != "", "the name of an object, such as 'Account'"),
    "content_type": (lambda value: value is None or value in plain.CONTENT_TYPES, "'CSV', 'XML' or 'JSON'"),
    "no_queries": _FLAG,
    "writes": _FLAG,
    "max_requests": (_none_or(_number(int)), "a whole number above 0"),
    "timeout": _SECONDS,
    "wait": _SECONDS,
    "time_limit": (_none_or(_number(int, float)), "a number of seconds above 0"),
    "workers": (_number(int), "a whole number above 0"),
    "manner": (_list_of(str), "a list, such as ['utf-16']"),
}


def version_named(text: str | Version) -> Version:
    """The version of the API that a user names. Raises BadInput."""
    try:
        return Version.parse(text) if isinstance(text, str) else text
    except ValueError as error:
        raise BadInput(str(error)) from error


def check_values(options: Mapping[str, object]) -> None:
    """Raise BadInput, in one line without the value of a text, if an option is not what it may be."""
    for name, value in options.items():
        check, wanted = _VALUES[name]
        if not check(value):
            raise BadInput(f"{name} is {_shown(value)}: give {wanted}")


def _shown(value: object) -> str:
    if value is None or isinstance(value, (bool, int, float)) or value == "":
        return repr(value)
    return f"of type {type(value).__name__}"
