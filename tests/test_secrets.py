"""Canaries: a session, a header, a cookie, a token and a password that must turn up nowhere, however they are spelled.

What looks for them knows nothing of how they are removed: it undoes every coding that a reader could undo.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import cycle
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

import jobinfo_conformance
from jobinfo_conformance._evidence.secrets import MARK, SHORTEST_CUT_HEADER, Redaction
from jobinfo_conformance._evidence.spelling import as_read
from jobinfo_conformance._exchange import Request, Response
from tests.conftest import Command
from tests.endpoint import SESSION as ENDPOINTS_SESSION
from tests.endpoint import Endpoint, refusing
from tests.hostile import hostile_endpoint
from tests.wire import wire

SESSION = "00D000000000009!AQEAQ.C4n4ry_0f.a.sess10n_Zq7Xw5Vt3"
KEY = "c4n4ry-k3y-0f-a-gateway"
SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "as it is": str,
    "in another case": str.swapcase,
    "in base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in base64, one byte later": lambda text: base64.b64encode(f"x{text}yy".encode()).decode(),
    "in base64, two bytes later": lambda text: base64.b64encode(f"xy{text}".encode()).decode(),
    "in base64 for URLs": lambda text: base64.urlsafe_b64encode(f"??>{text}".encode()).decode(),
    "in base64, wrapped": lambda text: "\r\n".join(re.findall(".{1,20}", base64.b64encode(text.encode()).decode())),
    "in hexadecimal": lambda text: text.encode().hex().upper(),
    "percent-encoded": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "percent-encoded twice": lambda text: quote(quote(text, safe=""), safe="").replace("0", "%2530"),
    "in JSON escapes": lambda text: "".join(f"\\u{ord(char):04X}" for char in text),
    "in JSON escapes, in XML": lambda text: html.escape("".join(f"\\u{ord(char):04x}" for char in text)).replace("\\", "&#92;"),
    "in references": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "in long references": lambda text: "".join(f"&#x{ord(char):020x};" for char in text),
    "in references by name": lambda text: text.replace("!", "&excl;").replace(".", "&period;").replace("_", "&lowbar;"),
    "around a comment": lambda text: f"{text[:20]}<!-- -->{text[20:]}",
    "over the end of a CDATA section": lambda text: f"{text[:20]}]]><![CDATA[{text[20:]}",
    "in UTF-16": lambda text: text.encode("utf-16-be").decode("latin-1"),
    "in base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "in base64 twice": lambda text: base64.b64encode(base64.b64encode(f"user:{text}".encode())).decode(),
    "in base32": lambda text: base64.b32encode(text.encode()).decode(),
    "in base32, three bytes later": lambda text: base64.b32encode(f"xyz{text}".encode()).decode().rstrip("="),
    "in hexadecimal with colons": lambda text: text.encode().hex(":"),
    "in hexadecimal of UTF-16": lambda text: text.encode("utf-16-be").hex(),
    "in octal escapes": lambda text: "".join(f"\\{ord(char):03o}" for char in text),
    "in octal escapes, as short as can be": lambda text: "".join(f"\\{ord(char):o}" for char in text),
    "in octal escapes of UTF-16": lambda text: "".join(f"\\{byte:o}" for byte in text.encode("utf-16-le")),
    "in long escapes of C": lambda text: "".join(f"\\U{ord(char):08x}" for char in text),
    "in escapes of hexadecimal in braces": lambda text: "".join(f"\\x{{{ord(char):x}}}" for char in text),
    "in references, between NULs": lambda text: "".join(f"&#{ord(char)};&#0;" for char in text),
    "in hexadecimal with dashes": lambda text: text.encode().hex("-"),
    "in hexadecimal, in fours": lambda text: text.encode().hex(":", 2).upper(),
    "in hexadecimal, as bytes of C": lambda text: ", ".join(f"0x{byte:02x}" for byte in text.encode()),
    "in hexadecimal of UTF-16 with dashes": lambda text: text.encode("utf-16-le").hex("-"),
    "in base32, in groups": lambda text: "-".join(re.findall(".{1,8}", base64.b32encode(text.encode()).decode())),
    "in base32 of UTF-16": lambda text: base64.b32encode(text.encode("utf-16-le")).decode(),
    "in base64 twice, of UTF-16": lambda text: base64.b64encode(base64.b64encode(text.encode("utf-16-be"))).decode(),
    "in base64 of UTF-16 of base64": lambda text: base64.b64encode(
        base64.b64encode(text.encode()).decode().encode("utf-16-le")
    ).decode(),
    "in lines of mail": lambda text: "=\r\n".join(re.findall(".{1,20}", text)),
}


def reads(text: str) -> Iterator[str]:
    """Yield what a reader could make of a text who tries everything, again and again."""
    seen: set[str] = set()
    waiting = [text]
    for _ in range(5):
        for found in waiting:
            seen.add(found)
            yield found.lower()
        turned = [turn(found) for found in waiting for turn in (unquote, html.unescape, _without_json_escapes, _solid)]
        waiting = [found for found in dict.fromkeys(turned) if found not in seen]
    for decoded in _out_of_base(_solid(text)):
        yield decoded.lower()
        yield from map(str.lower, _out_of_base(decoded))
    for run in re.findall("[0-9a-f]{24,}", _without_marks(text)):
        for start in range(2):  # a word before it may end with such digits
            whole = run[start : start + (len(run) - start) // 2 * 2]
            yield bytes.fromhex(whole).decode("latin-1").replace("\0", "").lower()
    yield from map(str.lower, _out_of_base(_without_marks(text).upper()))


def _out_of_base(text: str) -> Iterator[str]:
    """What a text has in base64 and in base32."""
    for run in re.findall(r"[A-Za-z0-9+/_-]{24,}", text):
        for start in range(4):
            yield _decoded(run[start:])
    for run in re.findall(r"[A-Z2-7]{24,}", text):
        for start in range(8):
            whole = run[start : start + (len(run) - start) // 8 * 8]
            yield base64.b32decode(whole).decode("latin-1").replace("\0", "")


def _without_json_escapes(text: str) -> str:
    text = re.sub(r"\\([0-3][0-7]{2}|[1-7][0-7]|0)", lambda match: chr(int(match[1], 8)), text)
    text = re.sub(r"\\(?:U|x\{)([0-9a-fA-F]{8}|[0-9a-fA-F]{2}(?=\}))\}?", lambda match: chr(int(match[1], 16)), text)
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text).replace("\\\\", "\\")


def _without_marks(text: str) -> str:
    """A text whose digits stand together, however they are grouped and separated."""
    return re.sub(r"0x|[\W_]", "", text.lower())


def _solid(text: str) -> str:
    text = re.sub(r"<!--.*?-->|<!\[CDATA\[|\]\]>|=\r?\n", "", text)
    return re.sub(r"\\[rn]|\s|\0|\ufffd", "", text)


def _decoded(run: str) -> str:
    run = run.replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(run[: len(run) // 4 * 4]).decode("latin-1").replace("\0", "")
    except binascii.Error:
        return ""


def assert_nowhere(canaries: list[str], texts: Mapping[str, str]) -> None:
    """Fail if a text shows a canary, or nearly all of one."""
    for name, text in texts.items():
        for read in reads(text):
            for canary in canaries:
                place = read.find(canary[: len(canary) * 9 // 10].lower())
                assert place < 0, f"{name}: …{read[max(place - 60, 0) : place + 90]}…"


def files_in(folder: Path) -> dict[str, str]:
    """The files of a folder by name."""
    return {file.name: file.read_bytes().decode("latin-1") for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("name", SPELLINGS)
def test_the_scan_itself_finds_a_canary(name: str) -> None:
    """However it is spelled; otherwise it would prove nothing."""
    with pytest.raises(AssertionError, match="told: "):
        assert_nowhere([SESSION], {"told": f"before {SPELLINGS[name](SESSION)} after"})


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_secret_is_removed_however_it_is_spelled(name: str) -> None:
    """And what stands around it stays."""
    others = [f"00D0000000000{number:02}!AQEAQ.another.session.{number:09}" for number in range(99)]
    told = Redaction([*others, SESSION]).in_text(f"before: {SPELLINGS[name](SESSION)} :behind")
    assert_nowhere([SESSION], {"told": told})
    assert MARK in told.replace("\0", "")
    assert told.startswith("before: ")
    assert told.endswith(" :behind")


@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("secret", ["pässwörd→geheim-12345", "à-la-carte→Åsa-12345", "密码-的-秘密-12345"])
@pytest.mark.parametrize(
    "spelled",
    [
        pytest.param(lambda code: code.decode("latin-1"), id="raw"),
        pytest.param(lambda code: "".join(f"\\x{byte:02x}" for byte in code), id="hexadecimal"),
        pytest.param(lambda code: "".join(f"\\{byte:03o}" for byte in code), id="octal"),
        pytest.param(lambda code: "".join(f"%{byte:02X}" for byte in code), id="percent"),
        pytest.param(lambda code: json.dumps(code.decode("latin-1"))[1:-1], id="JSON"),
    ],
)
def test_a_secret_beyond_latin_1_is_removed_from_utf_16(spelled: Callable[[bytes], str], secret: str, order: str) -> None:
    """Its letters have two bytes there, each of which reads as a letter."""
    told = Redaction([secret]).in_text(f"before: {spelled(secret.encode(f'utf-16-{order}'))} :behind")
    assert re.sub(r"\0|\\(?:x00|000|u0000)|%00", "", told) == f"before: {MARK} :behind"


def test_digits_in_groups_that_are_no_secret_stay() -> None:
    """Such as a time and an address, beside one that is."""
    others = "00:1a:2b:3c:4d:5e at 2026-11-27T10:11:12, 30-30-44"
    told = Redaction([SESSION]).in_text(f"{others} ({SESSION.encode().hex('-')}) {others}")
    assert told == f"{others} ({MARK}) {others}"


@pytest.mark.parametrize("organization", ["00D000000000009AAA", "005000000000009AAA", "750000000000009AAA"])
def test_a_backslash_before_an_id_is_no_escape(organization: str) -> None:
    """As in a path, where the digits that follow may all be octal: the id must still be found."""
    assert organization[-12:] in as_read(f"folder\\{organization}")


@pytest.mark.parametrize("missing", [1, 5, len(SESSION) // 4])
def test_a_session_whose_end_is_missing_is_removed(missing: int) -> None:
    """A gateway may truncate its message; what is left would do for guessing the rest."""
    cut = SESSION[:-missing]
    assert Redaction([SESSION]).in_text(f"({cut})" * 1_000) == f"({MARK})" * 1_000


@pytest.mark.parametrize("missing", [1, 5, SESSION.index("!"), SESSION.index("!") + 1, len(SESSION) // 4])
@pytest.mark.parametrize("name", SPELLINGS)
def test_a_session_whose_beginning_is_missing_is_removed(name: str, missing: int) -> None:
    """What follows the organization is the secret."""
    told = Redaction([SESSION]).in_text(f"before: {SPELLINGS[name](SESSION[missing:])} :behind")
    assert MARK in told.replace("\0", "")
    assert_nowhere([SESSION[len(SESSION) // 4 :]], {"told": told})


@pytest.mark.parametrize(
    ("told", "shown"), [("Key-abc-123", "[K]"), ("Key-abc-12", "[K]"), ("Key-abc-", "[K]"), ("Key-abc", "Key-abc")]
)
def test_a_key_of_a_header_whose_end_is_missing_is_removed(told: str, shown: str) -> None:
    """Three quarters of it would do for guessing the rest, if they are not so few that they occur by chance."""
    redaction = Redaction(["Key-abc-123"], "[K]", shortest=1, shortest_cut=SHORTEST_CUT_HEADER)
    assert redaction.in_text(f"({told})") == f"({shown})"


def test_an_organization_is_not_taken_for_a_session() -> None:
    """All sessions of one begin with its id, which answers may well say."""
    assert Redaction([SESSION]).in_text(f"organization {SESSION[:15]}") == f"organization {SESSION[:15]}"


@pytest.mark.parametrize("end", ["", "!"], ids=["each begins with the one before", "each branches off"])
def test_sessions_that_continue_each_other_are_all_removed(end: str) -> None:
    """A recording may name as many as it likes."""
    sessions = ["a" * 15 + "b" * number + end for number in range(1_100)]
    assert Redaction(sessions).in_text(f"({sessions[0]}) ({sessions[-1]})") == f"({MARK}) ({MARK})"


def test_sessions_that_begin_alike_are_told_apart_in_one_pass() -> None:
    """Those of one organization do; their number does not matter."""
    sessions = [f"00D000000000009!AQEAQ{number:05}.of.the.same.organization" for number in range(500)]
    redaction = Redaction(sessions)
    beginning = sessions[0][:20] + " "
    assert redaction.in_text(beginning * 20_000 + sessions[321]) == beginning * 20_000 + MARK


def test_half_a_surrogate_pair_in_a_text_hides_no_secret() -> None:
    """A path in another encoding has some, and no encoding can write them."""
    assert Redaction([SESSION]).in_text(f"\udcff{SESSION}\udc80") == f"\udcff{MARK}\udc80"


def test_a_text_that_repeats_a_secret_is_read_in_linear_time() -> None:
    """Rebuilt for each occurrence, this one would take minutes."""
    assert Redaction([SESSION]).in_text(f"({SESSION})" * 60_000) == f"({MARK})" * 60_000


def test_much_of_what_has_to_be_read_is_read_once() -> None:
    """Open comments, escapes without end and sessions without theirs take no more time than other text."""
    redaction = Redaction([SESSION])
    for part in ("<!--", "&#x000", "&#" + "0" * 99, "\\u004", "%25", SESSION[:30], "<![CDATA[", "%u0"):
        assert redaction.in_text(part * 20_000) == part * 20_000


def refusal(canaries: str) -> bytes:
    """A refusal that repeats them in its status line, its headers and its body."""
    line = re.sub(r"[\r\n\0]", "", canaries)
    text = f'{{"exceptionCode": "InvalidJob", "exceptionMessage": "{line}"}}'.encode("utf-8", "replace")
    head = f"HTTP/1.1 400 {line}\r\nX-Says: {line}\r\nLocation: /?sid={line}\r\nSet-Cookie: sid={line}\r\n".encode("latin-1")
    return head + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(text) + text


@pytest.mark.parametrize("when", [b"Closed", b"operation"], ids=["closes", "creates"])
def test_no_artefact_of_a_live_run_shows_what_an_answer_repeats(command: Command, tmp_path: Path, when: bytes) -> None:
    """However it spells it. That it does is a failure of the endpoint."""
    spelled = cycle(f"{spelling(ENDPOINTS_SESSION)} {spelling(KEY)}" for spelling in SPELLINGS.values())
    with hostile_endpoint(lambda _answer: refusal(next(spelled)), when) as url:
        options = ["--header", f"X-Api-Key: {KEY}", "--report", tmp_path, "--max-requests", "150", "--wait", "1", "-v"]
        done = command("run", url, *options, session=ENDPOINTS_SESSION)
    assert done.returncode == 1
    assert "errors/no-secrets" in done.stdout
    assert_nowhere([KEY, ENDPOINTS_SESSION], {"stdout": done.stdout, "stderr": done.stderr, **files_in(tmp_path)})


EXTENSION = """
import os
from jobinfo_conformance.extending import scenario, SHOULD, requirement, closes

@scenario("break down", requests=1)
def breaking(stage):
    stage.create()
    raise RuntimeError("session " + os.environ["JOBINFO_SESSION_ID"].encode().hex() + os.environ["JOBINFO_SESSION_ID"])
"""


def test_a_scenario_that_breaks_down_ends_alone_and_tells_no_secret(
    command: Command, live_endpoint: Endpoint, tmp_path: Path
) -> None:
    """The rest is judged, jobs are ended, and the run says that it was the extension."""
    live_endpoint.session = SESSION
    (tmp_path / "vendor.py").write_text(EXTENSION.replace(", SHOULD, requirement, closes", ""), "utf-8")
    options = ["--extension", "vendor", "--report", tmp_path / "r"]
    done = command("run", live_endpoint.url, *options, session=SESSION, PYTHONPATH=str(tmp_path))
    assert done.returncode == 4
    assert "the scenario 'break down'" in done.stderr
    assert "Open" not in live_endpoint.states()
    tested = [
        found
        for found in json.loads((tmp_path / "r" / "report.json").read_text())["requirements"]
        if found["outcome"] == "pass"
    ]
    assert len(tested) > 100
    assert_nowhere([SESSION], {"stdout": done.stdout, "stderr": done.stderr, **files_in(tmp_path / "r")})


USERS_TEST = """
import os
import jobinfo_conformance

def test_mine():
    jobinfo_conformance.run(os.environ["TARGET"], timeout=5)
"""


@pytest.mark.parametrize("reset", [False, True])
def test_no_traceback_shows_a_session(run_pytest: Command, command: Command, tmp_path: Path, *, reset: bool) -> None:
    """Whatever pytest prints of the frames that an exception went through, and keeps in its own JUnit file."""
    (tmp_path / "test_mine.py").write_text(USERS_TEST, "utf-8")
    much = ["-l", "--full-trace", "--tb=long", "-vv", f"--junitxml={tmp_path / 'junit.xml'}", "-o", "junit_logging=all"]
    with wire(lambda asked: b"oops " + asked, reset=reset) as server:
        mine = run_pytest("test_mine.py", *much, session=SESSION, TARGET=server.url)
        theirs = command("run", server.url, "--header", f"X-Api-Key: {KEY}", "--", *much, session=SESSION)
    assert mine.returncode == 1
    assert theirs.returncode == 2
    printed = {"stdout": mine.stdout, "stderr": mine.stderr, "run": theirs.stdout + theirs.stderr, **files_in(tmp_path)}
    assert_nowhere([SESSION, KEY], printed)


def recorded(folder: Path) -> tuple[Path, list[str]]:
    """A recording full of secrets, and all of them."""
    canaries = {
        name: f"c4n4ry.{number}.0f.{name}.7kQ2" for number, name in enumerate(("session", "key", "token", "csrf", "password"))
    }
    canaries |= {name: f"c4n4ry.{name}.9pLx" for name in ("access_token", "refresh_token", "client_secret", "cookie", "form")}
    headers = {
        "X-SFDC-Session": canaries["session"],
        "X-Api-Key": canaries["key"],
        "X-Auth-Token": canaries["token"],
        "X-CSRF-Token": canaries["csrf"],
        "Cookie": f"a=b; sid={canaries['cookie']}",
        "Content-Type": "application/json",
    }
    told = {name: canaries[name] for name in ("access_token", "refresh_token", "client_secret", "password")}
    text = json.dumps({"state": "Closed", **told, "form": f"password={canaries['form']}&x=y", "again": canaries["key"]})
    url = f"https://x.test/services/async/36.0/job/750000000000001AAA?password={canaries['password']}"
    entry = {
        "request": {
            "method": "POST",
            "url": url,
            "headers": [{"name": name, "value": value} for name, value in headers.items()],
            "postData": {"mimeType": "application/json", "text": text},
        },
        "response": {
            "status": 200,
            "headers": [
                {"name": "Content-Type", "value": "application/json"},
                {"name": "Set-Cookie", "value": f"a={canaries['cookie']}"},
            ],
            "content": {"mimeType": "application/json", "text": text},
        },
    }
    file = folder / "recording.har"
    file.write_text(json.dumps({"log": {"version": "1.2", "entries": [entry, entry]}}), "utf-8")
    return file, list(canaries.values())


def test_no_command_shows_a_secret_of_a_recording(command: Command, tmp_path: Path) -> None:
    """Whatever it prints or saves."""
    file, canaries = recorded(tmp_path)
    texts = {}
    for arguments in (
        ["run", file, "-v", "--report", tmp_path / "report"],
        ["check", file],
        ["check", "--format", "json", file],
        ["compare", file, file],
        ["run", file, "--", "-vv", "--full-trace"],
        ["known-failures", tmp_path / "report" / "report.json", tmp_path / "report" / "known.toml"],
    ):
        done = command(*arguments)
        assert done.returncode in (0, 1, 3), done.stderr
        texts[str(arguments[:3])] = done.stdout + done.stderr
    assert_nowhere(canaries, {**texts, **files_in(tmp_path / "report")})


def test_no_command_shows_a_secret_of_a_payload(command: Command, tmp_path: Path) -> None:
    """A body by itself may hold one too."""
    for name, text in (
        ("answer.json", '{"state": "Closed", "password": "c4n4ry.password", "client_secret": "c4n4ry.secret"}'),
        ("answer.xml", "<jobInfo><password>c4n4ry.password</password><state>access_token=c4n4ry.secret</state></jobInfo>"),
    ):
        (tmp_path / name).write_text(text, "utf-8")
        done = command("check", tmp_path / name)
        assert_nowhere(["c4n4ry.password", "c4n4ry.secret"], {"stdout": done.stdout, "stderr": done.stderr})


def test_a_user_who_looks_at_a_request_sees_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Target of one's own is sent it, in a value that does not show it."""
    monkeypatch.setenv("JOBINFO_SESSION_ID", SESSION)
    seen: list[Request] = []

    class Noting:
        name = "noting"

        def send(self, request: Request) -> Response:
            seen.append(request)
            return refusing("InvalidJob", "no")

    jobinfo_conformance.run(Noting())
    assert seen[0].headers.get("X-SFDC-Session") == SESSION
    assert_nowhere([SESSION], {"repr": repr(seen)})
