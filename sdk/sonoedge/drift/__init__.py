"""Has what a network is shown, or what it answers, moved from what it was measured on?"""

from sonoedge.drift.counts import Counts
from sonoedge.drift.measure import Shift, compare

__all__ = ["Counts", "Shift", "compare"]
