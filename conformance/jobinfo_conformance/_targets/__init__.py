"""Targets: where evidence comes from."""
