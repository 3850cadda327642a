"""Bodies in every legal form: Hypothesis draws what a serialization leaves free."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from functools import cache

from hypothesis import strategies as st

from jobinfo_conformance._contract.document import JsonValue
from jobinfo_conformance._contract.jobinfo import NAMESPACE, JobInfo
from jobinfo_conformance._contract.writer import json_values, xml_values
from jobinfo_conformance._job_requests.legal_forms import FORMS

#: The forms that an answer in XML may have: two more than a request, and no prefix, which breaks a real client.
_ANSWER_FORMS = frozenset(FORMS) - {"namespace-prefix"} | {"quotes", "processing-instructions"}
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@cache
def sampled(*choices: str) -> st.SearchStrategy[str]:
    """One of these. The strategy is cached: making one, which Hypothesis then validates, costs more than drawing from it."""
    return st.sampled_from(choices)


@st.composite
def xml_bodies(draw: st.DrawFn, job: JobInfo) -> bytes:
    """Legal answers in XML that show a job: any declaration, layout, comments, CDATA and character references."""
    return draw(xml_elements(xml_values(job)))


@st.composite
def xml_elements(
    draw: st.DrawFn, values: Mapping[str, str], forms: Container[str] = _ANSWER_FORMS, *, root: str = "jobInfo"
) -> bytes:
    """Legal XML: a root with these elements, in this order and in no forms but these."""
    encoding = draw(sampled("UTF-8", *(["UTF-16"] if "utf-16" in forms else [])))
    declarations = [f'<?xml version="1.0" encoding="{encoding}"?>']
    if "declaration" in forms:
        declarations.append(f"<?xml version='1.0' encoding='{encoding.lower()}' standalone='yes'?>")
    if "declaration" in forms and encoding != "UTF-16":
        declarations.append('<?xml version="1.0"?>')
    if "without-declaration" in forms and encoding != "UTF-16":
        declarations.append("")
    prefix = draw(sampled("", "b:", "async:")) if "namespace-prefix" in forms else ""
    spaces = _spaces(odd="white-space" in forms)
    in_tag = sampled("", " ") if "white-space" in forms else sampled("")
    before_name = draw(sampled(" ", "\t", "\n\t") if "white-space" in forms else sampled(" "))
    comments = ["", "", *(["<!-- a comment -->"] if "comments" in forms else [])]
    comments += ["<?note processing?>"] if "processing-instructions" in forms else []
    space, quote = draw(spaces), draw(sampled(*("\"'" if "quotes" in forms else '"')))
    attribute = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    parts = [draw(sampled(*declarations)), f"<{prefix}{root}{before_name}"]
    parts.append(f"{attribute}={quote}{NAMESPACE}{quote}{draw(in_tag)}>")
    for name, value in values.items():
        parts.append(f"{space}{draw(sampled(*comments))}<{prefix}{name}{draw(in_tag)}>")
        parts.append(f"{draw(_xml_text(value, forms))}</{prefix}{name}{draw(in_tag)}>")
    parts.append(f"{draw(spaces)}</{prefix}{root}>{draw(spaces)}")
    return "".join(parts).encode(encoding)


def _spaces(*, odd: bool) -> st.SearchStrategy[str]:
    return sampled("", "\n", " ", "\n  ", *(["\t", "\r\n "] if odd else []))


@st.composite
def _xml_text(draw: st.DrawFn, value: str, forms: Container[str]) -> str:
    plain = "".join(_ESCAPES.get(char, char) for char in value)
    cut = draw(st.integers(0, len(value)))
    written = [plain, plain]
    if "cdata" in forms:
        written.append(f"<![CDATA[{value}]]>")
    if "character-references" in forms:
        written.append("".join(f"&#{ord(char)};" for char in value))
    if "comments" in forms and plain == value:
        written.append(f"{value[:cut]}<!-- -->{value[cut:]}")
    return draw(sampled(*written))


@st.composite
def json_bodies(draw: st.DrawFn, job: JobInfo) -> bytes:
    """Legal answers in JSON that show a job: keys in any order, optional ones null or absent, any layout and escapes."""
    values = {name: value for name, value in json_values(job).items() if value is not None or draw(st.booleans())}
    return draw(json_objects(values))


@st.composite
def json_objects(draw: st.DrawFn, values: Mapping[str, JsonValue], forms: Container[str] = frozenset(FORMS)) -> bytes:
    """Legal JSON: an object with these values, in no forms but these."""
    spaces = _spaces(odd="json-white-space" in forms)
    before, after = draw(spaces), draw(spaces)
    members = []
    for name in draw(st.permutations(list(values))):
        value = values[name]
        written = draw(_json_text(value, forms)) if isinstance(value, str) else json.dumps(value)
        members.append(f"{before}{draw(_json_text(name, forms))}{after}:{before}{written}")
    return (before + "{" + f"{after},".join(members) + after + "}" + draw(spaces)).encode()


@st.composite
def _json_text(draw: st.DrawFn, text: str, forms: Container[str]) -> str:
    if "json-escapes" in forms and not draw(st.integers(0, 3)) and text:
        cut = draw(st.integers(0, len(text) - 1))
        return json.dumps(text[:cut])[:-1] + f"\\u{ord(text[cut]):04X}" + json.dumps(text[cut + 1 :])[1:]
    return json.dumps(text)
