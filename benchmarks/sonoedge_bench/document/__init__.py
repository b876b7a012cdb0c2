"""A measurement as a JSON document: how it is built, what it looks like, how it is read back."""

SCHEMA = "sonoedge-bench-2"
