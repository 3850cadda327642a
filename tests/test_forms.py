"""Legal forms of a close: each example has its own form and no other, and a request that is not legal has none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._exchange import Headers, Request
from jobinfo_conformance._job_requests.legal_forms import (
    FORMS,
    TOGETHER,
    VARIANTS,
    apply_variants,
    forms_of,
    is_conformant_close,
)
from jobinfo_conformance._targets.http_client import HttpClient
from jobinfo_conformance.generate import close_requests
from tests.endpoint import SESSION, Endpoint
from tests.exchanges import JSON, XML, close, create, exchange, step

EXAMPLES = [(name, form) for name, variant in VARIANTS.items() for form in variant.form.serializations]


@pytest.mark.parametrize(("name", "form"), EXAMPLES)
def test_a_variant_has_its_own_form_and_no_other(name: str, form: Serialization) -> None:
    """So a refusal is about that form."""
    assert forms_of(step(VARIANTS[name].apply(close(form=form).request)).asked) == {VARIANTS[name].form.name}


@pytest.mark.parametrize("form", list(Serialization), ids=str)
def test_variants_go_together(form: Serialization) -> None:
    """One request is in the forms of all of them, and still closes the job."""
    for names in TOGETHER[form]:
        asked = step(apply_variants(names, close(form=form).request)).asked
        assert is_conformant_close(asked)
        assert forms_of(asked) == {VARIANTS[name].form.name for name in names}


@pytest.mark.parametrize("form", list(Serialization), ids=str)
def test_every_variant_that_must_be_accepted_is_sent_together_with_others(form: Serialization) -> None:
    """None is left out, and each coding comes without the other too."""
    required = {name for name, variant in VARIANTS.items() if form in variant.form.serializations and not variant.form.optional}
    assert set().union(*TOGETHER[form]) == required
    codings = [{"gzip", "chunked"} & set(names) for names in TOGETHER[form]]
    assert sorted(map(sorted, codings)) == [["chunked"], ["chunked", "gzip"], ["gzip"]]


def test_every_form_has_a_variant() -> None:
    """A form without one would never be asked for."""
    assert {variant.form.name for variant in VARIANTS.values()} == set(FORMS)


@pytest.mark.parametrize("form", list(Serialization), ids=str)
def test_the_documented_close_has_no_special_form(form: Serialization) -> None:
    """It is what the others differ from."""
    documented = step(close(form=form).request).asked
    assert is_conformant_close(documented)
    assert forms_of(documented) == frozenset()


@pytest.mark.parametrize("form", list(Serialization), ids=str)
@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_every_generated_close_is_conformant(form: Serialization, data: st.DataObject) -> None:
    """The generator and the forms are of one mind."""
    assert is_conformant_close(step(data.draw(close_requests(form))).asked)


@pytest.mark.parametrize(
    "request_",
    [
        create().request,
        exchange("POST", "/7500K00000EVfY2QAL", b'{"state": "Closed", "foo": "<!--"}', form=JSON).request,
        exchange("POST", "/7500K00000EVfY2QAL", b'{"state": "Closed"}', form=XML).request,
        exchange("POST", "/7500K00000EVfY2QAL", b'{"state": "closed"}', form=JSON).request,
    ],
    ids=["a create", "an unknown key", "another media type", "another state"],
)
def test_what_is_no_conformant_close_has_no_form(request_: Request) -> None:
    """So nothing is blamed for refusing it."""
    assert not is_conformant_close(step(request_).asked)
    assert forms_of(step(request_).asked) == frozenset()


@pytest.mark.parametrize("name", ["gzip", "chunked"])
def test_codings_are_on_the_wire(name: str, live_endpoint: Endpoint) -> None:
    """The evidence holds the body that a server reads, and the server got it coded."""
    request = VARIANTS[name].apply(close().request)
    request = replace(request, url=request.url.replace("https://example.test", live_endpoint.url))
    with HttpClient() as client:
        client.send(replace(request, headers=Headers.of([*request.headers, ("X-SFDC-Session", SESSION)])))
    assert live_endpoint.asked[-1].endswith(request.body.decode())
    assert {"gzip": "content-encoding", "chunked": "transfer-encoding"}[name] in live_endpoint.headers[-1]


def test_an_id_that_has_no_short_form_stays_as_it_is() -> None:
    """Some endpoints number their jobs."""
    request = replace(close().request, url="https://example.test/services/async/36.0/job/9")
    assert VARIANTS["short-id"].apply(request) == request
