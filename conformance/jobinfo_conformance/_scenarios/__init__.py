"""Scenarios: what is asked of an endpoint to obtain evidence, and what it costs."""
