"""Ordinary text: what conforming requests and answers say anyway, so that it can't be a secret."""

from __future__ import annotations

from functools import cache

from jobinfo_conformance._resources import resource

#: What holds the vocabulary of the contract: names of fields and their values, namespaces, error codes, media types.
_SOURCES = (
    ("fixtures", "documented-xml.har"),
    ("fixtures", "documented-json.har"),
    ("schemas", "types.xsd"),
    ("schemas", "jobinfo.schema.json"),
    ("schemas", "error.schema.json"),
)
_MEDIA_TYPES = "application/xml application/json text/xml text/csv text/html text/plain application/x-www-form-urlencoded"


def is_ordinary(text: str) -> bool:
    """Whether a text is a URL, or part of what the documented exchanges and the schemas say, in any letter case."""
    return text.lower().startswith(("http://", "https://")) or text.lower() in _vocabulary()


@cache
def _vocabulary() -> str:
    return "\n".join([_MEDIA_TYPES, *(resource(*source).read_text("utf-8").lower() for source in _SOURCES)])
