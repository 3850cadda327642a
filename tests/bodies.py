"""Conformant bodies of every kind in both serializations: the documented ones, and ones with every field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import DEFAULT, TIMES_SINCE, Version
from jobinfo_conformance._contract.writer import write, write_json, write_request, write_xml
from jobinfo_conformance._evidence.har_reader import read_har
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._resources import resource
from jobinfo_conformance.generate import Mutant, mutants
from tests.exchanges import DONE

VERSIONS = [Version(number) for number in (17, 18, 19, 36, 62)]


@dataclass(frozen=True)
class Sample:
    """A conformant body: what it is, and the version whose contract it keeps."""

    name: str
    kind: Body
    version: Version
    body: bytes

    @property
    def schema(self) -> str:
        """The name of its XSD, without the suffix."""
        is_early = self.kind is Body.JOB_INFO and self.version < TIMES_SINCE
        return f"{self.kind}-17.0" if is_early else str(self.kind)

    def mutants(self) -> list[Mutant]:
        """Every single departure from it."""
        return list(mutants(self.body, self.kind, self.version))


def documented_close(form: Serialization) -> Exchange:
    """The documented close and its answer."""
    [exchange] = read_har(resource("fixtures", f"documented-{form}.har"))
    return exchange


def samples(form: Serialization) -> Iterator[Sample]:
    """The conformant bodies in a serialization."""
    close = documented_close(form)
    answer = close.response.body or b""
    yield Sample("documented close", Body.CLOSE_REQUEST, DEFAULT, close.request.body)
    yield Sample("documented answer", Body.JOB_INFO, DEFAULT, answer)
    versions = VERSIONS if form is Serialization.XML else [one for one in VERSIONS if one >= DEFAULT]
    for version in versions:
        job = DONE.replace(
            operation="upsert",
            external_id_field_name="Number__c",
            assignment_rule_id="01Q28000000ToIrEAK",
            api_version=version,
            fast_path_enabled=False,
        )
        yield Sample(f"answer with every field, {version}", Body.JOB_INFO, version, write(job, form))
    job_id = {"id": "750D0000000002lIAA"}
    yield Sample("close with the id", Body.CLOSE_REQUEST, DEFAULT, write_request({**job_id, "state": "Closed"}, form))
    yield Sample("documented abort", Body.ABORT_REQUEST, DEFAULT, write_request({"state": "Aborted"}, form))
    yield Sample("abort with the id", Body.ABORT_REQUEST, DEFAULT, write_request({**job_id, "state": "Aborted"}, form))
    create = {"operation": "insert", "object": "Account", "contentType": "CSV"}
    every = {
        "operation": "upsert",
        "object": "Case",
        "externalIdFieldName": "Number__c",
        "concurrencyMode": "Serial",
        "contentType": "ZIP_XML",
        "assignmentRuleId": "01Q28000000ToIrEAK",
    }
    yield Sample("documented create", Body.CREATE_REQUEST, DEFAULT, write_request(create, form))
    yield Sample("create with every field", Body.CREATE_REQUEST, DEFAULT, write_request(every, form))
    error = {"exceptionCode": "InvalidJobState", "exceptionMessage": "Closed already"}
    written = write_xml("error", error) if form is Serialization.XML else write_json(dict(error))
    yield Sample("error", Body.ERROR, DEFAULT, written)


SAMPLES = [sample for form in Serialization for sample in samples(form)]
