"""Faulty clients: each does one thing wrong, which a requirement of its own notices."""

from jobinfo_conformance._clients.faulty import answers, lives, requests

FAMILIES = (requests, lives, answers)
