"""What a run found, as typed values, and the one place where they become JSON and come back from it."""
