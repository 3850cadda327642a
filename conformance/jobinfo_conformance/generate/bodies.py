"""Bodies in every legal form: what a serialization leaves free, drawn."""

from __future__ import annotations

import json
from collections.abc import Mapping

from hypothesis import strategies as st

from jobinfo_conformance.contract.jobinfo import NAMESPACE, JobInfo
from jobinfo_conformance.contract.reading import JsonValue
from jobinfo_conformance.contract.writers import json_values, xml_values

_SPACES = st.sampled_from(["", "\n", " ", "\n  ", "\t", "\r\n "])
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@st.composite
def xml_bodies(draw: st.DrawFn, job: JobInfo) -> bytes:
    """Legal answers of a job in XML: any declaration, layout, comments, CDATA and character references."""
    return draw(xml_elements(xml_values(job)))


@st.composite
def xml_elements(draw: st.DrawFn, values: Mapping[str, str], *, root: str = "jobInfo", prefixed: bool = False) -> bytes:
    """Legal XML of a root with these elements, in their order. With ``prefixed`` the namespace may have a prefix."""
    encoding = draw(st.sampled_from(["UTF-8", "utf-8", "UTF-16"]))
    declarations = [
        f'<?xml version="1.0" encoding="{encoding}"?>',
        f"<?xml version='1.0' encoding='{encoding}' standalone='yes'?>",
    ]
    if encoding != "UTF-16":
        declarations += ["", '<?xml version="1.0"?>']
    prefix = draw(st.sampled_from(["", "b:", "async:"])) if prefixed else ""
    space, quote = draw(_SPACES), draw(st.sampled_from("\"'"))
    attribute = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    parts = [draw(st.sampled_from(declarations)), f"<{prefix}{root}{draw(st.sampled_from([' ', chr(10) + '  ']))}"]
    parts.append(f"{attribute}={quote}{NAMESPACE}{quote}>")
    for name, value in values.items():
        comment = draw(st.sampled_from(["", "", "", "<!-- a comment -->", "<?note processing?>"]))
        parts.append(
            f"{space}{comment}<{prefix}{name}>{draw(_xml_text(value))}</{prefix}{name}{draw(st.sampled_from(['', ' ']))}>"
        )
    parts.append(f"{draw(_SPACES)}</{prefix}{root}>{draw(_SPACES)}")
    return "".join(parts).encode(encoding)


@st.composite
def _xml_text(draw: st.DrawFn, value: str) -> str:
    plain = "".join(_ESCAPES.get(char, char) for char in value)
    cut = draw(st.integers(0, len(value)))
    forms = [plain, plain, plain, f"<![CDATA[{value}]]>", "".join(f"&#{ord(char)};" for char in value)]
    forms += [f"{value[:cut]}<!-- -->{value[cut:]}" if not set(value) & set(_ESCAPES) else plain]
    return draw(st.sampled_from(forms))


@st.composite
def json_bodies(draw: st.DrawFn, job: JobInfo) -> bytes:
    """Legal answers of a job in JSON: keys in any order, optional ones null or absent, any layout and escapes."""
    values = {name: value for name, value in json_values(job).items() if value is not None or draw(st.booleans())}
    return draw(json_objects(values))


@st.composite
def json_objects(draw: st.DrawFn, values: Mapping[str, JsonValue]) -> bytes:
    """Legal JSON of an object with these values."""
    before, after = draw(_SPACES), draw(_SPACES)
    members = []
    for name in draw(st.permutations(list(values))):
        value = values[name]
        written = draw(_json_text(value)) if isinstance(value, str) else json.dumps(value)
        members.append(f"{before}{draw(_json_text(name))}{after}:{before}{written}")
    return (before + "{" + f"{after},".join(members) + after + "}" + draw(_SPACES)).encode()


@st.composite
def _json_text(draw: st.DrawFn, text: str) -> str:
    if not draw(st.integers(0, 3)) and text:
        cut = draw(st.integers(0, len(text) - 1))
        return json.dumps(text[:cut])[:-1] + f"\\u{ord(text[cut]):04X}" + json.dumps(text[cut + 1 :])[1:]
    return json.dumps(text)
