"""What an export writes: the bundle's files and its manifest."""
