"""The results of a run as typed values, and the only place that turns them into JSON and back."""
