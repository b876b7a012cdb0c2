"""Draw an analysis: contours on the picture, a status bar under it."""

from sonoedge.outputs.overlay.draw import draw

__all__ = ["draw"]
