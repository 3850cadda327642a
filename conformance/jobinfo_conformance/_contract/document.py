"""What a strict reader makes of a body: a document, and what is wrong with its syntax.

A reader takes any bytes and never raises: what it can't accept becomes a `Finding`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar, Union
from xml.etree.ElementTree import Element

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._escaping import quoted
from jobinfo_conformance._finding import Finding

#: The longest body that is read, in bytes. A jobInfo is about one kilobyte.
LONGEST_BODY = 1 << 20
#: How deep elements and values may nest before a body counts as unreadable. A jobInfo has two levels.
DEEPEST = 32

JsonValue = Union[None, bool, int, float, str, "list[JsonValue]", "dict[str, JsonValue]"]


@dataclass(frozen=True)
class XmlDocument:
    """A well-formed XML body: its root. Tags are written ``{namespace}name``."""

    root: Element


@dataclass(frozen=True)
class JsonDocument:
    """A JSON body: its value. Numbers are `JsonInt` and `JsonFloat`, which remember how they were written."""

    value: JsonValue


Document = XmlDocument | JsonDocument


class JsonInt(int):
    """A JSON number without fraction or exponent, and its text."""

    text: str

    def __new__(cls, text: str) -> JsonInt:
        """Read a number of any length."""
        # Python limits how many digits it parses. 400 are already beyond every bound.
        number = super().__new__(cls, text[:400])
        number.text = text
        return number


class JsonFloat(float):
    """A JSON number with a fraction or an exponent, and its text."""

    text: str

    def __new__(cls, text: str) -> JsonFloat:
        """Read a number of any size; one that is too large becomes infinite."""
        number = super().__new__(cls, text)
        number.text = text
        return number


@dataclass(frozen=True)
class Reading:
    """What a reader made of a body.

    ``document`` is None if the body can't be read at all; ``findings`` then says why.
    """

    serialization: Serialization
    document: Document | None
    findings: tuple[Finding, ...] = ()
    #: Whether the body is known to be what it is meant to be, with nothing wrong in it.
    is_flawless: ClassVar[bool] = False

    @property
    def is_readable(self) -> bool:
        """Whether the body could be read at all."""
        return self.is_flawless or self.document is not None

    @property
    def root(self) -> str | None:
        """The local name of an XML root, ``object`` for a JSON object, None for anything else."""
        if isinstance(self.document, XmlDocument):
            return local_name(self.document.root.tag)
        if isinstance(self.document, JsonDocument) and isinstance(self.document.value, dict):
            return "object"
        return None

    @cached_property
    def fields(self) -> Mapping[str, JsonValue]:
        """Each field's value as the body writes it: text in XML, any JSON value in JSON.

        If a field occurs twice, the first counts. An XML element with children has no value and is left out.
        """
        if isinstance(self.document, JsonDocument):
            return self.document.value if isinstance(self.document.value, dict) else {}
        found: dict[str, JsonValue] = {}
        if isinstance(self.document, XmlDocument):
            for child in self.document.root:
                if not len(child):
                    found.setdefault(local_name(child.tag), child.text or "")
        return found


class FlawlessReading(Reading):
    """A body in which nothing is wrong, as is known already; its document is read when it is asked for."""

    is_flawless = True

    def __init__(self, serialization: Serialization, read: Callable[[], Reading]) -> None:
        """``read`` is what to read the body with."""
        object.__setattr__(self, "serialization", serialization)  # the class is frozen
        object.__setattr__(self, "findings", ())
        object.__setattr__(self, "_read", read)

    @cached_property
    def document(self) -> Document | None:
        """The document."""
        read: Callable[[], Reading] = vars(self)["_read"]
        return read().document


@lru_cache(maxsize=256)
def local_name(tag: str) -> str:
    """The name in a tag that may start with a namespace, as in ``{namespace}name``."""
    return tag.rpartition("}")[2]


def name_in_words(tag: str) -> str:
    """The name in a tag and its namespace, for a message.

    >>> name_in_words("{urn:a}state"), name_in_words("state")
    ('state in namespace "urn:a"', 'state in no namespace')
    """
    namespace, found, _ = tag.removeprefix("{").rpartition("}")
    name = quoted(local_name(tag), 200)
    return f'{name} in namespace "{quoted(namespace, 200)}"' if found else f"{name} in no namespace"


def batches_in(document: Document | None) -> tuple[str, ...] | None:
    """The ids in a batchInfoList; None if the document is no such list, or a batch in it has no id."""
    if isinstance(document, XmlDocument) and local_name(document.root.tag) == "batchInfoList":
        ids: list[object] = [_text_of(batch, "id") for batch in document.root if local_name(batch.tag) == "batchInfo"]
    elif isinstance(document, JsonDocument) and isinstance(document.value, dict):
        batches = document.value.get("batchInfo")
        if not isinstance(batches, list):
            return None
        ids = [batch.get("id") if isinstance(batch, dict) else None for batch in batches]
    else:
        return None
    texts = tuple(batch_id for batch_id in ids if isinstance(batch_id, str))
    return texts if len(texts) == len(ids) else None


def _text_of(element: Element, name: str) -> str | None:
    return next((child.text for child in element if local_name(child.tag) == name), None)
