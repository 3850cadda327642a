"""Requests to the job resource: what each asks, the legal forms of a close, and its near misses."""
