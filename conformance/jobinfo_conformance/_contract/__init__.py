"""What closing a job promises: the jobInfo, strict readers and writers of it, and the compiled schemas. No network."""
