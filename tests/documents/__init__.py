"""The documents: what they say is so, their commands run, and their recipes do what they promise."""
