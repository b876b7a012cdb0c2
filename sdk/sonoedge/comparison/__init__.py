"""Two bundles compared: what was modified, what judged it, and what it came to."""

from sonoedge.comparison.compare import Area, Change, Comparison, compare
from sonoedge.comparison.impact import FigureChange

__all__ = ["Area", "Change", "Comparison", "FigureChange", "compare"]
