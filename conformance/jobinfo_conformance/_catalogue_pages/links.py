"""Links in what a source says: to the vendor's documentation, RFCs and recommendations."""

from __future__ import annotations

import re
from collections.abc import Mapping

from jobinfo_conformance._catalogue.requirement import Source, Strength

_GUIDE = "https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/"
#: Pages of the Bulk API's guide, by what sources call them.
_PAGES: Mapping[str, str] = {
    "Close a Job": f"{_GUIDE}asynch_api_jobs_close.htm",
    "JobInfo": f"{_GUIDE}asynch_api_reference_jobinfo.htm",
    "Errors": f"{_GUIDE}asynch_api_reference_errors.htm",
}
_RECOMMENDATIONS: Mapping[str, str] = {
    "Namespaces in XML": "https://www.w3.org/TR/xml-names/",
    "XML 1.0": "https://www.w3.org/TR/xml/",
}
_RFC = re.compile(r"RFC (\d+)(?:, (\d+(?:\.\d+)*))?")


def linked(source: Source) -> str:
    """Return a source in Markdown: its kind, and what it says, with links."""
    return f"{source.strength.value}: {_linked_detail(source)}"


def _linked_detail(source: Source) -> str:
    detail = _RFC.sub(_rfc, source.detail)
    pages = _PAGES if source.strength is Strength.DOCUMENTATION else {}
    for name, address in {**pages, **_RECOMMENDATIONS}.items():
        detail = re.sub(rf"(?<![\w/\[]){re.escape(name)}(?![\w\]])", f"[{name}]({address})", detail, count=1)
    return detail


def _rfc(named: re.Match[str]) -> str:
    number, section = named.groups()
    place = f"#section-{section}" if section else ""
    return f"[{named[0]}](https://www.rfc-editor.org/rfc/rfc{number}.html{place})"
