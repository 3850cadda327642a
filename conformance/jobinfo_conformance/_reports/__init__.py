"""Reports: views of the results of a run."""
