"""The schemas alone: every validator makes the same of them, and the documents say what they can't see."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import DEFAULT, EARLIEST
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance.generate import Mutant, damages
from tests import validators
from tests.bodies import Sample, documented_close, samples
from tests.conftest import ROOT
from tests.exchanges import CLOSED, close
from tests.validators import Validator

XML, JSON = Serialization.XML, Serialization.JSON
DOCUMENT = (ROOT / "docs" / "schemas.md").read_text("utf-8")
TABLES = "docs/schemas.md lists other requirements"

IN_XML: list[Validator] = [validators.xml_schema, validators.lxml, validators.xmllint, validators.xerces]
IN_JSON: list[Validator] = [validators.json_schema, validators.json_schema_rs, validators.ajv]

#: What no schema can see, by its requirement, and which of its mutants by their names.
BEYOND = {
    XML: {
        "schema/canonical-numbers": "",
        "schema/no-doctype": "",
        "schema/default-namespace": "",
        "schema/well-formed": "a declared entity",
    },
    JSON: {
        "schema/canonical-numbers": "",
        "schema/no-duplicates": "",
        "schema/field-types": '"(0000-|[0-9]{4}-(02-29|02-30|04-31)T)',
    },
}
#: What one validator takes all the same, by the end of the mutants' names: white space that only Unicode has, as padding;
#: and a number that JavaScript rounds to the bound.
LENIENT: dict[Validator, str] = {validators.xml_schema: "\\xa0", validators.ajv: str(2**63)}

Tried = dict[Path, Mutant]


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> dict[Serialization, tuple[Path, Tried]]:
    """The samples that no other schema judges, and all their mutants, as files in a folder for each schema."""
    written = {}
    for form in Serialization:
        folder = tmp_path_factory.mktemp(str(form))
        chosen = [one for one in samples(form) if one.version in (EARLIEST, DEFAULT)]
        written[form] = (
            folder,
            {file: mutant for number, sample in enumerate(chosen) for file, mutant in _files(folder, number, sample, form)},
        )
    return written


def _files(folder: Path, number: int, sample: Sample, form: Serialization) -> list[tuple[Path, Mutant]]:
    files = []
    (folder / sample.schema).mkdir(exist_ok=True)
    for place, mutant in enumerate([Mutant("whole", None, sample.body), *sample.mutants()]):
        file = folder / sample.schema / f"{number:02}-{place:04}.{form}"
        file.write_bytes(mutant.body)
        files.append((file, mutant))
    return files


def _is_taken(mutant: Mutant, form: Serialization) -> bool:
    """Whether a schema has nothing against a mutant."""
    named = BEYOND[form].get(mutant.requirement or "")
    return mutant.requirement is None or (named is not None and re.search(named, mutant.name) is not None)


@pytest.mark.parametrize(
    ("form", "validator"),
    [(XML, one) for one in IN_XML] + [(JSON, one) for one in IN_JSON],
    ids=[one.__name__ for one in IN_XML + IN_JSON],
)
def test_validators_agree_on_every_mutant(
    form: Serialization, validator: Validator, tried: dict[Serialization, tuple[Path, Tried]]
) -> None:
    """Each takes what is legal and what no schema can see, and refuses the rest."""
    folder, files = tried[form]
    verdicts = validator(folder)
    assert set(verdicts) == set(files)
    alarms = {mutant.name for file, mutant in files.items() if _is_taken(mutant, form) and not verdicts[file]}
    missed = {mutant.name for file, mutant in files.items() if not _is_taken(mutant, form) and verdicts[file]}
    assert alarms == set()
    end = LENIENT.get(validator)
    assert {name for name in missed if end is None or not name.endswith(end)} == set()
    assert bool(missed) is (end is not None)


# What the documents say


def _listed() -> dict[str, set[Serialization]]:
    """The requirements in the table of what the schemas can't see in one answer, and the serializations of each."""
    rows = re.findall(r"^\| `([a-z0-9-]+/[a-z0-9-]+)` \| (XML|JSON|both) \|", DOCUMENT, re.MULTILINE)
    return {name: set(Serialization) if form == "both" else {Serialization(form.lower())} for name, form in rows}


@pytest.fixture(scope="module")
def unseen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[Serialization]]:
    """The requirements of which a damaged answer passes the schema of its own serialization."""
    found: dict[str, set[Serialization]] = {}
    folders = {form: tmp_path_factory.mktemp(str(form)) for form in Serialization}
    of_file = {}
    for form in Serialization:
        for number, exchange in enumerate([documented_close(form), close(CLOSED, form), close(None, form)]):
            for place, damage in enumerate(damages(exchange)):
                step = Step.of(damage.exchange)
                assert step is not None
                folder = folders[step.answer.serialization] / ("error" if exchange.response.status == 400 else "jobinfo")
                folder.mkdir(exist_ok=True)
                file = folder / f"{form}-{number}-{place:04}"
                file.write_bytes(damage.exchange.response.body or b"")
                of_file[file] = (damage.requirement, form)
    verdicts = {**validators.lxml(folders[XML]), **validators.json_schema(folders[JSON])}
    for file, (requirement, form) in of_file.items():
        if verdicts[file]:
            found.setdefault(requirement, set()).add(form)
    return found


def test_what_no_schema_sees_in_an_answer_is_listed(unseen: dict[str, set[Serialization]]) -> None:
    """Each damage that passes the schemas is under a listed requirement, and each listed one has such a damage."""
    assert _listed() == unseen, f"{TABLES}: the table of what no schema expresses in an answer"


def test_what_no_schema_sees_of_a_body_is_listed() -> None:
    """The exceptions under which the validators agree are those that users read of."""
    assert {name: forms for name, forms in _listed().items() if name.startswith("schema/")} == {
        name: {form for form in Serialization if name in BEYOND[form]} for form in Serialization for name in BEYOND[form]
    }


def test_what_spans_exchanges_is_listed() -> None:
    """Every other requirement that no damage to an answer breaks stands in the list after the table."""
    broken = {
        damage.requirement
        for form in Serialization
        for exchange in (documented_close(form), close(CLOSED, form), close(None, form))
        for damage in damages(exchange)
    }
    section = DOCUMENT.partition("### Over several exchanges")[2].partition("\n#")[0]
    families = set(re.findall(r"`([a-z]+)`", section))
    named = set(re.findall(r"`([a-z0-9-]+/[a-z0-9-]+)`", section)) - set(_listed())
    whole = {name for name in BUILT_IN.requirements if name.partition("/")[0] in families} - set(_listed())
    assert named | whole == set(BUILT_IN.requirements) - broken, f"{TABLES}: the list after the table"


# How to use the schemas


def _example(language: str) -> str:
    [example] = re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)
    return str(example)


@pytest.mark.parametrize(
    ("language", "file", "command", "forms", "word"),
    [
        ("sh", "check.sh", ["sh", "-e"], {XML}, "Finished"),
        ("python", "check.py", [sys.executable], {XML, JSON}, "Finished"),
        ("java", "Check.java", ["java"], {XML}, "Finished"),
        ("javascript", "check.cjs", ["node"], {JSON}, "/state"),
    ],
    ids=["sh", "python", "java", "javascript"],
)
def test_the_examples_take_the_documented_answers_and_refuse_others(
    language: str, file: str, command: list[str], forms: set[Serialization], word: str, tmp_path: Path
) -> None:
    """Each program ends with 0 for valid answers, and says what is wrong with one whose state does not exist."""
    needed = "xmllint" if language == "sh" else command[0]
    if shutil.which(needed) is None:
        pytest.skip(f"{needed} is not installed")
    if language == "javascript" and not validators.AJV.is_dir():
        pytest.skip(validators.NO_AJV)
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    (tmp_path / file).write_text(_example(language), "utf-8")

    def run(damaged: Serialization | None) -> tuple[bool, str]:
        for form in Serialization:
            answer = documented_close(form).response.body or b""
            wrong = answer.replace(b"Closed", b"Finished")
            (tmp_path / f"answer.{form}").write_bytes(wrong if form is damaged else answer)
        environment = {**os.environ, "NODE_PATH": str(validators.AJV.parent)}
        done = subprocess.run([*command, file], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        return done.returncode == 0, done.stderr

    taken, said = run(None)
    assert taken, said
    for form in forms:
        taken, said = run(form)
        assert not taken
        assert word in said
