"""The gate: what fails a run besides requirements that do not hold."""
