"""The chapters of a pack: each takes the inputs and gives tables."""
