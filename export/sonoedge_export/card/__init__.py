"""The model card: one value, and the forms that it is written in."""
