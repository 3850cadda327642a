"""The catalogue: requirements, scenarios and faults as one value, which extensions make larger."""
