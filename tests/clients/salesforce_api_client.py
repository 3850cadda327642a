"""salesforce-api: ``insert`` of its bulk service, or its job."""

from __future__ import annotations

import os
import sys

from salesforce_api import config
from salesforce_api.login import plain_access_token
from salesforce_api.services.bulk.v1 import OPERATION, Client, Job

config.BULK_SLEEP_SECONDS = 1
connection = plain_access_token(
    os.environ["JOBINFO_BASE_URL"], os.environ["JOBINFO_SESSION_ID"], None, os.environ["JOBINFO_API_VERSION"]
)
if sys.argv[1] == "load":
    Client(connection).insert("Account", [{"Name": "a"}, {"Name": "b"}])
else:
    job = Job.create(connection, OPERATION.INSERT, "Account")
    job.add_batch([{"Name": "a"}])
    job.close()
