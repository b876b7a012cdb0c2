"""From a trained network to the float graph that every engine is built from."""
