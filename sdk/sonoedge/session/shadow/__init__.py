"""A candidate bundle beside the one that counts: some frames are shown to both and compared."""
