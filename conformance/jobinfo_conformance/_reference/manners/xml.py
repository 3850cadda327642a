"""Manners of XML: how a document is laid out, and in which encoding."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import count

from jobinfo_conformance._contract.jobinfo import NAMESPACE
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._exchange import Headers, Response
from jobinfo_conformance._reference.manners.manner import after, manner
from jobinfo_conformance._reference.service import Service

_DECLARATION, _ENCODING, _WHITE_SPACE = "the XML declaration", "the encoding", "white space"
_VALUES, _ROOT, _TAGS = "how a value is written", "the tag of the root", "white space in tags"

_PROLOG = re.compile(rb"<\?xml[^>]*\?>\s*")
_VALUE = re.compile(r">([^<>&\s][^<>&]*)</")
_XMLNS = f' xmlns="{NAMESPACE}"'.encode()


def _with_values(document: bytes, change: Callable[[str], str]) -> bytes:
    """The document with each value changed, except those in which something is escaped."""
    return _VALUE.sub(lambda match: f">{change(match[1])}</", document.decode()).encode()


def _with_references(document: bytes, form: str) -> bytes:
    """The document with each character of its values as a reference."""
    return _with_values(document, lambda value: "".join(form.format(ord(char)) for char in value))


def _on_root(document: bytes, attributes: bytes) -> bytes:
    """The document with attributes on its root, before the namespace."""
    return document.replace(_XMLNS, attributes + _XMLNS, 1)


# The declaration


@after(Service.xml_layout, _DECLARATION)
def no_declaration(document: bytes) -> bytes:
    """XML has no declaration."""
    return _PROLOG.sub(b"", document)


@after(Service.xml_layout, _DECLARATION)
def declaration_without_encoding(document: bytes) -> bytes:
    """The XML declaration names the version but no encoding."""
    return _PROLOG.sub(b'<?xml version="1.0"?>', document)


@after(Service.xml_layout, _DECLARATION)
def standalone_declaration(document: bytes) -> bytes:
    """The XML declaration says standalone, and utf-8 in lower case."""
    return _PROLOG.sub(b'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n', document)


@after(Service.xml_layout, _DECLARATION, _ROOT)
def single_quotes(document: bytes) -> bytes:
    """The XML declaration and the namespace are in single quotes."""
    document = _PROLOG.sub(b"<?xml version='1.0' encoding='UTF-8' ?>\n", document)
    return document.replace(_XMLNS, _XMLNS.replace(b'"', b"'"))


# Comments and processing instructions


@after(Service.xml_layout)
def comments(document: bytes) -> bytes:
    """There are comments before the root, between the elements and after the root."""
    document = re.sub(rb"\n( <)", rb"\n <!-- state: 'Open' & <more> -->\1", document)
    return re.sub(rb"(<(?:jobInfo|batchInfo|error)\b)", rb"<!-- before -->\1", document, count=1) + b"<!-- after -->\n"


@after(Service.xml_layout, _VALUES)
def comments_in_values(document: bytes) -> bytes:
    """Each value in XML has a comment in the middle."""
    return _with_values(document, lambda value: f"{value[0]}<!-- Open -->{value[1:]}")


@after(Service.xml_layout)
def processing_instructions(document: bytes) -> bytes:
    """There are processing instructions before the root, between the elements and after the root."""
    document = re.sub(rb"\n( <)", rb"\n <?trace id=1?>\1", document)
    sheet = rb'<?xml-stylesheet type="text/xsl" href="/job.xsl"?>'
    return re.sub(rb"(<(?:jobInfo|batchInfo|error)\b)", sheet + rb"\1", document, count=1) + b"<?end?>\n"


# Values


@after(Service.xml_layout, _VALUES)
def cdata(document: bytes) -> bytes:
    """Each value in XML is a CDATA section."""
    return _with_values(document, "<![CDATA[{}]]>".format)


@after(Service.xml_layout, _VALUES)
def cdata_in_part(document: bytes) -> bytes:
    """Each value in XML is a letter and two CDATA sections, one of them empty."""
    return _with_values(document, lambda value: f"{value[0]}<![CDATA[]]><![CDATA[{value[1:]}]]>")


@after(Service.xml_layout, _VALUES)
def decimal_references(document: bytes) -> bytes:
    """Each value in XML is written in decimal character references."""
    return _with_references(document, "&#{:d};")


@after(Service.xml_layout, _VALUES)
def hexadecimal_references(document: bytes) -> bytes:
    """Each value in XML is written in hexadecimal character references, in capitals and with leading zeros."""
    return _with_references(document, "&#x{:06X};")


@after(Service.xml_layout, _VALUES)
def padded_numbers(document: bytes) -> bytes:
    """Numbers and dates in XML have white space around them."""
    return re.sub(rb"(<(number|total|apex|apiActive|createdDate|systemMod)\w*>)([^<]*)</", rb"\1\n\t\3 </", document)


# White space


@after(Service.xml_layout, _WHITE_SPACE)
def one_line(document: bytes) -> bytes:
    """XML is on one line, with no white space between elements."""
    return re.sub(rb">\s+<", b"><", document.strip())


@after(Service.xml_layout, _WHITE_SPACE)
def indented_by_tabs(document: bytes) -> bytes:
    """XML is indented with tabs, and has blank lines between elements and at the end."""
    return re.sub(rb"\n +<", b"\n\n\t\t<", document) + b"\n\n \n"


@after(Service.xml_layout, _WHITE_SPACE)
def windows_lines(document: bytes) -> bytes:
    """Lines of XML end in a carriage return and a line feed."""
    return document.replace(b"\n", b"\r\n")


@after(Service.xml_layout, _WHITE_SPACE)
def old_lines(document: bytes) -> bytes:
    """Lines of XML end in a carriage return alone."""
    return document.replace(b"\n", b"\r")


@after(Service.xml_layout, _TAGS)
def spaced_tags(document: bytes) -> bytes:
    """Each tag has white space before its closing bracket."""
    return re.sub(rb"<(/?\w+)([^<>?]*)>", rb"<\1\2\n >", document)


# The root


@after(Service.xml_layout, _ROOT)
def unused_prefixes(document: bytes) -> bytes:
    """The root declares prefixes that nothing uses."""
    xsi, xsd = b"http://www.w3.org/2001/XMLSchema-instance", b"http://www.w3.org/2001/XMLSchema"
    return _on_root(document, b' xmlns:xsi="' + xsi + b'" xmlns:xsd="' + xsd + b'" xmlns:own="' + NAMESPACE.encode() + b'"')


@after(Service.xml_layout, _ROOT)
def schema_location(document: bytes) -> bytes:
    """The root has xsi:schemaLocation."""
    location = f'{NAMESPACE} https://schemas.example/jobinfo.xsd"'.encode()
    xsi = b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    return _on_root(document, xsi + b' xsi:schemaLocation="' + location)


@after(Service.xml_layout, _ROOT)
def namespace_in_references(document: bytes) -> bytes:
    """The namespace has character references in it."""
    return document.replace(b"http://www.force", b"http&#58;&#x2f;/www.force")


@after(Service.xml_layout, _ROOT)
def repeated_namespace(document: bytes) -> bytes:
    """Each element declares the namespace again."""
    return re.sub(rb"\n <(\w+)>", rb"\n <\1" + _XMLNS + b">", document)


@after(Service.xml_layout, _ROOT)
def prefixes_on_elements(document: bytes) -> bytes:
    """Each element declares a prefix of its own that nothing uses."""
    numbers = count(1)
    return re.sub(rb"\n <(\w+)>", lambda match: b'\n <%b xmlns:n%d="urn:n">' % (match[1], next(numbers)), document)


# Encodings


def _encoded(response: Response, charset: str, *, encoding: str, mark: bytes = b"", declared: bool = True) -> Response:
    """A response whose document is in another encoding, declared in the document and named by the media type."""
    if Serialization.of_media_type(response.content_type) is not Serialization.XML:
        return response
    text = _PROLOG.sub(b"", response.body or b"").decode()
    declaration = f'<?xml version="1.0" encoding="{charset}"?>\n' if declared else ""
    body = mark + (declaration + text).encode(encoding, "xmlcharrefreplace")
    headers = [("Content-Type", f"application/xml; charset={charset}"), *response.headers.without("Content-Type")]
    return replace(response, headers=Headers.of(headers), body=body)


@after(Service.respond, _ENCODING, _DECLARATION, "the media type")
def utf_16(response: Response) -> Response:
    """XML is in UTF-16, little-endian with a byte order mark, and says so in its charset and declaration."""
    return _encoded(response, "UTF-16", encoding="utf-16-le", mark=codecs.BOM_UTF16_LE)


@after(Service.respond, _ENCODING, _DECLARATION, "the media type")
def utf_16_big_endian(response: Response) -> Response:
    """XML is in UTF-16, big-endian with a byte order mark, and says so in its charset alone."""
    return _encoded(response, "utf-16", encoding="utf-16-be", mark=codecs.BOM_UTF16_BE, declared=False)


@after(Service.respond, _ENCODING, _DECLARATION, "the media type")
def utf_16_without_a_mark(response: Response) -> Response:
    """XML is in UTF-16LE without a byte order mark, and says so in its charset alone."""
    return _encoded(response, "UTF-16LE", encoding="utf-16-le", declared=False)


@after(Service.respond, _ENCODING, _DECLARATION, "the media type")
def latin_1(response: Response) -> Response:
    """XML is in ISO-8859-1, and says so in its charset and declaration."""
    return _encoded(response, "ISO-8859-1", encoding="latin-1")


@after(Service.respond, _ENCODING, _DECLARATION, "the media type")
def latin_1_by_its_charset(response: Response) -> Response:
    """XML is in ISO-8859-1, and says so in its charset alone."""
    return _encoded(response, "iso-8859-1", encoding="latin-1", declared=False)


@after(Service.respond, _ENCODING, _DECLARATION, "the media type")
def us_ascii(response: Response) -> Response:
    """XML is in US-ASCII, and says so in its charset and declaration."""
    return _encoded(response, "US-ASCII", encoding="ascii")


@after(Service.respond, _ENCODING, _DECLARATION, "the media type")
def windows_1252(response: Response) -> Response:
    """XML is in windows-1252, and says so in its charset and declaration."""
    return _encoded(response, "windows-1252", encoding="cp1252")


@manner(_ENCODING)
class ByteOrderMark(Service):
    """XML begins with the byte order mark of UTF-8."""

    def respond(self, status: int, document: bytes, form: Serialization) -> Response:
        """Put the mark before XML."""
        response = super().respond(status, document, form)
        return replace(response, body=codecs.BOM_UTF8 + (response.body or b"")) if form is Serialization.XML else response
