"""What keeps a body from being well-formed XML, in our own words, by the codes of expat."""

from __future__ import annotations

from collections.abc import Mapping
from xml.parsers import expat

_ENTITY = "a reference to an entity that can't stand here"
_DECLARATION = "an XML declaration that is malformed"
_RESERVED = "the prefix xml or xmlns, or one of their namespaces, declared as something else"
_WORDS: Mapping[int, str] = {
    2: "text where the root element should begin",
    3: "no element, or none that ends",
    4: "a character that can't stand here",
    5: "a tag, comment or other markup that does not end",
    6: "a character whose last bytes are missing",
    7: "an end tag that is not that of the element before it",
    8: "an attribute that stands twice in a tag",
    9: "more after the end of the root element",
    10: _ENTITY,
    11: "a reference to an entity that is not declared",
    12: _ENTITY,
    13: _ENTITY,
    14: "a reference to a character that XML does not have",
    15: _ENTITY,
    16: _ENTITY,
    17: "an XML declaration that is not at the very beginning",
    19: "an encoding that is not the one declared",
    20: "a CDATA section that does not end",
    27: "a prefix that is not declared",
    28: "a prefix that is declared as nothing",
    29: "a document type declaration that does not end",
    30: _DECLARATION,
    31: _DECLARATION,
    32: "a document type whose public identifier has characters that it can't have",
    38: _RESERVED,
    39: _RESERVED,
    40: _RESERVED,
}


def in_words(error: expat.ExpatError) -> str:
    """Return what is wrong, to be said after "got"."""
    return _WORDS.get(error.code, "something that XML does not allow")
