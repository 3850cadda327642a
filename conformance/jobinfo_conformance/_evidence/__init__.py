"""What was seen: exchanges without secrets, and the histories of jobs that they make."""
