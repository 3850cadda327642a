"""Clients that send right requests at the wrong time, to the wrong job or too often."""

from __future__ import annotations

from jobinfo_conformance._checks import client as family
from jobinfo_conformance._clients.conforming import ConformingClient, faulty


@faulty(family.no_batch_after_close)
class BatchAfterClose(ConformingClient):
    """A batch is added once the job is closed."""

    def close(self, job_id: str) -> None:
        """Close the job too early."""
        super().close(job_id)
        self.send(self.batch(job_id))


@faulty(family.closes_what_it_opened)
class NeverCloses(ConformingClient):
    """The second job is never closed."""

    def run(self) -> None:
        """With a second job."""
        super().run()
        self.create()


@faulty(family.closes_what_it_opened)
class ClosesAnotherJob(ConformingClient):
    """Of two jobs, the first is closed in place of the second."""

    def run(self) -> None:
        """With two jobs."""
        first, _second = self.create(), self.create()
        self.close(first)


@faulty(family.closes_what_it_opened)
class ClosesAJobOfOthers(ConformingClient):
    """A job is closed that the client did not open, besides its own."""

    def close(self, job_id: str) -> None:
        """And the other, whatever is answered."""
        super().close(job_id)
        self.send(self.closing("750000000000999AAA"))


@faulty(family.closes_what_it_opened)
class OpensOneJobForEachBatch(ConformingClient):
    """Each batch gets a job of its own, and only the last job is closed."""

    def run(self) -> None:
        """With three jobs."""
        jobs = [self.create() for _ in range(3)]
        for job_id in jobs:
            self.add_batch(job_id)
        self.close(jobs[-1])


@faulty(family.closes_once)
class ClosesTwice(ConformingClient):
    """The job is closed twice, to be sure."""

    def close(self, job_id: str) -> None:
        """Twice."""
        super().close(job_id)
        self.send(self.closing(job_id))


@faulty(family.closes_once)
class ClosesUntilRefused(ConformingClient):
    """The job is closed until the close is refused."""

    def close(self, job_id: str) -> None:
        """Once more, as long as that goes well."""
        super().close(job_id)
        while self.send(self.closing(job_id)).status < 400:
            pass
