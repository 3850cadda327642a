"""The catalogue: requirements, scenarios and faults as one value, to which extensions add."""
