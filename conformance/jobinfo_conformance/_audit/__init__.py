"""Archives of traffic of any size, judged job by job."""
