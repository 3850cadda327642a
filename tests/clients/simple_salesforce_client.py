"""simple-salesforce: ``insert`` of its bulk handler, or the calls under it."""

from __future__ import annotations

import os
import sys

from simple_salesforce.bulk import SFBulkHandler

handler = SFBulkHandler(os.environ["JOBINFO_SESSION_ID"], os.environ["JOBINFO_ASYNC_URL"])
if sys.argv[1] == "load":
    assert all(result["success"] for result in handler.Account.insert([{"Name": "a"}, {"Name": "b"}]))
else:
    account = handler.Account
    job = account._create_job("insert", use_serial=False)["id"]  # noqa: SLF001  # what others build on
    account._add_batch(job, [{"Name": "a"}], "insert")  # noqa: SLF001
    account._close_job(job)  # noqa: SLF001
