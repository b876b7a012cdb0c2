"""What a live session survives, and how fast: `sonoedge reliability`."""
