"""The pages of the catalogue in docs/catalogue say what is, and each says all that its reader looks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._catalogue.of_clients import with_clients
from jobinfo_conformance._catalogue.requirement import Level, Source, Strength, documented, standard
from jobinfo_conformance._catalogue_pages.conflicts import conflicts
from jobinfo_conformance._catalogue_pages.excerpt import excerpt
from jobinfo_conformance._catalogue_pages.links import linked
from jobinfo_conformance._catalogue_pages.page import page
from jobinfo_conformance._catalogue_pages.pages import pages
from jobinfo_conformance._catalogue_pages.reasons import reason_of
from jobinfo_conformance._contract.session import WRONG_SESSION
from tests.conftest import ROOT, Command
from tests.exchanges import CLOSED, JSON, close, read

CATALOGUE = with_clients(BUILT_IN)
REQUIREMENTS = CATALOGUE.requirements
FOLDER = ROOT / "docs" / "catalogue"
AGAIN = "write them again: jobinfo-conformance requirements --write docs/catalogue"


def committed() -> Mapping[str, str]:
    """The pages that are in the repository."""
    return {str(file.relative_to(FOLDER)): file.read_text("utf-8") for file in FOLDER.rglob("*.md")}


def test_the_pages_are_what_the_code_says() -> None:
    """All of them, and no other."""
    written, there = pages(CATALOGUE), committed()
    stale = sorted(name for name in written.keys() | there.keys() if written.get(name) != there.get(name))
    assert not stale, f"{', '.join(stale)}: stale; {AGAIN}, and delete those of requirements that are gone"


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_a_page_has_a_reason_its_evidence_and_a_case_that_fails(name: str) -> None:
    """And a case that passes, unless it is about what a client makes of an answer."""
    text = (FOLDER / f"{name}.md").read_text("utf-8")
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert [heading for heading in headings if heading.endswith("that fails")]
    assert [heading for heading in headings if heading.endswith("that passes")] or "A run that fails" in headings
    assert {"Evidence", "Faults that it notices"} <= set(headings)
    assert re.search(r"^\| Reason for the level \| \S.*\. \|$", text, re.MULTILINE)
    assert re.search(r"^\| In the suite since \| (requirements [0-9.]+|not released yet) \|$", text, re.MULTILINE)


def test_links_between_the_pages_lead_somewhere() -> None:
    """To a file, and of a file to a heading that it has."""
    for name, text in committed().items():
        for target, anchor in re.findall(r"\]\((?!https:)([^)#]*)#?([^)]*)\)", text):
            file = (FOLDER / name).parent / target
            assert file.is_file(), f"{name}: {target}"
            headings = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert not anchor or anchor in anchors, f"{name}: {target}#{anchor}"


def test_no_page_names_a_port_or_a_session() -> None:
    """They are other ones each time."""
    for name, text in committed().items():
        assert "127.0.0.1" not in text, name
        assert set(re.findall(r"^X-SFDC-Session: (.*)$", text, re.MULTILINE)) <= {
            "[JOBINFO-SESSION]",
            "[no session]",
            WRONG_SESSION,
        }, name


def test_each_conflict_has_its_evidence_and_requirements_that_exist() -> None:
    """Sources are those that requirements have, and no title stands twice."""
    sources = {strength.value for strength in Strength}
    titles = [conflict.title for conflict in conflicts()]
    assert len(titles) == len(set(titles))
    for conflict in conflicts():
        assert conflict.evidence
        assert {each.source for each in conflict.evidence} <= sources
        assert set(conflict.requirements) <= set(REQUIREMENTS)


def test_the_reason_for_a_level_is_its_own_or_what_its_evidence_means() -> None:
    """A SHOULD and a MUST from one kind of source have different reasons."""
    kept = REQUIREMENTS["state/kept"]
    assert reason_of(kept) == "A closed job can't be edited, so nothing leads back to Open."
    derived = replace(kept, because=None)
    assert reason_of(derived) == "It follows from what is documented: a closed job stays closed."
    assert reason_of(replace(derived, level=Level.SHOULD)) == "Nothing documents it: a closed job stays closed."


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("strength", Strength)
def test_each_level_has_a_reason_from_each_kind_of_evidence(level: Level, strength: Strength) -> None:
    """Whatever requirement comes next."""
    made = replace(REQUIREMENTS["state/closed"], level=level, source=Source(strength, "so it is"), because=None)
    assert reason_of(made).endswith(".")


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (standard("RFC 9112, 7.1"), "standard: [RFC 9112, 7.1](https://www.rfc-editor.org/rfc/rfc9112.html#section-7.1)"),
        (standard("RFC 8259"), "standard: [RFC 8259](https://www.rfc-editor.org/rfc/rfc8259.html)"),
        (standard("Namespaces in XML, 3"), "standard: [Namespaces in XML](https://www.w3.org/TR/xml-names/), 3"),
        (documented("our own rules"), "documentation: our own rules"),
    ],
    ids=lambda value: getattr(value, "detail", ""),
)
def test_sources_are_links_where_they_can_be(source: Source, shown: str) -> None:
    """RFCs with their sections, recommendations, and pages of the documentation."""
    assert linked(source) == shown


def test_an_excerpt_shows_what_the_finding_names_and_leaves_out_the_rest() -> None:
    """Of the last exchange; those before it have a line each, without the host."""
    shown = excerpt([close(), read(CLOSED.replace(number_retries=3))], "numberRetries").split("\n")
    assert shown[0] == shown[-1][:3] + "text"
    assert shown[1] == "POST /services/async/36.0/job/7500K00000EVfY2QAL (state Closed) answered 200 (state Closed)"
    assert " <numberRetries>3</numberRetries>" in shown
    assert " <state>Closed</state>" in shown
    assert " …" in shown
    assert not [line for line in shown if "concurrencyMode" in line]


def test_an_excerpt_of_a_long_line_is_cut() -> None:
    """As that of JSON without line breaks."""
    long = close(form=JSON, answer=b'{"state": "' + b"x" * 5000 + b'"}')
    assert max(map(len, excerpt([long], "state").split("\n"))) < 200


def test_a_requirement_that_is_not_released_says_so() -> None:
    """And so does one of an extension, by its name."""
    new = replace(REQUIREMENTS["state/closed"], id="state/new")
    assert "| In the suite since | not released yet |" in page(new, CATALOGUE, None, [], [])
    own = replace(new, extension="acme")
    assert "| Added by | the extension acme |" in page(own, CATALOGUE, None, [], [])


@pytest.mark.parametrize("option", [("--requirements", "1.0"), ("--format", "json")])
def test_pages_are_of_all_requirements(option: tuple[str, str], command: Command, tmp_path: Path) -> None:
    """An option that would choose among them, or another format, is refused."""
    done = command("requirements", "--write", tmp_path / "pages", *option)
    said = (
        "jobinfo-conformance: --write writes a page for every requirement, as Markdown: leave out --format and --requirements\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_pages_that_can_not_be_written_get_one_line(command: Command, tmp_path: Path) -> None:
    """The folder is a file; nothing is tried before that is said."""
    (tmp_path / "taken").write_text("", "utf-8")
    done = command("requirements", "--write", tmp_path / "taken")
    said = f"jobinfo-conformance: the pages can't be written to {tmp_path / 'taken'}: File exists\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)
