"""Subjects: what a history shows, and what checks are handed."""
