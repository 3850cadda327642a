"""Proxies and certificates that the environment names."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobinfo_conformance._clients.certificates import certificates, needed
from jobinfo_conformance._loopback import is_loopback
from jobinfo_conformance._reference.server import serving
from jobinfo_conformance._reference.service import Service
from tests.conftest import Command
from tests.endpoint import SESSION, Endpoint
from tests.wire import forwarding_to, wire

#: A proxy that nobody serves, with a login.
NOBODY = "http://me:s3cr3t@127.0.0.1:9"
#: Variables that say nothing, in place of those that the tests themselves may have been started with.
UNSET = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "no_proxy"), "")
CERTIFICATES = dict.fromkeys(("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"), "")


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.0.0.2:8080", True),
        ("127.255.255.254", True),
        ("127.1", True),
        ("[::1]", True),
        ("[::1]:8080", True),
        ("[::ffff:127.0.0.1]", True),
        ("localhost", True),
        ("LOCALHOST:8080", True),
        ("localhost.", True),
        ("jobs.localhost", True),
        ("128.0.0.1", False),
        ("10.0.0.1", False),
        ("[2001:db8::1]", False),
        ("localhost.example.test", False),
        ("notlocalhost", False),
        ("127.0.0.1.example.test", False),
        ("[::1", False),
    ],
)
def test_loopback_is_told_by_what_a_host_means(host: str, *, loopback: bool) -> None:
    """In every form of its addresses, and in no name that only looks like one."""
    assert is_loopback(f"http://{host}/services/async/36.0/job") is loopback


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("more", [[], ["--"]], ids=["directly", "by pytest"])
def test_loopback_is_never_asked_through_a_proxy(
    command: Command, live_endpoint: Endpoint, variable: str, more: list[str]
) -> None:
    """Whichever variable names one."""
    done = command("run", live_endpoint.url, "--serialization", "xml", *more, **{**UNSET, variable: NOBODY})
    assert (done.returncode, done.stderr) == (0, "")
    assert live_endpoint.asked


def test_no_fault_survives_for_a_proxy(command: Command) -> None:
    """The self-test's own servers are on loopback."""
    done = command("selftest", "close-answers-201", HTTP_PROXY=NOBODY, ALL_PROXY=NOBODY)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("killed ")


def test_another_host_is_asked_through_the_proxy_unless_no_proxy_names_it(command: Command, live_endpoint: Endpoint) -> None:
    """As by requests itself."""
    with wire(forwarding_to(int(live_endpoint.url.rpartition(":")[2]))) as proxy:
        through = {**UNSET, "http_proxy": proxy.url.replace("http://", "http://me:s3cr3t@")}
        arguments = ["run", "http://target.invalid", "--serialization", "xml"]
        done = command(*arguments, **through)
        assert (done.returncode, done.stderr) == (0, "")
        assert len(proxy.asked) == len(live_endpoint.asked)
        assert b"\r\nProxy-Authorization: Basic " in proxy.asked[0]
        done = command(*arguments, **{**through, "NO_PROXY": "target.invalid"})
        assert done.returncode == 2
        assert "proxy" not in done.stderr
        assert len(proxy.asked) == len(live_endpoint.asked)


def refused(*_: bytes) -> bytes:
    """The answer of a proxy that wants another login."""
    return b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_refuses_the_login_is_named(command: Command, scheme: str) -> None:
    """Its 407 is never the endpoint's answer."""
    with wire(refused) as proxy:
        by_way = {**UNSET, **CERTIFICATES, f"{scheme}_proxy": proxy.url.replace("http://", "http://me:s3cr3t@")}
        done = command("run", f"{scheme}://target.invalid", **by_way)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"jobinfo-conformance: {scheme}://target.invalid does not answer: ")
    assert "407" in done.stderr
    assert done.stderr.endswith(f", by way of the proxy {proxy.url} that the environment names\n")
    assert "s3cr3t" not in done.stderr


def test_a_407_of_the_endpoint_itself_is_evidence(command: Command) -> None:
    """No proxy is on the way."""
    with wire(refused) as target:
        done = command("run", target.url, "--serialization", "xml", **UNSET)
    assert "proxy" not in done.stderr
    assert done.returncode == 1


PROXY_FAILURES = {
    "nobody is there": (NOBODY, "Connection refused, by way of the proxy http://127.0.0.1:9 that"),
    "no such scheme": ("gopher://me:s3cr3t@127.0.0.1:9", "names the proxy gopher://127.0.0.1:9 for"),
    "no host": ("http://me:s3cr3t@", "names the proxy http:// for"),
    "no port": ("http://me:s3cr3t@127.0.0.1:port", "names the proxy http://127.0.0.1:port for"),
    "no such port": ("http://me:s3cr3t@127.0.0.1:99999", "names the proxy http://127.0.0.1:99999 for"),
    "no scheme before a login": ("me:s3cr3t@127.0.0.1:9", "names the proxy 127.0.0.1:9 for"),
    "half an address": ("http://me:s3cr3t@[::1", "names the proxy http://[::1 for"),
}


@pytest.mark.parametrize("name", PROXY_FAILURES)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_cannot_be_used_is_one_line_without_its_login(command: Command, name: str, scheme: str) -> None:
    """Whatever the scheme of the target."""
    proxy, said = PROXY_FAILURES[name]
    done = command("run", f"{scheme}://target.invalid", **{**UNSET, **CERTIFICATES, "ALL_PROXY": proxy})
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert said in done.stderr
    assert "s3cr3t" not in done.stderr


def test_a_proxy_that_never_answers_is_named(command: Command) -> None:
    """The time is what --timeout says."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        proxy = f"http://127.0.0.1:{silent.getsockname()[1]}"
        done = command("run", "http://target.invalid", "--timeout", "0.2", **{**UNSET, "http_proxy": proxy})
    assert done.returncode == 2
    assert f"nothing within 0.2 seconds, by way of the proxy {proxy} that the environment names" in done.stderr


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("missing.pem", "which does not exist: name a file or a folder of certificates, or unset it"),
        ("empty.pem", "which holds no certificates: name another file, or unset it"),
    ],
)
def test_certificates_that_cannot_be_used_are_one_line_that_names_the_variable(
    command: Command, tmp_path: Path, variable: str, file: str, said: str
) -> None:
    """For https; without TLS none are needed."""
    (tmp_path / "empty.pem").write_text("no certificate", "utf-8")
    named = {**UNSET, **CERTIFICATES, variable: str(tmp_path / file)}
    done = command("run", "https://127.0.0.1:9", **named)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"jobinfo-conformance: {variable} names {tmp_path / file}, {said}\n"
    assert command("run", "reference", "--serialization", "xml", **named).returncode == 0


@pytest.fixture(scope="module")
def secured() -> Iterator[str]:
    """An endpoint with a certificate whose issuer nobody trusts."""
    pytest.importorskip("trustme", reason="certificates take the extra client")
    with certificates() as made, serving(Service(session=SESSION), tls=needed(made, "this test")) as url:
        yield url


def test_a_certificate_that_is_not_trusted_is_said_so(command: Command, secured: str) -> None:
    """In one line that says what to do; no request was sent, so that no job can be open."""
    done = command("run", secured, **UNSET, **CERTIFICATES)
    why = "its certificate can't be verified: unable to get local issuer certificate"
    hint = "REQUESTS_CA_BUNDLE names a file with the one that issued it"
    assert (done.returncode, done.stderr) == (2, f"jobinfo-conformance: {secured} does not answer: {why}; {hint}\n")


def test_what_does_not_speak_tls_is_said_so(command: Command, live_endpoint: Endpoint) -> None:
    """And no job can be open."""
    url = live_endpoint.url.replace("http://", "https://")
    done = command("run", url, **UNSET, **CERTIFICATES)
    why = "what answers does not speak TLS: it may want http"
    assert (done.returncode, done.stderr) == (2, f"jobinfo-conformance: {url} does not answer: {why}\n")


def test_what_requests_does_not_read_changes_nothing(command: Command, live_endpoint: Endpoint, tmp_path: Path) -> None:
    """A login in .netrc is not sent, and SSL_CERT_FILE is another library's."""
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password s3cr3t", "utf-8")
    named = {"HOME": str(tmp_path), "NETRC": str(netrc), "SSL_CERT_FILE": str(tmp_path / "missing.pem")}
    done = command("run", live_endpoint.url, "--serialization", "xml", **UNSET, **named)
    assert (done.returncode, done.stderr) == (0, "")
    assert not any("authorization" in names for names in live_endpoint.headers)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_line_of_a_failure_reaches_loopback_past_a_proxy(
    command: Command, live_endpoint: Endpoint, tmp_path: Path
) -> None:
    """As the suite did."""
    live_endpoint.spoil = lambda asked, answer: (
        answer.__class__(201, answer.headers, answer.body) if "Closed" in asked else answer
    )
    done = command("run", live_endpoint.url, "--only", "http/status-200", "--serialization", "xml")
    line = re.findall(r"^  curl +(.*)$", done.stdout, re.MULTILINE)[0]
    shell = {"PATH": str(Path(shutil.which("curl") or "").parent), "http_proxy": NOBODY, "JOBINFO_SESSION_ID": SESSION}
    again = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=shell, cwd=tmp_path, check=False)  # noqa: S607
    assert again.stdout.startswith("HTTP/1.1 "), again.stderr
