"""schema: the form of every jobInfo that is answered, on create, read, close and abort."""

from jobinfo_conformance._catalogue.requirement import (
    JSON,
    MUST,
    SHOULD,
    XML,
    client,
    documented,
    inferred,
    recorded,
    requirement,
    standard,
)
from jobinfo_conformance._checks.expectations import expect_none
from jobinfo_conformance._subjects.single_exchanges import job_info
from jobinfo_conformance._subjects.subject import Answer


@requirement("schema/well-formed", MUST, on=job_info, source=standard("XML 1.0 and Namespaces in XML 1.0; RFC 8259"))
def well_formed(answer: Answer) -> None:
    """The body is well-formed: XML with one root and no undeclared prefix, or JSON without byte order mark and NaN."""
    expect_none("schema/well-formed", answer.findings)


@requirement("schema/root", MUST, on=job_info, source=documented("JobInfo"))
def root(answer: Answer) -> None:
    """The body is a jobInfo in the contract's namespace in XML, an object in JSON."""
    expect_none("schema/root", answer.findings)


@requirement("schema/required-fields", MUST, on=job_info, source=documented("JobInfo"))
def required_fields(answer: Answer) -> None:
    """Every field that is not optional is there: 21 of them, 17 before version 19.0."""
    expect_none("schema/required-fields", answer.findings)


@requirement("schema/field-types", MUST, on=job_info, source=documented("JobInfo, and the forms of the documented examples"))
def field_types(answer: Answer) -> None:
    """Every value is of its field's type."""
    expect_none("schema/field-types", answer.findings)


@requirement("schema/enumerations", MUST, on=job_info, source=documented("JobInfo"))
def enumerations(answer: Answer) -> None:
    """operation, state, concurrencyMode and contentType hold one of their names, in its letter case."""
    expect_none("schema/enumerations", answer.findings)


@requirement(
    "schema/element-order",
    MUST,
    on=job_info,
    only=XML,
    source=client("it reads the elements in order and breaks otherwise; 77 of 77 recordings keep it"),
)
def element_order(answer: Answer) -> None:
    """The elements stand in the documented order."""
    expect_none("schema/element-order", answer.findings)


@requirement(
    "schema/no-unknown-elements", MUST, on=job_info, only=XML, source=client("it breaks on an element it does not know")
)
def no_unknown_elements(answer: Answer) -> None:
    """There is no element that the contract does not know, and no text between the elements."""
    expect_none("schema/no-unknown-elements", answer.findings)


@requirement("schema/no-unknown-attributes", SHOULD, on=job_info, only=XML, source=recorded("none has one"))
def no_unknown_attributes(answer: Answer) -> None:
    """No element has an attribute."""
    expect_none("schema/no-unknown-attributes", answer.findings)


@requirement("schema/no-unknown-keys", SHOULD, on=job_info, only=JSON, source=inferred("clients ignore keys they do not know"))
def no_unknown_keys(answer: Answer) -> None:
    """There is no key that the contract does not know."""
    expect_none("schema/no-unknown-keys", answer.findings)


@requirement("schema/no-duplicates", MUST, on=job_info, source=standard("RFC 8259, 4; the documented sequence in XML"))
def no_duplicates(answer: Answer) -> None:
    """No field stands twice."""
    expect_none("schema/no-duplicates", answer.findings)


@requirement("schema/canonical-numbers", SHOULD, on=job_info, source=recorded("none writes a number in another form"))
def canonical_numbers(answer: Answer) -> None:
    """Whole numbers are written plainly: 1, not 01, +1 or 1.0."""
    expect_none("schema/canonical-numbers", answer.findings)


@requirement("schema/no-doctype", SHOULD, on=job_info, only=XML, source=recorded("none has one"))
def no_doctype(answer: Answer) -> None:
    """There is no document type declaration."""
    expect_none("schema/no-doctype", answer.findings)


@requirement(
    "schema/default-namespace", SHOULD, on=job_info, only=XML, source=recorded("all do; a real client breaks on a prefix")
)
def default_namespace(answer: Answer) -> None:
    """The namespace is the default one: the root has no prefix."""
    expect_none("schema/default-namespace", answer.findings)
