"""From a frame to the engine's input, and from its output to regions."""
