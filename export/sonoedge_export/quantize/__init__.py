"""Quantized graphs: each engine gets the dialect in which it is fast."""
