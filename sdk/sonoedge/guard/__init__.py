"""Is this frame fit to be analysed?

The guard sees the region of interest alone: what lies outside it has no say. Each
check is a file of its own with one token; the first that fails names the frame.
"""

from sonoedge.guard.detail import detail
from sonoedge.guard.form import form
from sonoedge.guard.guard import Guard
from sonoedge.guard.settings import GuardSettings

__all__ = ["Guard", "GuardSettings", "detail", "form"]
