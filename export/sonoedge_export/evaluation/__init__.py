"""Accuracy of an engine on labelled frames."""
