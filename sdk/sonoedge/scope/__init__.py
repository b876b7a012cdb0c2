"""What a device was taught on the spot to leave alone: frames of another organ."""
