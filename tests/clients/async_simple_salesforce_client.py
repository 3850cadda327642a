"""async-simple-salesforce: ``insert`` of its bulk handler, or the calls under it."""

from __future__ import annotations

import asyncio
import os
import sys

from simple_salesforce.aio.bulk import AsyncSFBulkHandler


async def main() -> None:
    """Load two records, or create and close a job."""
    account = AsyncSFBulkHandler(os.environ["JOBINFO_SESSION_ID"], os.environ["JOBINFO_ASYNC_URL"]).Account
    if sys.argv[1] == "load":
        async for result in await account.insert([{"Name": "a"}, {"Name": "b"}]):
            assert result["success"]
        return
    job = (await account._create_job("insert", use_serial=False))["id"]  # noqa: SLF001  # what others build on
    await account._add_batch(job, [{"Name": "a"}], "insert")  # noqa: SLF001
    await account._close_job(job)  # noqa: SLF001


asyncio.run(main())
