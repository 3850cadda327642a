"""The gate: what fails a run beside the requirements that do not hold."""
