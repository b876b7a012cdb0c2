"""Frames, moments and recordings for tests."""
