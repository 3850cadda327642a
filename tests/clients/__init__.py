"""Real clients, each driven by a small script: its ordinary call that loads records, and the low-level ones."""
