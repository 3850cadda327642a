"""Real clients: each does what stands in the table of docs/clients.md, requirement by requirement."""

from __future__ import annotations

import re

import pytest

from bench.documents import DOCS, text_between
from tests.clients.real import CALLS, CLIENTS, Missing, RealClient
from tests.clients.table import cell


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_a_client_breaks_what_it_is_known_to_break_and_nothing_else(client: RealClient, call: str) -> None:
    """Its requests alarm nobody, and what it lets pass is named."""
    try:
        broken = client.judged(call)
    except Missing as reason:
        pytest.skip(str(reason))
    assert broken == client.broken[call]


def test_the_table_in_the_document_says_what_is_known() -> None:
    """A row for each client and call; only its version is measured."""
    table = text_between(DOCS / "clients.md", "real clients")
    rows = re.findall(r"^\| ([\w -]+) \| [\d.]+\w* \| (\w+) \| (.+) \| (.+) \| (.+) \|$", table, re.MULTILINE)
    assert rows == [(client.name, call, *map(cell, _outcomes(client, call))) for client in CLIENTS for call in CALLS]


def _outcomes(client: RealClient, call: str) -> list[tuple[str, bool]]:
    from tests.clients.table import COLUMNS

    return [(requirement, requirement in client.broken[call]) for requirement in COLUMNS]
