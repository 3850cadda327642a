"""Write the table of real clients into docs/clients.md: ``python -m tests.clients.table``.

It runs each client that is here, and says what it breaks. `tox -e clients-node` installs them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from bench.documents import DOCS, write_between
from tests.clients.real import CALLS, CLIENTS, DEPARTURE, REFUSAL, UNDERSTANDS, Missing

COLUMNS = (UNDERSTANDS, REFUSAL, DEPARTURE)


def cell(outcome: tuple[str, bool]) -> str:
    """What the table says of a requirement, with whether it is broken."""
    requirement, is_broken = outcome
    if not is_broken:
        return "pass"
    return "warning" if requirement == DEPARTURE else "fails"


def rows() -> Iterator[str]:
    """Yield the lines of the table. Raises Missing."""
    yield "| client | version | call | understands every answer | notices refusals | notices lies |"
    yield "|---|---|---|---|---|---|"
    for client in CLIENTS:
        for call in CALLS:
            broken = client.judged(call)
            others = broken - set(COLUMNS)
            if others:
                raise SystemExit(f"{client.name} {call} also breaks {', '.join(sorted(others))}: give it a column")
            cells = [cell((requirement, requirement in broken)) for requirement in COLUMNS]
            yield f"| {client.name} | {client.version} | {call} | {' | '.join(cells)} |"


def main() -> int:
    """Write the table into the document."""
    try:
        table = "\n".join(rows())
    except Missing as reason:
        sys.stderr.write(f"{reason}\n")
        return 2
    write_between(DOCS / "clients.md", "real clients", table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
