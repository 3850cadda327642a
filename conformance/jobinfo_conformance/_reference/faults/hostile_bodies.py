"""Hostile bodies: bytes and text that no parser should trust."""

from __future__ import annotations

from jobinfo_conformance._reference.faults.fault import JSON, spoiled
from jobinfo_conformance._reference.spoiled_bytes import MEGABYTE, with_body, with_field

#: Ten of each entity in the next: the last would expand to ten to the power of 25 letters.
_ENTITIES = b"".join(b"<!ENTITY %c '%b'>" % (letter, b"&%c;" % (letter - 1) * 10) for letter in range(ord("b"), ord("z") + 1))
_LAUGHS = b"<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>%b]><jobInfo>&z;</jobInfo>" % _ENTITIES


@spoiled(says="got a body of more than 32768 bytes")
def body_of_two_megabytes(answer: bytes) -> bytes:
    """The answer to a close has two megabytes."""
    return with_body(answer, b"<" + b"x" * (2 * MEGABYTE))


@spoiled(says="got a character that can't stand here")
def body_of_raw_bytes(answer: bytes) -> bytes:
    """The answer to a close is bytes that are no text."""
    return with_body(answer, bytes(range(256)))


@spoiled(says="got elements nested more than 32 levels deep")
def elements_10_000_deep(answer: bytes) -> bytes:
    """The answer to a close has elements inside one another, 10,000 deep."""
    return with_body(answer, b"<a>" * 10_000)


@spoiled(says="got values nested more than 32 levels deep", only=JSON)
def lists_30_000_deep(answer: bytes) -> bytes:
    """The answer to a close has lists inside one another, 30,000 deep."""
    return with_body(answer, b"[" * 30_000)


@spoiled(says="got values nested more than 32 levels deep", only=JSON)
def objects_6_000_deep(answer: bytes) -> bytes:
    """The answer to a close has objects inside one another, 6,000 deep."""
    return with_body(answer, b'{"a":' * 6_000)


@spoiled(says="(10000 characters)", breaks="schema/field-types")
def number_of_10_000_digits(answer: bytes) -> bytes:
    """A counter in the answer to a close has 10,000 digits."""
    return with_field(answer, "numberRetries", b"9" * 10_000)


@spoiled(says="got 1e999999999", breaks="schema/field-types", only=JSON)
def number_beyond_all_bounds(answer: bytes) -> bytes:
    """A counter in the answer to a close has an exponent of nine digits."""
    return with_field(answer, "numberRetries", b"1e999999999")


@spoiled(says="got NaN", only=JSON)
def nan_for_a_number(answer: bytes) -> bytes:
    """A number in the answer to a close is NaN."""
    return with_field(answer, "apiVersion", b"NaN")


@spoiled(says='got "\\ud800"', breaks="schema/enumerations", only=JSON)
def half_a_surrogate_pair(answer: bytes) -> bytes:
    """A value in the answer to a close is half of a surrogate pair."""
    return with_field(answer, "state", b'"\\ud800"')


@spoiled(says="got a duplicate", breaks="schema/no-duplicates", only=JSON)
def key_repeated_a_thousand_times(answer: bytes) -> bytes:
    """A key stands a thousand times in the answer to a close."""
    return with_body(answer, b"{" + b",".join([b'"state":"Closed"'] * 1_000) + b"}")


@spoiled(says="got 1", breaks="schema/no-unknown-keys", only=JSON)
def unknown_keys_by_the_thousand(answer: bytes) -> bytes:
    """The answer to a close has 3,000 keys that nobody knows."""
    return with_body(answer, b"{" + b",".join(b'"k%d":1' % number for number in range(3_000)) + b"}")


@spoiled(says="got a declaration of the entity a")
def xml_bomb(answer: bytes) -> bytes:
    """The answer to a close has entities that expand to more than any memory."""
    return with_body(answer, _LAUGHS)


@spoiled(says="got a declaration of the entity x")
def entity_of_a_file(answer: bytes) -> bytes:
    """The answer to a close has an entity that is a file of the reader."""
    return with_body(answer, b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><jobInfo>&x;</jobInfo>")


@spoiled(says="got an encoding that is not read")
def encoding_that_does_not_exist(answer: bytes) -> bytes:
    """The answer to a close declares an encoding that does not exist."""
    return with_body(answer, b"<?xml version='1.0' encoding='none-such'?><jobInfo/>")


@spoiled(says="got an encoding that is not read")
def encoding_that_is_none_of_text(answer: bytes) -> bytes:
    """The answer to a close declares an encoding of bytes."""
    return with_body(answer, b"<?xml version='1.0' encoding='zlib_codec'?><jobInfo/>")


@spoiled(says="got a character that can't stand here")
def escapes_in_a_value(answer: bytes) -> bytes:
    """A value in the answer to a close steers the terminal."""
    return with_field(answer, "state", b"Closed\x1b]0;owned\x07\x1b[2J")


@spoiled(says="got Closed\\n::error::owned", breaks="schema/enumerations")
def workflow_command_in_a_value(answer: bytes) -> bytes:
    """A value in the answer to a close is a command to GitHub Actions."""
    return with_field(answer, "state", b"Closed\n::error::owned")


@spoiled(says="got a character that can't stand here")
def comments_that_do_not_end(answer: bytes) -> bytes:
    """The answer to a close is comments that do not end."""
    return with_body(answer, b"<!--" * 8_000)


@spoiled(says="got 99999-99-99T99:99:99.999Z", breaks="schema/field-types")
def date_beyond_the_calendar(answer: bytes) -> bytes:
    """A date in the answer to a close is beyond the calendar."""
    return with_field(answer, "createdDate", b"99999-99-99T99:99:99.999Z")


@spoiled(says="got ..%2F..%2F..%2Fsecret", breaks="identity/id-is-the-jobs")
def id_that_leaves_the_resource(answer: bytes) -> bytes:
    """The id in the answer to a close leads out of the job resource."""
    return with_field(answer, "id", b"..%2F..%2F..%2Fsecret")
