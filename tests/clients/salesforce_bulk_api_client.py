"""salesforce-bulk-api: ``upload``, or the calls under it."""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace

from salesforce_bulk_api import SalesforceBulkJob

version = os.environ["JOBINFO_API_VERSION"]
organization = SimpleNamespace(
    session_id=os.environ["JOBINFO_SESSION_ID"],
    base_url=f"{os.environ['JOBINFO_BASE_URL']}/services/data/v{version}/",
    sf_version=version,
    describe=lambda: {"sobjects": [{"name": "Account"}]},
)
job = SalesforceBulkJob("insert", "Account", salesforce=organization)
if sys.argv[1] == "load":
    job.upload(["Name"], [("a",), ("b",)])
    assert list(job.results())
else:
    job.create()
    job.add_batch(["Name"], [("a",)])
    job.close()
