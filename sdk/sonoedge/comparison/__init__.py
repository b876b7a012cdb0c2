"""Two bundles compared: what was modified, what judged it, and what it came to."""

from sonoedge.comparison.areas import Area
from sonoedge.comparison.compare import Change, Comparison, compare
from sonoedge.comparison.impact import FigureChange

__all__ = ["Area", "Change", "Comparison", "FigureChange", "compare"]
