"""Measurements side by side: paired where they can be, refused where they would mislead."""
