"""A coverage-guided fuzzer on whatever reads bytes from outside."""
