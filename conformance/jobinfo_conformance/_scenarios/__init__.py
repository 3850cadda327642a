"""Scenarios: the requests that an endpoint is sent to obtain evidence, and what they cost."""
