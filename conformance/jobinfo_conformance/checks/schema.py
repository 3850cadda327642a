"""schema: the form of every jobInfo that is answered, on create, read, close and abort."""

from jobinfo_conformance.checks.catalogue import JSON, MUST, SHOULD, XML, check, no_finding
from jobinfo_conformance.contract.requirements import client, documented, inferred, recorded, standard
from jobinfo_conformance.subjects import Answer, job_info


@check("schema/well-formed", MUST, on=job_info, source=standard("XML 1.0 and Namespaces in XML 1.0; RFC 8259"))
def well_formed(answer: Answer) -> None:
    """The body is well-formed: XML with one root and no undeclared prefix, or JSON without byte order mark and NaN."""
    no_finding(answer.findings, "schema/well-formed")


@check("schema/root", MUST, on=job_info, source=documented("JobInfo"))
def root(answer: Answer) -> None:
    """The body is a jobInfo in the contract's namespace in XML, an object in JSON."""
    no_finding(answer.findings, "schema/root")


@check("schema/required-fields", MUST, on=job_info, source=documented("JobInfo"))
def required_fields(answer: Answer) -> None:
    """Every field that is not optional is there: 21 of them, 17 before version 19.0."""
    no_finding(answer.findings, "schema/required-fields")


@check("schema/field-types", MUST, on=job_info, source=documented("JobInfo, and the forms of the documented examples"))
def field_types(answer: Answer) -> None:
    """Every value is of its field's type."""
    no_finding(answer.findings, "schema/field-types")


@check("schema/enumerations", MUST, on=job_info, source=documented("JobInfo"))
def enumerations(answer: Answer) -> None:
    """operation, state, concurrencyMode and contentType hold one of their names, in its letter case."""
    no_finding(answer.findings, "schema/enumerations")


@check(
    "schema/element-order",
    MUST,
    on=job_info,
    only=XML,
    source=client("it reads the elements in order and breaks otherwise; 77 of 77 recordings keep it"),
)
def element_order(answer: Answer) -> None:
    """The elements stand in the documented order."""
    no_finding(answer.findings, "schema/element-order")


@check("schema/no-unknown-elements", MUST, on=job_info, only=XML, source=client("it breaks on an element it does not know"))
def no_unknown_elements(answer: Answer) -> None:
    """There is no element that the contract does not know, and no text between the elements."""
    no_finding(answer.findings, "schema/no-unknown-elements")


@check("schema/no-unknown-attributes", SHOULD, on=job_info, only=XML, source=recorded("none has one"))
def no_unknown_attributes(answer: Answer) -> None:
    """No element has an attribute."""
    no_finding(answer.findings, "schema/no-unknown-attributes")


@check("schema/no-unknown-keys", SHOULD, on=job_info, only=JSON, source=inferred("clients ignore keys they do not know"))
def no_unknown_keys(answer: Answer) -> None:
    """There is no key that the contract does not know."""
    no_finding(answer.findings, "schema/no-unknown-keys")


@check("schema/no-duplicates", MUST, on=job_info, source=standard("RFC 8259, 4; the documented sequence in XML"))
def no_duplicates(answer: Answer) -> None:
    """No field stands twice."""
    no_finding(answer.findings, "schema/no-duplicates")


@check("schema/canonical-numbers", SHOULD, on=job_info, source=recorded("none writes a number in another form"))
def canonical_numbers(answer: Answer) -> None:
    """Whole numbers are written plainly: 1, not 01, +1 or 1.0."""
    no_finding(answer.findings, "schema/canonical-numbers")


@check("schema/no-doctype", SHOULD, on=job_info, only=XML, source=recorded("none has one"))
def no_doctype(answer: Answer) -> None:
    """There is no document type declaration."""
    no_finding(answer.findings, "schema/no-doctype")


@check("schema/default-namespace", SHOULD, on=job_info, only=XML, source=recorded("all do; a real client breaks on a prefix"))
def default_namespace(answer: Answer) -> None:
    """The namespace is the default one: the root has no prefix."""
    no_finding(answer.findings, "schema/default-namespace")
