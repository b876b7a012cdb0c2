"""Where an engine's time goes, layer by layer."""
