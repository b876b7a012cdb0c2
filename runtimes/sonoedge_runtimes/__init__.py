"""Engines, one small file each."""
