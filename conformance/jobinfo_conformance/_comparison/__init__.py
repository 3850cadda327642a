"""What changed between two recordings of an endpoint, such as of two versions of the API: a function over exchanges."""
