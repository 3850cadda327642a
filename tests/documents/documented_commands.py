"""The commands of the documents, and what is known of each: documented_commands.toml says how it can be run, or why not."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

PAGES = ["README.md", *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md")))]
KNOWN: dict[str, list[dict[str, str]]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))

_BLOCK = re.compile(r"(?:^    .*\n)+|^```(?:sh|bash|console)\n(?:.*\n)*?```$", re.MULTILINE)
_OTHER_FENCE = re.compile(r"^```(?!sh\n|bash\n|console\n)\w+\n(?:.*\n)*?```$", re.MULTILINE)
#: A name in the API reference, with the options of its entry.
_API_ENTRY = re.compile(r"^::: .*\n(?:    .*\n)*", re.MULTILINE)


@dataclass(frozen=True)
class DocumentedCommand:
    """A line that a reader would type."""

    page: str
    text: str

    def known_as(self, what: str) -> list[dict[str, str]]:
        """What the table of this name says of the command."""
        return [entry for entry in KNOWN[what] if self._is_meant_by(entry)]

    def at_hand(self, **values: Any) -> str:
        """The command with what is at hand here in place of what is the reader's."""
        text = self.text
        for entry in KNOWN["substitution"]:
            if entry.get("page", self.page) == self.page:
                text = re.sub(entry["pattern"], entry["by"], text)
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def _is_meant_by(self, entry: dict[str, str]) -> bool:
        return entry.get("page", self.page) == self.page and re.search(entry["pattern"], self.text) is not None


def commands_of(page: str) -> list[DocumentedCommand]:
    """The commands of a page, in their order.

    They stand in blocks that are indented by four blanks, or fenced as sh. Where a block shows output too, ``$`` precedes them.
    """
    text = _API_ENTRY.sub("", _OTHER_FENCE.sub("", (ROOT / page).read_text("utf-8")))
    return [DocumentedCommand(page, line) for block in _BLOCK.findall(text) for line in _commands_in(block)]


def _commands_in(block: str) -> list[str]:
    lines = re.sub(r"^```.*$", "", block, flags=re.MULTILINE).replace("\\\n", "").splitlines()
    lines = [re.sub(r"  +", " ", line.strip()) for line in lines]
    if any(line.startswith("$ ") for line in lines):
        lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return [line for line in lines if line]
