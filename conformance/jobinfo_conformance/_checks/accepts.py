"""accepts: legal forms of the request, each of which must close a job."""

from jobinfo_conformance._catalogue.requirement import (
    ACCESS,
    JSON,
    MUST,
    SHOULD,
    SUMMARY,
    XML,
    client,
    in_use,
    inferred,
    recorded,
    requirement,
    standard,
)
from jobinfo_conformance._catalogue.requirement import documented as documentation
from jobinfo_conformance._checks.expectations import expect_accepted
from jobinfo_conformance._subjects.attempts import close_in, combined_close, documented_close
from jobinfo_conformance._subjects.subject import Asked

#: A refusal says nothing about the request if the same request gets another answer the next time.
_STEADY = ("state/every-time",)
#: A form can't be blamed for a refusal if the documented request is refused as well.
_DOCUMENTED = ("accepts/documented", "state/closes-without-batches", *_STEADY)


@requirement(
    "accepts/documented",
    MUST,
    on=documented_close,
    bearing=ACCESS,
    presupposes=_STEADY,
    yields_to=_STEADY,
    source=documentation("Close a Job"),
)
def documented(asked: Asked) -> None:
    """The documented request closes an open job."""
    expect_accepted(asked.step)


@requirement(
    "accepts/without-declaration",
    MUST,
    on=close_in("without-declaration"),
    presupposes=_DOCUMENTED,
    yields_to=_STEADY,
    only=XML,
    source=standard("XML 1.0, 2.8"),
    also=(in_use("salesforce-bulk and cumulusci send no declaration"),),
)
def without_declaration(asked: Asked) -> None:
    """A close without an XML declaration closes the job."""
    expect_accepted(asked.step)


@requirement(
    "accepts/declaration",
    MUST,
    on=close_in("declaration"),
    presupposes=_DOCUMENTED,
    yields_to=_STEADY,
    only=XML,
    source=standard("XML 1.0, 2.8 and 2.9"),
)
def declaration(asked: Asked) -> None:
    """A close whose XML declaration uses single quotes, omits the encoding or adds standalone closes the job."""
    expect_accepted(asked.step)


@requirement(
    "accepts/namespace-prefix",
    MUST,
    on=close_in("namespace-prefix"),
    presupposes=_DOCUMENTED,
    yields_to=_STEADY,
    only=XML,
    source=standard("Namespaces in XML, 3"),
)
def namespace_prefix(asked: Asked) -> None:
    """A close whose elements have a prefix bound to the contract's namespace closes the job."""
    expect_accepted(asked.step)


@requirement(
    "accepts/comments",
    MUST,
    on=close_in("comments"),
    presupposes=_DOCUMENTED,
    yields_to=_STEADY,
    only=XML,
    source=standard("XML 1.0, 2.5"),
)
def comments(asked: Asked) -> None:
    """A close with an XML comment closes the job."""
    expect_accepted(asked.step)


@requirement(
    "accepts/cdata",
    MUST,
    on=close_in("cdata"),
    presupposes=_DOCUMENTED,
    yields_to=_STEADY,
    only=XML,
    source=standard("XML 1.0, 2.7"),
)
def cdata(asked: Asked) -> None:
    """A close whose state is in a CDATA section closes the job."""
    expect_accepted(asked.step)


@requirement(
    "accepts/character-references",
    MUST,
    on=close_in("character-references"),
    presupposes=_DOCUMENTED,
    yields_to=_STEADY,
    only=XML,
    source=standard("XML 1.0, 4.1"),
)
def character_references(asked: Asked) -> None:
    """A close whose state is written with character references closes the job."""
    expect_accepted(asked.step)


@requirement(
    "accepts/white-space",
    MUST,
    on=close_in("white-space"),
    presupposes=_DOCUMENTED,
    yields_to=_STEADY,
    only=XML,
    source=standard("XML 1.0, 2.10 and 3.1"),
    also=(in_use("salesforce-bulk-api indents by 12 spaces; jsforce 3 by two"),),
)
def white_space(asked: Asked) -> None:
    """A close with any white space between elements or inside tags closes the job."""
    expect_accepted(asked.step)


@requirement(
    "accepts/utf-16",
    SHOULD,
    on=close_in("utf-16"),
    presupposes=_DOCUMENTED,
    yields_to=_STEADY,
    only=XML,
    source=standard("XML 1.0, 2.2: every processor reads UTF-16"),
    because=(
        "XML 1.0 has every processor read UTF-16, but the documentation shows UTF-8 alone, and no client "
        "that was tried sends another."
    ),
)
def utf_16(asked: Asked) -> None:
    """A close in UTF-16 closes the job."""
    expect_accepted(asked.step)


@requirement(
    "accepts/charset-parameter",
    MUST,
    on=close_in("charset-parameter"),
    presupposes=_DOCUMENTED,
    yields_to=_STEADY,
    source=recorded("real clients send it"),
    because="Clients in use send it: an endpoint that refuses it is closed to them.",
    also=(in_use("salesforce-bulk and cumulusci send application/xml; charset=UTF-8"),),
)
def charset_parameter(asked: Asked) -> None:
    """A close whose Content-Type has the parameter charset=UTF-8, or other letter case, closes the job."""
    expect_accepted(asked.step)


@requirement(
    "accepts/chunked",
    MUST,
    on=close_in("chunked"),
    presupposes=_DOCUMENTED,
    yields_to=_STEADY,
    source=standard("RFC 9112, 7.1"),
    because="HTTP/1.1 has every recipient decode it, and clients in use send it.",
    also=(in_use("jsforce 3 sends its close in chunks"),),
)
def chunked(asked: Asked) -> None:
    """A close sent with chunked transfer coding closes the job."""
    expect_accepted(asked.step)


@requirement(
    "accepts/gzip",
    MUST,
    on=close_in("gzip"),
    presupposes=_DOCUMENTED,
    yields_to=_STEADY,
    source=documentation("Use Compression; the vendor's client compresses by default"),
)
def gzip(asked: Asked) -> None:
    """A close compressed with gzip closes the job."""
    expect_accepted(asked.step)


@requirement(
    "accepts/id-and-state",
    MUST,
    on=close_in("id-and-state"),
    presupposes=_DOCUMENTED,
    yields_to=_STEADY,
    source=client("sends the id before the state"),
)
def id_and_state(asked: Asked) -> None:
    """A close with the job's id before the state closes the job."""
    expect_accepted(asked.step)


@requirement(
    "accepts/json-escapes",
    MUST,
    on=close_in("json-escapes"),
    presupposes=_DOCUMENTED,
    yields_to=_STEADY,
    only=JSON,
    source=standard("RFC 8259, 7"),
)
def json_escapes(asked: Asked) -> None:
    """A close with escaped characters in its JSON strings closes the job."""
    expect_accepted(asked.step)


@requirement(
    "accepts/json-white-space",
    MUST,
    on=close_in("json-white-space"),
    presupposes=_DOCUMENTED,
    yields_to=_STEADY,
    only=JSON,
    source=standard("RFC 8259, 2"),
)
def json_white_space(asked: Asked) -> None:
    """A close with any white space between the tokens of its JSON closes the job."""
    expect_accepted(asked.step)


@requirement(
    "accepts/json-nulls",
    SHOULD,
    on=close_in("json-nulls"),
    presupposes=("accepts/id-and-state", *_DOCUMENTED),
    yields_to=_STEADY,
    only=JSON,
    source=client("sends 24 keys, most null or 0"),
    because="The vendor's client writes its JSON so, but nothing documents that a server takes it.",
)
def json_nulls(asked: Asked) -> None:
    """A close that lists every field, all null, 0 or false except id and state, closes the job."""
    expect_accepted(asked.step)


@requirement(
    "accepts/short-id",
    SHOULD,
    on=close_in("short-id"),
    presupposes=_DOCUMENTED,
    yields_to=_STEADY,
    source=inferred("15 and 18 characters name the same job"),
    because="Both lengths name the same job, but the documentation shows ids of 18 characters.",
)
def short_id(asked: Asked) -> None:
    """A close that names the job by its 15-character id closes the job."""
    expect_accepted(asked.step)


@requirement(
    "accepts/combined",
    MUST,
    on=combined_close,
    bearing=SUMMARY,
    presupposes=("accepts", *_DOCUMENTED),
    source=inferred("forms that must be accepted must be accepted together"),
    because="Each of the forms has to be accepted, and nothing says that they exclude each other.",
)
def combined(asked: Asked) -> None:
    """A close that combines several legal forms, each of which must be accepted, closes the job."""
    expect_accepted(asked.step)
