"""Subjects: the exchanges in a history that checks judge."""
