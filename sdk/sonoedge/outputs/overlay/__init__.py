"""Draw an analysis: contours on the picture, a status bar under it."""

from sonoedge.outputs.overlay.draw import draw
from sonoedge.outputs.overlay.guide import GuideLine, guide_from

__all__ = ["GuideLine", "draw", "guide_from"]
