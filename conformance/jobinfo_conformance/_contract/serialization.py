"""The two serializations of every body."""

from __future__ import annotations

from enum import StrEnum


class Serialization(StrEnum):
    """XML or JSON: the form of a body.

    As text it is ``xml`` or ``json``.

        >>> Serialization("json").media_type
        'application/json'
    """

    XML = "xml"
    JSON = "json"

    @property
    def media_type(self) -> str:
        """The media type of a body in this form."""
        return f"application/{self.value}"

    @property
    def other(self) -> Serialization:
        """The other of the two."""
        return Serialization.JSON if self is Serialization.XML else Serialization.XML

    @classmethod
    def of_media_type(cls, content_type: str | None) -> Serialization | None:
        """The serialization that a Content-Type header names, whatever its parameters; None for any other media type."""
        return _BY_MEDIA_TYPE.get((content_type or "").partition(";")[0].strip().lower())


_BY_MEDIA_TYPE = {serialization.media_type: serialization for serialization in Serialization}
