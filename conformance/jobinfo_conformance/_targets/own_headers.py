"""The headers that a user has the suite send: those that `--header` adds, and the one that carries the session."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Template

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._contract.session import SESSION_HEADER
from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._evidence.ordinary_text import is_ordinary
from jobinfo_conformance._evidence.secrets import Secret, header_mark

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
#: Headers that say how a message is framed and coded, which is the suite's to say: another value would break the request.
_THE_SUITES = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
#: A value that an environment variable fills in, alone or after a scheme; and schemes, which are no secrets.
_FROM_VARIABLE = re.compile(r"(?P<before>[A-Za-z]+ +)?\$(?:(?P<name>\w+)|\{(?P<braced>\w+)\})")
_SCHEME = re.compile(r"(?:Basic|Bearer|Digest|OAuth|Token) +", re.IGNORECASE)

#: What the name of a header has in it if its value is a credential, however ordinary the value looks.
_NAMES_A_SECRET = re.compile(r"auth|cookie|cred|key|pass|pin|secret|sess|sid|sign|token", re.IGNORECASE)
#: A value is looked for in answers from this length on: if it has letters and digits, if its header or its coming from the
#: environment says that it is a credential, and if nothing does. A shorter one would be found by chance.
_MIXED, _CREDENTIAL, _ANY = 6, 8, 16


@dataclass(frozen=True)
class OwnHeader:
    """A header that is sent with each request. Its value is a secret.

    ``shown`` stands for the value in the evidence. ``words`` are the parts of it that are removed wherever an answer repeats
    them; a value that is ordinary text, such as a media type, has none, since the evidence could not be judged without it.
    """

    name: str
    value: Secret
    shown: str
    words: tuple[Secret, ...]


@dataclass(frozen=True)
class SessionHeader:
    """The header that carries the session; ``{}`` in ``form`` is where the session goes."""

    name: str
    form: str


DOCUMENTED_HEADER = SessionHeader(SESSION_HEADER, "{}")


def session_header(text: str) -> SessionHeader:
    """Parse the header that carries the session, like ``Authorization: Bearer {}``. Raises BadInput."""
    name, colon, form = (part.strip() for part in text.partition(":"))
    if not colon or not _NAME.fullmatch(name) or form.count("{}") != 1 or form.count("{") != 1 or form.count("}") != 1:
        raise BadInput(f"--session-as {in_line(text)!r}: write it like 'Authorization: Bearer {{}}'")
    if name.lower() in _THE_SUITES:
        raise BadInput(f"--session-as {name}: the suite sets this header itself; name one that can carry the session")
    return SessionHeader(name, form)


def own_headers(texts: Iterable[str], session: SessionHeader, environment: Mapping[str, str]) -> tuple[OwnHeader, ...]:
    """Parse the headers of `--header`; $NAME in a value comes from the environment.

    Raises BadInput, without the value, if one is none, is given twice, or is not the user's to set.
    """
    headers: dict[str, OwnHeader] = {}
    for text in texts:
        header = _header(text, environment)
        name = header.name.lower()
        if name in (SESSION_HEADER.lower(), session.name.lower()):
            raise BadInput(f"--header {header.name}: this header carries the session, which comes from JOBINFO_SESSION_ID")
        if name in _THE_SUITES:
            raise BadInput(f"--header {header.name}: the suite sets this header itself; leave it out")
        if name in headers:
            raise BadInput(f"--header {header.name}: given twice; put the values into one, separated by a comma")
        headers[name] = header
    return tuple(headers.values())


def _header(text: str, environment: Mapping[str, str]) -> OwnHeader:
    name, colon, value = (part.strip() for part in text.partition(":"))
    if not colon or not _NAME.fullmatch(name):
        raise BadInput("--header: write it like 'X-Api-Key: $MY_KEY'")
    template = Template(value)
    try:
        filled = template.substitute(environment).strip()
    except KeyError as error:
        raise BadInput(f"--header {name}: the environment has no variable {error.args[0]}") from None
    except ValueError:
        raise BadInput(f"--header {name}: write $$ for a $ that is not before the name of a variable") from None
    if not filled.isascii() or not filled.isprintable():
        raise BadInput(f"--header {name}: its value contains characters that a header can't have")
    from_environment = [environment[variable] for variable in template.get_identifiers()]
    words = {
        *(word for word in _parts(filled) if _is_distinctive(word, named_secret=bool(_NAMES_A_SECRET.search(name)))),
        *(word for given in from_environment for word in _parts(given) if _is_distinctive(word, named_secret=True)),
    }
    return OwnHeader(name, Secret(filled), _shown(value), tuple(map(Secret, sorted(words))))


def _shown(value: str) -> str:
    """Return what stands for a value, as it was given: a mark, with the variable that fills it in, and with its scheme."""
    from_variable = _FROM_VARIABLE.fullmatch(value)
    if from_variable is not None:
        return (from_variable["before"] or "") + header_mark(from_variable["name"] or from_variable["braced"])
    scheme = _SCHEME.match(value)
    return (scheme[0] if scheme else "") + header_mark()


def _parts(value: str) -> set[str]:
    """Return a value and each of its words, such as the token after a scheme."""
    return {value.strip(), *value.split()} - {""}


def _is_distinctive(word: str, *, named_secret: bool) -> bool:
    """Whether a word is looked for in answers: it is a credential, and nothing that answers say anyway."""
    is_mixed = any(char.isalpha() for char in word) and any(char.isdigit() for char in word)
    shortest = _MIXED if is_mixed else _CREDENTIAL if named_secret else _ANY
    return len(word) >= shortest and not is_ordinary(word)
