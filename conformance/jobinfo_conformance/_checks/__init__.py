"""The checks: a function for each requirement, a module for each family."""
