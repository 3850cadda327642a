"""Manners of media types: how the Content-Type of a document is written."""

from __future__ import annotations

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._reference.manners.manner import manner
from jobinfo_conformance._reference.service import Service

_MEDIA_TYPE = "the media type"


@manner(_MEDIA_TYPE)
class CharsetParameter(Service):
    """The Content-Type has a charset."""

    def media_type(self, form: Serialization) -> str:
        """With the charset that the body is in."""
        return f"{form.media_type}; charset=UTF-8"


@manner(_MEDIA_TYPE)
class QuotedCharset(Service):
    """The charset is quoted and in lower case, with no space before it."""

    def media_type(self, form: Serialization) -> str:
        """With a quoted charset."""
        return f'{form.media_type};charset="utf-8"'


@manner(_MEDIA_TYPE)
class CapitalMediaType(Service):
    """The Content-Type is all in capitals."""

    def media_type(self, form: Serialization) -> str:
        """In capitals."""
        return f"{form.media_type}; charset=utf-8".upper()


@manner(_MEDIA_TYPE)
class SpacedParameters(Service):
    """The Content-Type has spaces and tabs around its semicolon."""

    def media_type(self, form: Serialization) -> str:
        """With white space."""
        return f"{form.media_type} \t;\t charset=UTF-8"


@manner(_MEDIA_TYPE)
class EmptyParameter(Service):
    """The Content-Type ends with a semicolon."""

    def media_type(self, form: Serialization) -> str:
        """With an empty parameter."""
        return f"{form.media_type}; charset=UTF-8;"


@manner(_MEDIA_TYPE)
class FurtherParameters(Service):
    """The Content-Type has further parameters, and one of them quotes what looks like a charset."""

    def media_type(self, form: Serialization) -> str:
        """With parameters before and behind the charset."""
        return f'{form.media_type}; version=1; charset=UTF-8; profile="a; charset=x, \\"b\\""'
