"""Clients under test: where they connect, how they are answered, how they are run, and what they are seen to do."""
