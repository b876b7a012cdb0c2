"""Attacks on a signed bundle, a keyring and a grant: each is refused by name."""
