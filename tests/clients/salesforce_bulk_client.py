"""salesforce-bulk: a job of CSV, from its create to its results, or no more than its create and its close."""

from __future__ import annotations

import os
import sys

from salesforce_bulk import CsvDictsAdapter, SalesforceBulk

bulk = SalesforceBulk(
    sessionId=os.environ["JOBINFO_SESSION_ID"],
    host=os.environ["JOBINFO_BASE_URL"],
    API_version=os.environ["JOBINFO_API_VERSION"],
)
job = bulk.create_insert_job("Account", contentType="CSV", concurrency="Parallel")
if sys.argv[1] == "load":
    batch = bulk.post_batch(job, CsvDictsAdapter(iter([{"Name": "a"}, {"Name": "b"}])))
    bulk.wait_for_batch(job, batch, sleep_interval=1)
    assert all(result.success == "true" for result in bulk.get_batch_results(batch))
bulk.close_job(job)
