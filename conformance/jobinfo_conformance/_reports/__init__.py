"""Views of the results of a run."""
