"""Hostile framing: lengths, chunks and content codings that contradict themselves or have no end."""

from __future__ import annotations

import gzip
from collections.abc import Iterable

from jobinfo_conformance._reference.faults.fault import spoiled
from jobinfo_conformance._reference.spoiled_bytes import CHUNKED, GZIP, MEGABYTE, bomb, endless, framed, with_body, with_headers


@spoiled(says="no answer came: headers that contradict each other", breaks="state/final")
def lengths_contradict(answer: bytes) -> bytes:
    """The answer to a close has two lengths."""
    return with_headers(answer, b"Content-Length: 5")


@spoiled(says="got a tag, comment or other markup that does not end")
def length_is_too_short(answer: bytes) -> bytes:
    """The length of the answer to a close is shorter than its body."""
    return with_headers(answer, b"Content-Length: 9", without=b"content-length")


@spoiled(says="got a body that broke off or does not decode: it ends early")
def length_is_too_long(answer: bytes) -> bytes:
    """The length of the answer to a close is longer than its body."""
    return with_headers(answer, b"Content-Length: 99999", without=b"content-length")


@spoiled(says="got a body of more than 32768 bytes")
def body_without_end(answer: bytes) -> Iterable[bytes]:
    """The body of the answer to a close has no end."""
    return framed(answer, endless(b"x" * 65_536))


@spoiled(says="got a body that broke off or does not decode: its chunks can't be told apart")
def chunk_of_negative_size(answer: bytes) -> Iterable[bytes]:
    """The answer to a close has a chunk of -5 bytes."""
    return framed(answer, b"-5\r\nabc\r\n0\r\n\r\n", CHUNKED)


@spoiled(says="got a body that broke off or does not decode: a chunk whose size is no number")
def chunk_whose_size_is_a_word(answer: bytes) -> Iterable[bytes]:
    """The answer to a close has a chunk whose size is a word."""
    return framed(answer, b"zz\r\nabc\r\n0\r\n\r\n", CHUNKED)


@spoiled(says="got a body that broke off or does not decode: a chunk whose size is no number")
def chunk_of_no_size(answer: bytes) -> Iterable[bytes]:
    """The answer to a close has a chunk without a size."""
    return framed(answer, b"\r\nabc\r\n0\r\n\r\n", CHUNKED)


@spoiled(says="got a body that broke off or does not decode: it ends early")
def chunk_of_16_exabytes(answer: bytes) -> Iterable[bytes]:
    """The answer to a close has a chunk of 16 exabytes."""
    return framed(answer, b"ffffffffffffffff\r\nabc\r\n0\r\n\r\n", CHUNKED)


@spoiled(says="got a body that broke off or does not decode: it ends early")
def chunk_whose_size_has_5000_digits(answer: bytes) -> Iterable[bytes]:
    """The answer to a close has a chunk whose size has 5,000 digits."""
    return framed(answer, b"f" * 5_000 + b"\r\nabc\r\n0\r\n\r\n", CHUNKED)


@spoiled(says="got a body that broke off or does not decode: a chunk whose size takes more than 64 KiB")
def chunk_extension_of_a_megabyte(answer: bytes) -> Iterable[bytes]:
    """The answer to a close has a chunk with an extension of a megabyte."""
    return framed(answer, b"3;" + b"x" * MEGABYTE + b"\r\nabc\r\n0\r\n\r\n", CHUNKED)


@spoiled(says="got a body that broke off or does not decode: its chunks can't be told apart")
def chunks_break_off(answer: bytes) -> Iterable[bytes]:
    """The chunks of the answer to a close end before the last one."""
    return framed(answer, b"3\r\nabc\r\n", CHUNKED)


@spoiled(says="got a body of more than 32768 bytes")
def chunks_without_end(answer: bytes) -> Iterable[bytes]:
    """The chunks of the answer to a close have no end."""
    return framed(answer, endless(b"5\r\nxxxxx\r\n" * 999), CHUNKED)


@spoiled(says="got a body of more than 32768 bytes")
def chunks_of_one_byte(answer: bytes) -> Iterable[bytes]:
    """The answer to a close has 300,000 chunks of one byte."""
    return framed(answer, b"1\r\n \r\n" * 300_000 + b"0\r\n\r\n", CHUNKED)


@spoiled(says="got a body of more than 32768 bytes")
def gzip_bomb(answer: bytes) -> bytes:
    """The answer to a close unpacks to 16 megabytes."""
    return with_body(answer, bomb(16 * MEGABYTE), GZIP)


@spoiled(says="got a body of more than 32768 bytes")
def nested_gzip_bomb(answer: bytes) -> bytes:
    """The answer to a close is gzip in gzip in gzip, and unpacks to 16 megabytes."""
    return with_body(answer, bomb(16 * MEGABYTE, layers=3), b"Content-Encoding: gzip, gzip, gzip")


@spoiled(says="got a body that broke off or does not decode: it is not gzip")
def gzip_that_is_none(answer: bytes) -> bytes:
    """The answer to a close is called gzip and is not."""
    return with_headers(answer, GZIP)


@spoiled(says="got a body that broke off or does not decode: the gzip ends early")
def gzip_that_breaks_off(answer: bytes) -> bytes:
    """The answer to a close is gzip that ends early."""
    return with_body(answer, gzip.compress(b"x" * 999, mtime=0)[:-9], GZIP)


@spoiled(says="got a body that broke off or does not decode: it is not gzip")
def gzip_of_another_length(answer: bytes) -> bytes:
    """The answer to a close is gzip whose check fails."""
    return with_body(answer, gzip.compress(b"x" * 999, mtime=0)[:-4] + bytes(4), GZIP)


@spoiled(says="got a body that broke off or does not decode: it is not deflate")
def deflate_that_is_none(answer: bytes) -> bytes:
    """The answer to a close is called deflate and is not."""
    return with_body(answer, b"\xff" * 99, b"Content-Encoding: deflate")


@spoiled(says="got a body that broke off or does not decode: 100 content codings, one inside another")
def a_hundred_codings(answer: bytes) -> bytes:
    """The answer to a close is in a hundred content codings."""
    return with_body(answer, b"x", b"Content-Encoding: " + b", ".join([b"gzip"] * 100))
