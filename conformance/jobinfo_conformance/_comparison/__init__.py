"""What changed between two recordings of an endpoint, for example of two versions of the API."""
