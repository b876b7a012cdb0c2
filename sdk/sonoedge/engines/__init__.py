"""From a bundle to an engine that may be trusted."""
