"""What this machine is, and what was measured or built on it."""
