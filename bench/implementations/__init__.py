"""The implementations that a registry has, servers and clients, under test: what docs/implementations.md shows."""
