"""schema: the form of every jobInfo returned by a create, read, close or abort."""

from jobinfo_conformance._catalogue.requirement import (
    FORM,
    JSON,
    MUST,
    READING,
    SHOULD,
    XML,
    client,
    documented,
    in_use,
    inferred,
    recorded,
    requirement,
    standard,
)
from jobinfo_conformance._checks.expectations import expect_none
from jobinfo_conformance._subjects.single_exchanges import job_info
from jobinfo_conformance._subjects.subject import Answer


@requirement(
    "schema/well-formed", MUST, on=job_info, bearing=READING, source=standard("XML 1.0 and Namespaces in XML 1.0; RFC 8259")
)
def well_formed(answer: Answer) -> None:
    """The body is well-formed: XML with one root and no undeclared prefix, or JSON without a byte order mark or NaN."""
    expect_none("schema/well-formed", answer.findings)


@requirement(
    "schema/root",
    MUST,
    on=job_info,
    bearing=READING,
    source=documented("JobInfo"),
    also=(client("breaks on a root without the namespace"),),
)
def root(answer: Answer) -> None:
    """The body is a jobInfo element in the contract's namespace in XML, an object in JSON."""
    expect_none("schema/root", answer.findings, readable=answer.reading.is_readable)


@requirement(
    "schema/required-fields",
    MUST,
    on=job_info,
    bearing=READING,
    source=documented("JobInfo"),
    also=(documented("numberRecordsFailed and the three times came with version 19.0"),),
)
def required_fields(answer: Answer) -> None:
    """Every required field is present: 21 fields, or 17 before version 19.0."""
    expect_none("schema/required-fields", answer.findings, readable=answer.shows_fields)


@requirement(
    "schema/field-types",
    MUST,
    on=job_info,
    bearing=READING,
    source=documented("JobInfo, and the forms of the documented examples"),
)
def field_types(answer: Answer) -> None:
    """Every value is of its field's type."""
    expect_none("schema/field-types", answer.findings, readable=answer.shows_fields)


@requirement(
    "schema/enumerations",
    MUST,
    on=job_info,
    bearing=READING,
    source=documented("JobInfo"),
    also=(client("adds AVRO and PARQUET to the values of contentType"),),
)
def enumerations(answer: Answer) -> None:
    """operation, state, concurrencyMode and contentType each hold a documented value, in its exact letter case."""
    expect_none("schema/enumerations", answer.findings, readable=answer.shows_fields)


@requirement(
    "schema/element-order",
    MUST,
    on=job_info,
    bearing=FORM,
    only=XML,
    source=client("reads the elements in this order and breaks on any other; 77 of 77 recordings keep it"),
)
def element_order(answer: Answer) -> None:
    """The elements are in the documented order."""
    expect_none("schema/element-order", answer.findings, readable=answer.shows_fields)


@requirement(
    "schema/no-unknown-elements",
    MUST,
    on=job_info,
    bearing=FORM,
    only=XML,
    source=client("breaks on an element it does not know"),
)
def no_unknown_elements(answer: Answer) -> None:
    """There is no element that the contract does not define, and no text between elements."""
    expect_none("schema/no-unknown-elements", answer.findings, readable=answer.shows_fields)


@requirement(
    "schema/no-unknown-attributes", SHOULD, on=job_info, bearing=FORM, only=XML, source=recorded("no recorded answer has one")
)
def no_unknown_attributes(answer: Answer) -> None:
    """No element has an attribute."""
    expect_none("schema/no-unknown-attributes", answer.findings, readable=answer.shows_fields)


@requirement(
    "schema/no-unknown-keys",
    SHOULD,
    on=job_info,
    bearing=FORM,
    only=JSON,
    presupposes=("schema/required-fields",),
    source=inferred("clients ignore keys they do not know"),
    because=("The documentation lists the keys, but clients pass over others, and real servers send an undocumented one."),
    also=(recorded("real servers send fastPathEnabled, which is not documented"),),
)
def no_unknown_keys(answer: Answer) -> None:
    """There is no key that the contract does not define."""
    expect_none("schema/no-unknown-keys", answer.findings, readable=answer.shows_fields)


@requirement(
    "schema/no-duplicates",
    MUST,
    on=job_info,
    bearing=READING,
    source=standard("RFC 8259, 4; the documented sequence in XML"),
    because=(
        "Nobody can tell which of two values counts: RFC 8259 leaves it to the reader, and the XML schema "
        "has each element once."
    ),
)
def no_duplicates(answer: Answer) -> None:
    """No field appears twice."""
    expect_none("schema/no-duplicates", answer.findings, readable=answer.shows_fields)


@requirement(
    "schema/canonical-numbers",
    SHOULD,
    on=job_info,
    bearing=FORM,
    source=recorded("no recorded answer writes a number otherwise"),
)
def canonical_numbers(answer: Answer) -> None:
    """Whole numbers are written plainly: 1, not 01, +1 or 1.0."""
    expect_none("schema/canonical-numbers", answer.findings, readable=answer.shows_fields)


@requirement("schema/no-doctype", SHOULD, on=job_info, bearing=FORM, only=XML, source=recorded("no recorded answer has one"))
def no_doctype(answer: Answer) -> None:
    """There is no document type declaration."""
    expect_none("schema/no-doctype", answer.findings, readable=answer.reading.is_readable)


@requirement(
    "schema/default-namespace",
    SHOULD,
    on=job_info,
    bearing=FORM,
    only=XML,
    source=recorded("every recorded answer; a real client breaks on a prefix"),
    because="A prefix is legal XML, but clients in use break on it.",
    also=(in_use("jsforce breaks on a root with a prefix"),),
)
def default_namespace(answer: Answer) -> None:
    """The contract's namespace is the default namespace: the root has no prefix."""
    expect_none("schema/default-namespace", answer.findings, readable=answer.reading.is_readable)
