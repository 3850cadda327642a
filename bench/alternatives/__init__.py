"""The suite beside schemathesis, which a user would pick instead: what each notices of a server that is wrong."""
