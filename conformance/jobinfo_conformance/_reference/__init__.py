"""The reference implementation: a model of the contract that can be run, and read to learn the API."""
