"""The body of a recorded message: its bytes, or None if the recording did not keep them as they were.

What a recorder spoiled is never the endpoint's fault. So a body that may have been complete and in order when it was
answered, but is not in the recording, counts as not kept.
"""

from __future__ import annotations

import base64
import binascii
import re
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from msgspec import UNSET

from jobinfo_conformance._contract.charset import charset_of
from jobinfo_conformance._contract.document import LONGEST_BODY
from jobinfo_conformance._contract.reader import read, serialization_of
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.har import Content, PostData
from jobinfo_conformance._evidence.side_files import SideFiles

_XML_ENCODING = re.compile(r"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_START_TAG = re.compile(rb"<([^?!/\s>][^\s/>]*)")
_URL_SAFE = str.maketrans("-_", "+/")


def body_of(
    content: Content | PostData,
    media_type: str | None,
    *,
    coding: str | None = None,
    on_wire: Any = None,
    files: SideFiles | None = None,
) -> bytes | None:
    """Return the bytes of a body; None if the recording did not keep them.

    ``coding`` is the Content-Encoding of the message, ``on_wire`` how many bytes the body had there, and ``files`` are those
    beside the recording.
    """
    if _is_flagged_truncated(content):
        return None
    body = _kept(content, media_type, on_wire, files)
    if body and coding and not is_text(body):
        body = _uncoded(body, content.text, coding)
    return None if body and _is_cut_short(body, content, media_type, on_wire) else body


def _kept(content: Content | PostData, media_type: str | None, on_wire: Any, files: SideFiles | None) -> bytes | None:
    """The bytes that a recording holds for a body."""
    text = content.text
    if isinstance(text, str) and text:
        in_base64 = _from_base64(text) if _is_base64(content) else None
        return in_base64 if in_base64 is not None else _encoded(text, media_type)
    if isinstance(content.file, str):
        return files.read(content.file) if files is not None else None
    if isinstance(content, PostData) and isinstance(content.params, list) and content.params:
        return _form_data(content.params)
    return b"" if _says_empty(content, on_wire) else None


def _is_base64(content: Content | PostData) -> bool:
    return "base64" in [str(name).strip().lower() for name in (content.encoding, content.own_encoding)]


def _from_base64(text: str) -> bytes | None:
    """The bytes of base64, wrapped, unpadded or with the alphabet of URLs as it may be; None if it is something else."""
    compact = "".join(text.split()).translate(_URL_SAFE).rstrip("=")
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _encoded(text: str, media_type: str | None) -> bytes:
    """Return the bytes of a text. HAR keeps it in Unicode, whatever encoding the body was in; the body may still name it."""
    mark = "\ufeff" * text.startswith("\ufeff")
    bare = text.removeprefix(mark)
    declared = _XML_ENCODING.match(bare)
    charset = declared[1] if declared else charset_of(media_type) if bare.lstrip()[:1] == "<" else None
    try:
        # Python itself writes a byte order mark if the name of the encoding leaves the byte order open.
        return (bare if "".encode(charset or "utf-8") else text).encode(charset or "utf-8")
    except (LookupError, UnicodeError):
        return text.encode("utf-8", "surrogatepass")


def _form_data(params: list[Any]) -> bytes:
    """What a browser sends for the fields of a form."""
    fields = [param for param in params if isinstance(param, dict)]
    return urlencode([(str(field.get("name", "")), str(field.get("value", ""))) for field in fields]).encode()


def _says_empty(content: Content | PostData, on_wire: Any) -> bool:
    """Whether a recording that holds no text for a body says that it was empty: its size is 0, and nothing was on the wire."""
    size = getattr(content, "size", UNSET)
    is_empty = size == 0 or (size in (UNSET, None) and content.text == "")
    return is_empty and not (_is_number(on_wire) and on_wire > 0)


def _is_flagged_truncated(content: Content | PostData) -> bool:
    """Whether the recorder says that it kept only the beginning."""
    return content.truncated is True or "truncated" in str(content.comment).lower()


def is_text(body: bytes) -> bool:
    """Whether a body is text as it is: it begins like XML or JSON, or is printable; one that is still compressed is neither."""
    if serialization_of(body) is not None:
        return True
    text = body.decode("utf-8", "replace")
    return "\ufffd" not in text and all(char.isprintable() or char in "\r\n\t" for char in text)


def _uncoded(body: bytes, text: Any, coding: str) -> bytes | None:
    """Undo the content coding that a recorder left; None if that yields nothing that can be read.

    A recorder that takes coded bytes for text writes a character for each byte.
    """
    from urllib3 import HTTPResponse
    from urllib3.exceptions import HTTPError

    try:
        coded = text.encode("latin-1") if isinstance(text, str) and body == text.encode() else body
        answer = HTTPResponse(BytesIO(coded), headers={"content-encoding": coding}, preload_content=False)
        found = answer.read(LONGEST_BODY + 1, decode_content=True)
    except (HTTPError, UnicodeError):
        return None
    # A stream that was cut short decodes to a beginning.
    return found if is_text(found) and read(found).document is not None else None


def _is_cut_short(body: bytes, content: Content | PostData, media_type: str | None, on_wire: Any) -> bool:
    """Whether the recorder kept only the beginning of a body: it is shorter than it was, and breaks off.

    A size alone says little: some recorders count characters, or what was on the wire.
    """
    size = content.size if isinstance(content, Content) else on_wire
    if not _is_number(size) or len(body) >= size or read(body, media_type).document is not None:
        return False
    opened = _START_TAG.search(body)
    ends = [b"</" + opened[1]] if opened and serialization_of(body) is Serialization.XML else [b"}", b"]"]
    last = body.rstrip().removesuffix(b">").rstrip()
    return not last.endswith(tuple(ends))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
