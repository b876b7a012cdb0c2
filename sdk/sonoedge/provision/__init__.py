"""Which engine is right for this device: built, checked and measured on it, kept here."""
