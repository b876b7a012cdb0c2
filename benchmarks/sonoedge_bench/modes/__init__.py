"""The ways to measure, one file each; `names` has the table."""
