"""Structured channel pruning: chosen by measured milliseconds, recovered by distillation."""
