"""Named machines: how each is recognised, what runs on it, and how fast it must be."""
