"""The recipe: what an export is asked for."""
