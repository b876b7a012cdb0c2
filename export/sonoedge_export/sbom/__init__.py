"""The bill of materials of a bundle."""
