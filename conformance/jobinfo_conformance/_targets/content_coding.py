"""The content codings of an answer, undone piece by piece, so that a few bytes can't become gigabytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

#: The most bytes that are decoded at a time, and the most that one coding may yield.
_PIECE, _MOST = 1 << 14, 1 << 22
#: The most codings that are undone, one inside another. Nobody needs more than one.
_DEEPEST = 5
_GZIP = ("gzip", "x-gzip")
_START_OF_GZIP = b"\x1f\x8b"
#: What tells zlib's framing of deflate, which RFC 9110 asks for, from the bare form that some servers send.
_ZLIB_METHOD, _ZLIB_CHECK = 8, 31


class Undecodable(ValueError):
    """The bytes are not in the coding that is named for them, or decode to too many; the message says which."""


def decoded(parts: Iterable[bytes], coding: str | None) -> Iterator[bytes]:
    """Yield what ``parts`` hold once the codings of a Content-Encoding header are undone: gzip and deflate.

    Bytes in any other coding are yielded as they are. Raises Undecodable.

    >>> b"".join(decoded([zlib.compress(b"text")], "deflate"))
    b'text'
    """
    names = [name.strip().lower() for name in (coding or "").split(",")]
    if len(names) > _DEEPEST:
        raise Undecodable(f"{len(names)} content codings, one inside another")
    for name in reversed(names):
        if name in (*_GZIP, "deflate"):
            parts = _inflated(parts, name)
    yield from parts


def _inflated(parts: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Undo gzip or deflate."""
    unzip, left = None, _MOST
    try:
        for part in filter(None, parts):
            rest = part
            unzip = unzip or _decompressor(name, part)
            while rest:
                piece = unzip.decompress(rest, _PIECE)
                left -= len(piece)
                if left < 0:
                    raise Undecodable(f"{name} of more than {_MOST >> 20} MiB")
                yield piece
                rest = unzip.unconsumed_tail
                if (
                    unzip.eof and unzip.unused_data.startswith(_START_OF_GZIP) and name in _GZIP
                ):  # gzip may have several members
                    rest, unzip = unzip.unused_data, _decompressor(name, part)
    except zlib.error:
        raise Undecodable(f"it is not {name}") from None
    if unzip is not None and not unzip.eof:
        raise Undecodable(f"the {name} ends early")


def _decompressor(name: str, start: bytes) -> zlib._Decompress:
    if name in _GZIP:
        return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    is_framed = start[0] & 0x0F == _ZLIB_METHOD and int.from_bytes(start[:2], "big") % _ZLIB_CHECK == 0
    return zlib.decompressobj(wbits=zlib.MAX_WBITS if is_framed else -zlib.MAX_WBITS)
