"""What the XSD of a body finds in an XML document, by requirement."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from jobinfo_conformance._contract.document import local_name, name_in_words
from jobinfo_conformance._contract.field_types import TEXT, WHOLE, XML_SPACE
from jobinfo_conformance._contract.jobinfo import NAMESPACE, JobInfo
from jobinfo_conformance._contract.schemas import Body, elements, required_fields
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._escaping import quoted
from jobinfo_conformance._finding import Finding

if TYPE_CHECKING:
    from xmlschema.validators import XsdElement

#: Whole numbers in canonical form.
CANONICAL = re.compile(r"0|[1-9][0-9]*")
#: Attributes that say where a schema is: legal on every element. xsi:nil and xsi:type are not legal, because no type here is
#: nillable or derived.
_LOCATIONS = frozenset(
    f"{{http://www.w3.org/2001/XMLSchema-instance}}{name}" for name in ("schemaLocation", "noNamespaceSchemaLocation")
)


@dataclass(frozen=True)
class _Content:
    """What an XSD declares for the root of a body: its tag; its children by tag, by name and in order; the required ones."""

    tag: str
    children: Mapping[str, XsdElement]
    by_name: Mapping[str, XsdElement]
    names: tuple[str, ...]
    required: tuple[str, ...]


@cache
def _content(body: Body, version: Version) -> _Content:
    declared = elements(body, version)
    return _Content(
        tag=f"{{{NAMESPACE}}}{body.root}",
        children={f"{{{NAMESPACE}}}{name}": element for name, element in declared.items()},
        by_name=declared,
        names=tuple(declared),
        required=tuple(required_fields(body, version)),
    )


def xml_findings(root: Element, body: Body, version: Version) -> Iterator[Finding]:
    """Yield what is wrong with a document as a body in a version.

    If the root is wrong, the elements in it are judged by their local names; if those are another body's, not at all.
    """
    content = _content(body, version)
    declared = content.children
    if root.tag != content.tag:
        yield Finding("schema/root", name_in_words(content.tag), name_in_words(root.tag), body.root)
        if not is_recognisable(root, body, version):
            return
        declared = {
            child.tag: content.by_name[local_name(child.tag)] for child in root if local_name(child.tag) in content.by_name
        }
    known = [child for child in root if child.tag in declared]
    names = [local_name(child.tag) for child in known]
    for child in root:
        if child.tag not in declared:
            name = quoted(local_name(child.tag))
            yield Finding("schema/no-unknown-elements", "no such element", name_in_words(child.tag), name)
    yield from _repeated(names)
    yield from missing(content.required, names)
    yield from _misplaced(content.names, list(dict.fromkeys(names)))
    if (root.text or "").strip() or any((child.tail or "").strip() for child in root):
        yield Finding("schema/no-unknown-elements", "only elements", "text between the elements", body.root)
    yield from _attributes(root)
    for child, name in zip(known, names, strict=True):
        yield from _value(name, child, declared[child.tag])


def is_recognisable(root: Element, body: Body, version: Version) -> bool:
    """Whether a root is that of a body by its local name, or holds most of the fields that the body must have."""
    required = _content(body, version).required
    present = {local_name(child.tag) for child in root}
    return local_name(root.tag) == body.root or 2 * len(present.intersection(required)) > len(required)


def missing(required: Iterable[str], names: Iterable[str]) -> Iterator[Finding]:
    """Yield a finding that names the required fields that are not among the names in a body, if there are any."""
    present = set(names)
    absent = [name for name in required if name not in present]
    if len(absent) == 1:
        yield Finding("schema/required-fields", "the field", "nothing", absent[0])
    elif absent:
        yield Finding("schema/required-fields", f"these {len(absent)} fields", "none of them", ", ".join(absent))


def _repeated(names: list[str]) -> Iterator[Finding]:
    if len(set(names)) == len(names):
        return
    for name, times in Counter(names).items():
        if times > 1:
            yield Finding("schema/no-duplicates", "one element with this name", str(times), name)


def _misplaced(order: tuple[str, ...], names: list[str]) -> Iterator[Finding]:
    for got, expected in zip(names, sorted(names, key=order.index), strict=True):
        if got != expected:
            yield Finding("schema/element-order", f"{expected} in this place", f"{got}, out of order", got)
            return


def _attributes(root: Element) -> Iterator[Finding]:
    for element in root.iter():
        for name in element.attrib:
            if name not in _LOCATIONS:
                got = name_in_words(name) if name.startswith("{") else quoted(name)
                yield Finding("schema/no-unknown-attributes", "no attribute", got, local_name(element.tag))


def _value(name: str, child: Element, declared: XsdElement) -> Iterator[Finding]:
    if len(child):
        yield Finding("schema/field-types", "a value", f"a child element {quoted(local_name(child[0].tag))}", name)
    else:
        yield from _text_findings(name, child.text or "", declared)


@lru_cache(maxsize=4096)
def _text_findings(name: str, text: str, declared: XsdElement) -> tuple[Finding, ...]:
    """What is wrong with the text of an element; cached, because most texts recur."""
    field = JobInfo.FIELDS.get(name)
    enumeration = getattr(declared.type, "enumeration", None)
    if enumeration is not None:
        if text in enumeration:
            return ()
        return (Finding("schema/enumerations", " or ".join(map(str, enumeration)), quoted(text), name),)
    if not declared.type.text_is_valid(text) or not _is_readable(name, text):
        return (Finding("schema/field-types", _documentation(declared), quoted(text), name),)
    if field is not None and field.type is WHOLE and not CANONICAL.fullmatch(text.strip(XML_SPACE)):
        return (Finding("schema/canonical-numbers", str(WHOLE.from_xml(text)), quoted(text), name),)
    return ()


def _is_readable(name: str, text: str) -> bool:
    """Whether `JobInfo` can read the text too: xmlschema also takes ``1_000``, other digits and other white space."""
    field = JobInfo.FIELDS.get(name)
    if field is None or field.type is TEXT:
        return True
    try:
        field.type.from_xml(text)
    except ValueError:
        return False
    return True


def _documentation(declared: XsdElement) -> str:
    """What a type is, by the first sentence of its documentation in the XSD."""
    annotation = declared.type.annotation
    return first_sentence(" ".join(str(annotation).split())) if annotation is not None else "a value of its type"


def first_sentence(text: str) -> str:
    """The first sentence of a text, without its full stop."""
    return re.split(r"(?<=[a-zZ0-9])\.(?: |$)", text)[0]
