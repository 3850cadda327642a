"""The strict reader of XML, by expat: it expands nothing and fetches nothing."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError, SubElement, XMLParser
from xml.parsers import expat

from jobinfo_conformance._contract.charset import utf_16_order
from jobinfo_conformance._contract.document import DEEPEST, Reading, XmlDocument
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.xml_errors import in_words
from jobinfo_conformance._escaping import quoted
from jobinfo_conformance._finding import Finding

#: What may need a finding, or hide a start tag: document types, comments, CDATA sections, and the NULs of UTF-16.
_NOTEWORTHY = re.compile(rb"<!|\0")
#: Encodings that expat knows by another name than Python.
_NAMES_IN_EXPAT = {"utf-16-le": "utf-16le", "utf-16-be": "utf-16be"}
_START_TAG = re.compile(rb"<[^?!/\s][^\s/>]*")


class _Refused(Exception):
    """The body holds something that no reader of a jobInfo should follow."""


def read_xml(body: bytes, charset: str | None = None) -> Reading:
    """Read an XML body.

    ``charset`` is the one that the Content-Type header names; it counts if the body has neither a byte order mark nor
    an encoding of its own (RFC 7303). Entity declarations are refused and never expanded.
    """
    encoding = _encoding(body, charset)
    root = _read_fast(body, encoding)
    if root is not None:
        return Reading(Serialization.XML, XmlDocument(root))
    builder, document = _Builder(), None
    try:
        parser = expat.ParserCreate(encoding, namespace_separator=" ")
        parser.namespace_prefixes = True
        parser.buffer_text = True
        builder.attach(parser)
        parser.Parse(body, True)
        document = XmlDocument(builder.root)
    except expat.ExpatError as error:
        builder.found("schema/well-formed", "well-formed XML", in_words(error), f"line {error.lineno}")
    except _Refused as refused:
        builder.found("schema/well-formed", "XML in a known encoding, without entities", quoted(refused), "body")
    except (LookupError, ValueError):  # it is unknown, or has several bytes per character
        builder.found("schema/well-formed", "XML in a known encoding, without entities", "an encoding that is not read", "body")
    return Reading(Serialization.XML, document, tuple(builder.findings))


def _read_fast(body: bytes, encoding: str | None) -> Element | None:
    """The root of a body that needs no finding, read in a tenth of the time; None if it takes a closer look."""
    if _NOTEWORTHY.search(body) or body.count(b"<?") > body.startswith(b"<?xml"):
        return None
    start = _START_TAG.search(body)
    if start is None or b":" in start[0]:
        return None
    try:
        parser = XMLParser(encoding=encoding)  # noqa: S314  # nothing is declared, so nothing expands
        parser.feed(body)
        root: Element = parser.close()
    except (ParseError, LookupError, ValueError):
        return None
    return None if any(map(len, root)) else root


def _encoding(body: bytes, charset: str | None) -> str | None:
    """The encoding to read a body in: ``charset``, or None if the body names or shows its own."""
    is_wide = utf_16_order(body) is not None  # expat knows UTF-16 by its first bytes, in either order
    if charset is None or is_wide or charset.startswith("utf-16") or body.startswith(codecs.BOM_UTF8):
        return None
    declaration, _, _ = body.replace(b"\0", b"").partition(b"?>")
    is_declared = declaration.lstrip().startswith(b"<?xml") and b"encoding" in declaration
    return None if is_declared else _NAMES_IN_EXPAT.get(charset, charset)


class _Builder:
    """Builds the elements of a document and records what a schema can't see."""

    root: Element

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._open: list[Element] = []

    def found(self, requirement: str, expected: str, got: str, where: str) -> None:
        self.findings.append(Finding(requirement, expected, got, where))

    def attach(self, parser: expat.XMLParserType) -> None:
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.SkippedEntityHandler = self._skipped

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= DEEPEST:
            raise _Refused(f"elements nested more than {DEEPEST} levels deep")
        tag, prefix = _tag(name)
        named = {_tag(key)[0]: value for key, value in attributes.items()} if attributes else attributes
        if self._open:
            element = SubElement(self._open[-1], tag, named)
        else:
            element = self.root = Element(tag, named)
            if prefix:
                self.found("schema/default-namespace", "a root without a prefix", f"{prefix}:", "jobInfo")
        self._open.append(element)

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        parent = self._open[-1]
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + text
        else:
            parent.text = (parent.text or "") + text

    def _doctype(self, name: str, *_rest: object) -> None:
        self.found("schema/no-doctype", "no document type declaration", quoted(name), "DOCTYPE")

    def _entity(self, name: str, *_rest: object) -> NoReturn:
        raise _Refused(f"a declaration of the entity {name}")

    def _skipped(self, name: str, *_rest: object) -> NoReturn:
        # An external document type may declare it. That is never fetched, so the text can't be read.
        raise _Refused(f"a reference to the entity {name}")


@lru_cache(maxsize=256)
def _tag(name: str) -> tuple[str, str]:
    """Split a name as expat reports it, ``namespace name prefix``, into a tag and the prefix."""
    match name.split(" "):
        case namespace, local:
            return f"{{{namespace}}}{local}", ""
        case namespace, local, prefix:
            return f"{{{namespace}}}{local}", prefix
        case _:
            return name, ""
