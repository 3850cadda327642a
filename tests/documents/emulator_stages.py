"""The emulator of the documents at each step of docs/emulator.md: without what later steps add."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from tests.conftest import ROOT

sys.path.append(str(ROOT / "docs" / "examples" / "emulator"))

from emulator import SESSION, Answer, Emulator, Job, Refused, served

__all__ = ["SESSION", "step_1", "step_2", "step_3", "step_4", "step_5", "step_6"]


class WithoutBatches(Emulator):
    """Knows no batches."""

    def batch(self, job: Job, method: str, batch_id: str | None, form: str) -> Answer:  # noqa: ARG002
        """Refuse it."""
        raise Refused("InvalidOperation", "there are no batches", 404)


class JsonAlone(WithoutBatches):
    """Reads no XML."""

    def route(self, method: str, path: str, media_type: str, form: str, body: bytes) -> Answer:
        """Refuse XML."""
        if (method, form) == ("POST", "XML"):
            raise Refused("UnsupportedContentType", "there is only JSON")
        return super().route(method, path, media_type, form, body)


class DocumentedFormAlone(JsonAlone):
    """Decompresses nothing, and knows a job by its whole id alone."""

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Take a body as it is."""
        return super().answer(method, path, {name: headers[name] for name in headers if name != "HTTP_CONTENT_ENCODING"}, body)

    def job(self, job_id: str) -> Job:
        """The job with an id of 18 characters."""
        if len(job_id) == 15:
            raise Refused("InvalidJob", "there is no such job")
        return super().job(job_id)


class RefusingNothing(DocumentedFormAlone):
    """Lets everybody in, and does to a job whatever is asked."""

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer whatever the session."""
        return super().answer(method, path, {**headers, "HTTP_X_SFDC_SESSION": SESSION}, body)

    def change(self, job_id: str, asked: dict[str, Any]) -> Job:
        """Give a job any state."""
        job = self.job(job_id)
        job.fields["state"] = asked.get("state", job.fields["state"])
        return job


class WithoutReads(RefusingNothing):
    """Shows a job in no other answer than that to a create or a close."""

    def route(self, method: str, path: str, media_type: str, form: str, body: bytes) -> Answer:
        """Refuse a read."""
        if method == "GET":
            raise Refused("InvalidOperation", "there are no reads", 404)
        return super().route(method, path, media_type, form, body)


step_1 = served(WithoutReads())
step_2 = served(RefusingNothing())
step_3 = served(DocumentedFormAlone())
step_4 = served(JsonAlone())
step_5 = served(WithoutBatches())
step_6 = served(Emulator())
