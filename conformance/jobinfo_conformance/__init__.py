"""The contract of closing a Bulk API 1.0 job, and a suite that tests implementations against it."""

__version__ = "0.1.0"
