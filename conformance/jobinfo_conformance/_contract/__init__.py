"""What closing a job promises: the jobInfo, its strict readers and writers, and the compiled schemas. No network."""
