"""Other validators of the schemas: each says of every body in a folder whether it is valid.

Bodies stand in a folder for each schema, named as it is without its suffix. A command is started once, or once a schema.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator
from lxml import etree
from xmlschema import XMLSchema10

from tests.conftest import ROOT

SCHEMAS = ROOT / "schemas"
_HERE = Path(__file__).parent
_XERCES = Path("/usr/share/java/xercesImpl.jar")
AJV = ROOT / "node_modules" / "ajv"
NO_AJV = "ajv is not installed (npm install --prefix . --no-save ajv@8)"

Verdicts = dict[Path, bool]
Validator = Callable[[Path], Verdicts]


def xml_schema(folder: Path) -> Verdicts:
    """xmlschema, the validator of the suite, as it comes."""

    @cache
    def schema(name: str) -> XMLSchema10:
        return XMLSchema10(str(SCHEMAS / f"{name}.xsd"), allow="local")

    def is_valid(file: Path) -> bool:
        try:
            return schema(file.parent.name).is_valid(BytesIO(file.read_bytes()))
        except (ParseError, LookupError, ValueError):  # not well-formed, or in an encoding that Python does not know
            return False

    return _each(folder, is_valid)


def lxml(folder: Path) -> Verdicts:
    """libxml2 by way of lxml."""

    @cache
    def schema(name: str) -> etree.XMLSchema:
        return etree.XMLSchema(etree.parse(str(SCHEMAS / f"{name}.xsd")))

    def is_valid(file: Path) -> bool:
        try:
            return schema(file.parent.name).validate(etree.fromstring(file.read_bytes()))
        except etree.XMLSyntaxError:
            return False

    return _each(folder, is_valid)


def xmllint(folder: Path) -> Verdicts:
    """The command of libxml2."""
    command = _installed("xmllint", "libxml2-utils")
    said = ""
    for one in sorted(folder.iterdir()):
        schema = str(SCHEMAS / f"{one.name}.xsd")
        done = _run([command, "--noout", "--nonet", "--schema", schema, *map(str, sorted(one.iterdir()))])
        said += done.stderr
    valid = {line.removesuffix(" validates") for line in said.splitlines()}
    return _each(folder, lambda file: str(file) in valid)


def xerces(folder: Path) -> Verdicts:
    """Xerces, which Java's own validator was made of."""
    command = _installed("java", "default-jdk-headless")
    if not _XERCES.is_file():
        pytest.skip("Xerces is not installed (in Debian: libxerces2-java)")
    return _told([command, "-cp", str(_XERCES), str(_HERE / "Xerces.java"), str(SCHEMAS), str(folder)])


def json_schema(folder: Path) -> Verdicts:
    """jsonschema, the validator of the suite, after Python's own reader."""

    @cache
    def schema(name: str) -> Any:
        return Draft202012Validator(_schema(name))

    return _each(folder, lambda file: _is_valid_json(schema(file.parent.name), file))


def json_schema_rs(folder: Path) -> Verdicts:
    """jsonschema-rs, in Rust."""

    @cache
    def schema(name: str) -> Any:
        return jsonschema_rs.Draft202012Validator(_schema(name))

    return _each(folder, lambda file: _is_valid_json(schema(file.parent.name), file))


def ajv(folder: Path) -> Verdicts:
    """ajv, in JavaScript."""
    command = _installed("node", "nodejs")
    if not AJV.is_dir():
        pytest.skip(NO_AJV)
    return _told([command, str(_HERE / "ajv.cjs"), str(SCHEMAS), str(folder)])


def _each(folder: Path, is_valid: Callable[[Path], bool]) -> Verdicts:
    return {file: is_valid(file) for file in sorted(folder.glob("*/*"))}


def _schema(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    return value


def _is_valid_json(schema: Any, file: Path) -> bool:
    try:
        return bool(schema.is_valid(json.loads(file.read_bytes().decode("utf-8"))))
    except ValueError:  # no JSON, or a number that Rust does not have: NaN, Infinity, 1e400
        return False


def _told(command: list[str]) -> Verdicts:
    """What a command of ours prints: valid or invalid, and the file."""
    done = _run(command)
    assert done.returncode == 0, done.stderr
    lines = [line.partition(" ") for line in done.stdout.splitlines()]
    return {Path(file): verdict == "valid" for verdict, _, file in lines}


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)


def _installed(command: str, package: str) -> str:
    found = shutil.which(command)
    if found is None:
        pytest.skip(f"{command} is not installed (in Debian: {package})")
    return found
