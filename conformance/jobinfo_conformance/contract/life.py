"""The life of a job: what its state and its number of batches are, after whatever was asked of it and accepted."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Life:
    """A job's state, and how many batches were accepted; ``state`` is None where the contract leaves it open."""

    state: str | None = "Open"
    batches: int = 0

    def asked_for(self, state: str) -> Life:
        """The job, once it accepted a request for a state.

        What the contract does not know is left open: an abort of a closed job, a close of an aborted one.
        """
        known = self.state == "Open" and state in ("Open", "Closed", "Aborted")
        return replace(self, state=state if known or state == self.state else None)

    def with_batch(self) -> Life:
        """The job, once it accepted a batch."""
        return replace(self, batches=self.batches + 1)
