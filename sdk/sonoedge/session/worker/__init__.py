"""The process that runs the engine of a live session."""
