"""Scripts that show a problem again: on a job of their own, with sh and curl."""
