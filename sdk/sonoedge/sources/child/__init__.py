"""Readers in a process of their own: what kills a decoder costs its file, never the host."""
