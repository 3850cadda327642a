"""Hostile heads: status lines and headers that no server should send, on a close in XML."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from jobinfo_conformance._reference.faults.fault import spoiled
from jobinfo_conformance._reference.spoiled_bytes import GZIP, MEGABYTE, bomb, endless, redirect, with_headers, with_status_line


@spoiled(says="no answer came: no status line of HTTP/1: HTTP/1.1 abc OK", breaks="state/final")
def status_is_a_word(answer: bytes) -> bytes:
    """The status of a close is a word."""
    return with_status_line(answer, b"HTTP/1.1 abc OK")


@spoiled(says="no answer came: no status line of HTTP/1: HTTP/1.1 99 OK", breaks="state/final")
def status_has_two_digits(answer: bytes) -> bytes:
    """The status of a close has two digits."""
    return with_status_line(answer, b"HTTP/1.1 99 OK")


@spoiled(says="no answer came: no status line of HTTP/1: HTTP/1.1 1000 OK", breaks="state/final")
def status_has_four_digits(answer: bytes) -> bytes:
    """The status of a close has four digits."""
    return with_status_line(answer, b"HTTP/1.1 1000 OK")


@spoiled(says="no answer came: no status line of HTTP/1: HTTP/1.1 -200 OK", breaks="state/final")
def status_is_negative(answer: bytes) -> bytes:
    """The status of a close is negative."""
    return with_status_line(answer, b"HTTP/1.1 -200 OK")


@spoiled(says="no answer came: no status line of HTTP/1:", breaks="state/final")
def status_line_is_empty(answer: bytes) -> bytes:
    """The status line of a close is empty."""
    return with_status_line(answer, b"")


@spoiled(says="no answer came: no status line of HTTP/1: HTTP/1.1", breaks="state/final")
def status_line_lacks_a_status(answer: bytes) -> bytes:
    """The status line of a close ends after the version."""
    return with_status_line(answer, b"HTTP/1.1")


@spoiled(says="no answer came: no status line of HTTP/1: SSH-2.0-OpenSSH_9.6", breaks="state/final")
def status_line_is_of_another_protocol(answer: bytes) -> bytes:
    """A close is answered in another protocol."""
    return with_status_line(answer, b"SSH-2.0-OpenSSH_9.6")


@spoiled(says="no answer came: no status line of HTTP/1: HTTP/9.9", breaks="state/final")
def status_line_of_http_9(answer: bytes) -> bytes:
    """A close is answered in a version of HTTP that does not exist."""
    return with_status_line(answer, b"HTTP/9.9 200 OK")


@spoiled(says="no answer came: no status line of HTTP/1: ", breaks="state/final")
def status_line_of_zeros(answer: bytes) -> bytes:
    """The status line of a close is NULs."""
    return with_status_line(answer, bytes(20))


@spoiled(says="no answer came: a line of more than 64 KiB", breaks="state/final")
def status_line_of_70_kilobytes(answer: bytes) -> bytes:
    """The status line of a close has 70 kilobytes."""
    return with_status_line(answer, b"HTTP/1.1 200 " + b"O" * 70_000)


@spoiled(says="got 101", breaks="http/status-200")
def status_is_101(answer: bytes) -> bytes:
    """A close is answered with 101 Switching Protocols."""
    return with_status_line(answer, b"HTTP/1.1 101 Switching Protocols")


@spoiled(says="no answer came: the connection was closed without an answer", breaks="state/final")
def nothing_is_answered(_answer: bytes) -> bytes:
    """The connection ends before a byte of the answer to a close."""
    return b""


@spoiled(says="no answer came: headers with a line that is no header", breaks="state/final")
def head_breaks_off(answer: bytes) -> bytes:
    """The connection ends inside the head of the answer to a close."""
    return answer[:20]


@spoiled(says="no answer came: the connection was closed without an answer", breaks="state/final")
def interim_answers_alone(_answer: bytes) -> bytes:
    """A close is answered with 102 and 103, and with nothing after them."""
    return b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"


@spoiled(says="no answer came: more than 100 interim answers", breaks="state/final")
def interim_answers_without_end(_answer: bytes) -> Iterable[bytes]:
    """A close is answered with 102, again and again."""
    return endless(b"HTTP/1.1 102 Processing\r\n\r\n" * 99)


@spoiled(says="no answer came: more than 100 headers", breaks="state/final")
def headers_without_end(_answer: bytes) -> Iterable[bytes]:
    """The head of the answer to a close has no end."""
    return chain([b"HTTP/1.1 200 OK\r\n"], endless(b"X-More: y\r\n" * 999))


@spoiled(says="no answer came: more than 100 headers", breaks="state/final")
def with_100_000_headers(answer: bytes) -> bytes:
    """The answer to a close has 100,000 headers."""
    return with_headers(answer, *[b"X-%d: y" % number for number in range(100_000)])


@spoiled(says="no answer came: an answer of more than 4 MiB", breaks="state/final")
def with_90_headers_of_65_kilobytes(answer: bytes) -> bytes:
    """The answer to a close has 90 headers of 65 kilobytes."""
    return with_headers(answer, *[b"X-%d: " % number + b"y" * 65_000 for number in range(90)])


@spoiled(says="no answer came: headers of more than 64 KiB", breaks="state/final")
def with_9_headers_of_9_kilobytes(answer: bytes) -> bytes:
    """The answer to a close has 9 headers of 9 kilobytes."""
    return with_headers(answer, *[b"X-%d: " % number + b"y" * 9_000 for number in range(9)])


@spoiled(says="no answer came: a line of more than 64 KiB", breaks="state/final")
def header_of_10_megabytes(answer: bytes) -> bytes:
    """The answer to a close has a header of 10 megabytes."""
    return with_headers(answer, b"X-Long: " + b"y" * (10 * MEGABYTE))


@spoiled(says="no answer came: headers with a line that is no header", breaks="state/final")
def header_without_a_colon(answer: bytes) -> bytes:
    """A header of the answer to a close has no colon."""
    return with_headers(answer, b"no header at all")


@spoiled(says="no answer came: headers with a line that is no header", breaks="state/final")
def first_header_continues_none(answer: bytes) -> bytes:
    """The first header of the answer to a close continues a line that is not there."""
    return with_headers(answer, b" continued: yes")


@spoiled(says="got 302", breaks="http/status-200")
def redirect_to_no_url(_answer: bytes) -> bytes:
    """A close is answered with a redirect to what is no URL."""
    return redirect(b"http://[")


@spoiled(says="got 302", breaks="http/status-200")
def redirect_to_raw_bytes(_answer: bytes) -> bytes:
    """A close is answered with a redirect to bytes that are no text."""
    return redirect(b"\xff\xfe\x80://\x00")


@spoiled(says="got 302", breaks="http/status-200")
def redirect_to_a_script(_answer: bytes) -> bytes:
    """A close is answered with a redirect to a script."""
    return redirect(b"javascript:alert(1)")


@spoiled(says="got 302", breaks="http/status-200")
def redirect_to_a_port_that_is_none(_answer: bytes) -> bytes:
    """A close is answered with a redirect to a port that can not be one."""
    return redirect(b"https://host:99999999/")


@spoiled(says="got 302", breaks="http/status-200")
def redirect_with_a_gzip_bomb(_answer: bytes) -> bytes:
    """A close is answered with a redirect whose body unpacks to 16 megabytes."""
    return redirect(b"/", bomb(16 * MEGABYTE), GZIP)


@spoiled(says="got 302", breaks="http/status-200")
def redirect_to_60_kilobytes(_answer: bytes) -> bytes:
    """A close is answered with a redirect to a URL of 60 kilobytes."""
    return redirect(b"/" + b"x" * 60_000)


@spoiled(says="got application/xml; charset*=utf-8''%ff%fe%", breaks="http/content-type")
def charset_that_decodes_to_nothing(answer: bytes) -> bytes:
    """The charset of the answer to a close can not be decoded."""
    return with_headers(answer, b"Content-Type: application/xml; charset*=utf-8''%ff%fe%", without=b"content-type")


@spoiled(says="got application/xml; charset=\\x00\\x01", breaks="http/content-type")
def charset_of_zeros(answer: bytes) -> bytes:
    """The charset of the answer to a close is NULs."""
    return with_headers(answer, b"Content-Type: application/xml; charset=\0\x01", without=b"content-type")


@spoiled(says="got application/xml; charset=base64", breaks="http/content-type")
def charset_that_is_no_encoding_of_text(answer: bytes) -> bytes:
    """The charset of the answer to a close is an encoding of bytes."""
    return with_headers(answer, b"Content-Type: application/xml; charset=base64", without=b"content-type")


@spoiled(says="got \\x1b]0;owned\\x07\\x1b[2J", breaks="http/content-type")
def media_type_with_escapes(answer: bytes) -> bytes:
    """The media type of the answer to a close steers the terminal."""
    return with_headers(answer, b"Content-Type: \x1b]0;owned\x07\x1b[2J", without=b"content-type")
