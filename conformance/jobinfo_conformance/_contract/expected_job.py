"""What a job should be after the requests it accepted: its state and its number of batches."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class ExpectedJob:
    """A job's state and how many batches it accepted; ``state`` is None if the contract leaves it open."""

    state: str | None = "Open"
    batches: int = 0

    def asked_for(self, state: str) -> ExpectedJob:
        """The job after it accepted a request for a state.

        The contract does not say what becomes of a closed job that is aborted, or of an aborted job that is closed.
        """
        is_known = state == self.state or (self.state == "Open" and state in ("Closed", "Aborted"))
        return replace(self, state=state if is_known else None)

    def with_batch(self) -> ExpectedJob:
        """The job after it accepted a batch."""
        return replace(self, batches=self.batches + 1)
