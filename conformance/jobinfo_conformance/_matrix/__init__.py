"""Many implementations on one page: what holds of each, requirement by requirement."""
