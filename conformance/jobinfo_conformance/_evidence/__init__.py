"""What was seen: exchanges without secrets, and the histories of the jobs they are about."""
