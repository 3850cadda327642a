"""What a file is that is no text in UTF-8, told by its bytes, and what to do about it."""

from __future__ import annotations

import codecs
from collections.abc import Mapping

_SAVE = "save it in UTF-8"
#: How files begin that are often given in place of text. The mark of UTF-32 begins with that of UTF-16.
_BEGINNINGS = (
    (codecs.BOM_UTF32_LE, f"is in UTF-32: {_SAVE}"),
    (codecs.BOM_UTF32_BE, f"is in UTF-32: {_SAVE}"),
    (codecs.BOM_UTF16_LE, f"is in UTF-16: {_SAVE}"),
    (codecs.BOM_UTF16_BE, f"is in UTF-16: {_SAVE}"),
    (b"+/v8", f"is in UTF-7: {_SAVE}"),
    (b"\x1f\x8b", "is compressed with gzip: decompress it first"),
    (b"(\xb5/\xfd", "is compressed with zstd: decompress it first"),
    (b"BZh", "is compressed with bzip2: decompress it first"),
    (b"\xfd7zXZ\0", "is compressed with xz: decompress it first"),
    (b"PK\x03\x04", "is a .zip archive: unpack it first"),
    (b"PK\x05\x06", "is an empty .zip archive"),
    (b"7z\xbc\xaf", "is a .7z archive: unpack it first"),
    (b"PAR1", "is a Parquet file, not text"),
    (b"SQLite format 3\0", "is a database of SQLite, not text"),
    (b"%PDF-", "is a PDF, not text"),
    (b"\x89PNG", "is a PNG image, not text"),
    (b"\xff\xd8\xff", "is a JPEG image, not text"),
    (b"\x7fELF", "is a program, not text"),
)
#: Which of the first four bytes are zero in an encoding whose first characters are ASCII, without a byte order mark.
_ZEROS: Mapping[tuple[bool, ...], str] = {
    (True, True, True, False): f"is in UTF-32: {_SAVE}",
    (False, True, True, True): f"is in UTF-32: {_SAVE}",
    (False, True, False, True): f"is in UTF-16: {_SAVE}",
    (True, False, True, False): f"is in UTF-16: {_SAVE}",
}


def not_text(data: bytes) -> str | None:
    """Return what a file is by its first bytes, if that is not text in UTF-8, and what to do; None if it may be text.

    >>> not_text("{}".encode("utf-16-le"))
    'is in UTF-16: save it in UTF-8'
    """
    found = next((said for start, said in _BEGINNINGS if data.startswith(start)), None)
    if found is None:
        found = _ZEROS.get(tuple(byte == 0 for byte in data[:4]))
    return found or ("is binary, not text" if b"\0" in data[:1024] else None)


def not_utf_8(error: UnicodeDecodeError) -> str:
    """Return what keeps a text from being UTF-8, what else it may be in, and what to do."""
    found = error.object[error.start : error.start + 2]
    if found[:1] == b"\xed" and found[1:] >= b"\xa0":
        return f"it has half of a surrogate pair, which is no character: {_SAVE}"
    named = "Windows-1252 or Latin-1 (ISO-8859-1)"
    return f"it has the byte 0x{found[0]:02x} where UTF-8 has none, as in another encoding such as {named}: {_SAVE}"
