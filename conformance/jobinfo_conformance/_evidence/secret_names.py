"""What secrets are called: the headers, parameters and fields whose values are removed, whatever they are."""

from __future__ import annotations

import re

#: Stands for what may be a secret, and is no session.
REMOVED = "[removed]"

#: The names of parameters and fields that hold a secret, as a regular expression for any letter case.
NAMES = (
    r"(?:access|auth|bearer|csrf|id|oauth|refresh|security|session|xsrf)[_-]?token|client[_-]?(?:secret|assertion)"
    r"|api[_-]?key|private[_-]?key|session[_-]?id|sid|passw(?:or)?d|passphrase"
)
#: Each of these names has one of these parts: quick to tell that a text has none.
_PARTS = ("token", "secret", "assertion", "key", "session", "sid", "passw", "passphrase")
#: The last word of a header's name if the value is a credential; and what says so anywhere in the name.
_HEADER = re.compile(
    r"(?:.*[-_.])?(?:auth(?:orization)?|cookie2?|credentials?|jwt|key|passw(?:or)?d|secret|session(?:[-_]?id)?|sid|signature|token)"
    r"|.*(?:csrf|xsrf|(?:api|private)key|(?:access|auth|id|refresh|session)token).*",
    re.IGNORECASE,
)
#: Headers of browsers that end like a credential and are none.
_NO_CREDENTIALS = ("access-control-", "sec-")
#: A mark that stands for a secret stays: it says which one was there.
_VALUE = r"(?!\[JOBINFO-|\[removed\])"
_PARAMETER = re.compile(
    rf"""((?<![a-z])(?:{NAMES})\s*=\s*){_VALUE}("[^"]*+"?|'[^']*+'?|[^&\s"'<>;,]+)""",
    re.IGNORECASE,
)
_MEMBER = re.compile(
    rf'("(?:{NAMES})"\s*:\s*){_VALUE}(?:"{_VALUE}(?:[^"\\]|\\.)*+"?|[^\s"{{}}\[\],]+)', re.IGNORECASE | re.DOTALL
)
_ELEMENT = re.compile(rf"(<(?:[\w.-]+:)?(?:{NAMES})(?:\s[^<>]*)?>\s*){_VALUE}(?:<!\[CDATA\[|[^<])+", re.IGNORECASE)


def is_named_secret(header: str) -> bool:
    """Whether the name of a header says that its value is a secret.

    >>> is_named_secret("X-Api-Key"), is_named_secret("Content-Type")
    (True, False)
    """
    return _HEADER.fullmatch(header) is not None and not header.lower().startswith(_NO_CREDENTIALS)


def parameters_named(text: str) -> list[str]:
    """Return the values of the parameters in a URL, a form or a cookie that hold secrets."""
    return [value.strip("\"'") for _, value in _PARAMETER.findall(text)]


def without_named(text: str) -> str:
    """Return a text without the values of parameters, JSON members and XML elements whose names say that they are secrets.

    >>> without_named('{"access_token": "abc"} <password>abc</password> ?sid=abc')
    '{"access_token": "[removed]"} <password>[removed]</password> ?sid=[removed]'
    """
    if text.isascii() and not any(part in text.lower() for part in _PARTS):
        return text
    text = _MEMBER.sub(rf'\1"{REMOVED}"', text)
    return _PARAMETER.sub(rf"\1{REMOVED}", _ELEMENT.sub(rf"\1{REMOVED}", text))


def without_named_in(body: bytes) -> bytes:
    """Return a body in the same way; one character stands for one byte, so that nothing else in it changes."""
    return without_named(body.decode("latin-1")).encode("latin-1")
