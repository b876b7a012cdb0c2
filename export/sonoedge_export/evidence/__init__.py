"""The evidence pack: what is known of a bundle, every value with the file and key it stands in.

It reads a bundle and JSON documents that other verbs wrote, and computes no figure of its own but
counts. It needs neither torch nor an engine.
"""
