"""The catalogue as documents: a page for each requirement, made from its code, its faults and real exchanges."""
